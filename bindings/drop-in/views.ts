// What the functions of the replaced packages take as octets: any view of a buffer, as their native add-ons do. What is no
// view, which ends the process there, is a TypeError here.
//
// A length that a view says is not trusted before it goes into linear memory. A property of its own may hide the one it
// inherits; and on Node 20 and 22, optimised code that has met views of resizable buffers reads the length that a detached one had.
// Elements tell the truth always: there is none behind a view's end.

/**
 * The octets of a view; nothing is copied.
 *
 * @param name  what the function calls it, for the error
 * @throws      TypeError for anything but a view of an ArrayBuffer or a SharedArrayBuffer
 */
export function octetsOf(value: unknown, name: string): Uint8Array {
  if (!ArrayBuffer.isView(value)) throw new TypeError(`${name} must be a Uint8Array or another view of a buffer`);
  // Not an instance of this realm's class: of another's, or of other elements.
  if (!(value instanceof Uint8Array)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  return value;
}

/**
 * The length of `octets`, in octets.
 *
 * @param name  what the function calls them, for the error
 * @throws      TypeError where they say another length than they have
 */
export function lengthOf(octets: Uint8Array, name: string): number {
  const { length } = octets;
  if ((length !== 0 && octets[length - 1] === undefined) || octets[length] !== undefined)
    throw new TypeError(`${name} has another length than it says, or is detached`);
  return length;
}
