export type SqlValue = string | number | null | Uint8Array;

export function flag(value: boolean): 0 | 1;
export function flag(value: boolean | undefined): 0 | 1 | null;
export function flag(value: boolean | undefined): 0 | 1 | null {
  return value === undefined ? null : value ? 1 : 0;
}

export function json(value: object | undefined): string | null {
  return value === undefined ? null : JSON.stringify(value);
}
