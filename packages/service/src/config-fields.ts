import { z } from 'zod';

/** Whole milliseconds in [min, max]. */
export const milliseconds = (min: number, max: number) => z.coerce.number().int().min(min).max(max);
export const count = (min: number, max: number) => z.coerce.number().int().min(min).max(max);
export const onOff = z.enum(['on', 'off']).transform((value) => value === 'on');

/** A comma-separated list; blanks around items are dropped. */
export const list = z.string().transform((text) =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== ''),
);

export interface Rate {
  perSecond: number;
  burst: number;
}

/** "20/100": per second / burst. */
export const rate = z
  .string()
  .regex(/^\d+(\.\d+)?\/\d+$/, 'expected "perSecond/burst"')
  .transform((text): Rate => {
    const [perSecond, burst] = text.split('/').map(Number);
    return { perSecond: perSecond!, burst: burst! };
  });

/** Where the log, the store or the bus is: `scheme:rest`. */
export const adapterUrl = (schemes: readonly string[]) =>
  z.string().refine((text) => schemes.some((scheme) => text.startsWith(`${scheme}:`)), {
    message: `expected one of ${schemes.map((scheme) => `${scheme}:…`).join(', ')}`,
  });

export const logLevel = z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']);
