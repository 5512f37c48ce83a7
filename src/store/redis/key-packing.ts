/*
 * What clients make up as an idempotency key is mostly 128 random bits, as a UUID or as 32 hexadecimal digits. Written out it would make an entry half
 * as large again, so those two are stored as 22 characters, in fields of their own: u and h. Any other key is stored as it is: k.
 */

const UUID = /^([0-9a-f]{8})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{12})$/;
const HEX = /^[0-9a-f]{32}$/;
const PACKED = /^[A-Za-z0-9_-]{22}$/;

/** A key as an entry holds it. */
export type PackedKey = { readonly k: string } | { readonly u: string } | { readonly h: string };

/** The fields of an entry that say its key. */
export function packKey(key: string): PackedKey {
  if (HEX.test(key)) return { h: toPacked(key) };
  return UUID.test(key) ? { u: toPacked(key.replaceAll('-', '')) } : { k: key };
}

/** The key that these fields say; null where they say none, undefined where they cannot be read. */
export function unpackKey({ k, u, h }: Readonly<Record<string, unknown>>): string | null | undefined {
  if (k !== undefined) return typeof k === 'string' ? k : undefined;
  const packed = u ?? h;
  if (packed === undefined) return null;
  if (typeof packed !== 'string' || !PACKED.test(packed)) return undefined;
  const hex = Buffer.from(packed, 'base64url').toString('hex');
  return u === undefined ? hex : hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

const toPacked = (hex: string): string => Buffer.from(hex, 'hex').toString('base64url');
