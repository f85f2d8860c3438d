import avro, { type Type, type types } from 'avsc';
import { tagOfBranch } from './body-branch.ts';

/** Turns what avsc reads into plain data. */
export type PlainReader = (value: unknown) => unknown;

/**
 * Makes the reader of a type: records become plain objects whose null fields are left out; a value of a union of
 * records carries the branch's tag as `type`.
 */
export function plainReader(type: Type): PlainReader {
  return readerOf(type) ?? ((value) => value);
}

/** null: values of the type are plain already. */
function readerOf(type: Type): PlainReader | null {
  if (type instanceof avro.types.RecordType) return recordReader(type);
  if (type instanceof avro.types.WrappedUnionType) return branchReader(type);
  if (type instanceof avro.types.UnwrappedUnionType) return optionalReader(type);
  if (type instanceof avro.types.ArrayType) return arrayReader(type);
  return null;
}

function recordReader(type: types.RecordType, tag?: string): PlainReader {
  const fields = type.fields.map((field) => ({ name: field.name, read: readerOf(field.type) }));
  return (value) => {
    const source = value as Record<string, unknown>;
    const plain: Record<string, unknown> = tag === undefined ? {} : { type: tag };
    for (const { name, read } of fields) {
      const part = source[name];
      if (part !== null) plain[name] = read === null ? part : read(part);
    }
    return plain;
  };
}

function branchReader(type: types.WrappedUnionType): PlainReader {
  const readers: Record<string, PlainReader> = Object.create(null);
  for (const branch of type.types)
    readers[branch.branchName!] = recordReader(branch as types.RecordType, tagOfBranch(branch.branchName!));
  return (value) => {
    const wrapped = value as Record<string, unknown>;
    for (const name in wrapped) return readers[name]!(wrapped[name]);
    throw new Error('a union value without its branch');
  };
}

function optionalReader(type: types.UnwrappedUnionType): PlainReader | null {
  return type.types.map(readerOf).find((read) => read !== null) ?? null;
}

function arrayReader(type: types.ArrayType): PlainReader | null {
  const read = readerOf(type.itemsType);
  return read && ((value) => (value as unknown[]).map(read));
}
