// What the functions of the replaced packages take as octets: any view of a buffer, as their native add-ons do. What is no
// view, which ends the process there, is a TypeError here.

/**
 * The octets of a view; nothing is copied.
 *
 * A view that says another length than it has (a property of its own hides the one it inherits) is refused: the way through
 * linear memory trusts lengths. No element behind a view's end can be read, whatever it says.
 *
 * @param name  what the function calls it, for the error
 * @throws      TypeError for anything but a view of an ArrayBuffer or a SharedArrayBuffer
 */
export function octetsOf(value: unknown, name: string): Uint8Array {
  if (!ArrayBuffer.isView(value)) throw new TypeError(`${name} must be a Uint8Array or another view of a buffer`);
  // Not an instance of this realm's class: of another's, or of other elements.
  if (!(value instanceof Uint8Array)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  const { length } = value;
  if ((length !== 0 && value[length - 1] === undefined) || value[length] !== undefined)
    throw new TypeError(`${name} has another length than it says`);
  return value;
}
