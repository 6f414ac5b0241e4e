// A header and its payload as one: where every write is a call of the system, copying them together costs less.

/** Octets up to which they are. */
export const JOIN_LENGTH = 65_536;

/** A copy of both, in order. */
export function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const octets = new Uint8Array(first.length + second.length);
  octets.set(first);
  octets.set(second, first.length);
  return octets;
}
