/** Makes properties of a prototype ones that whoever lists an object finds. */
export function enumerate(prototype: object, names: readonly string[]): void {
  for (const name of names) Object.defineProperty(prototype, name, { enumerable: true });
}
