// What console.log shows of an object: some of its properties, in place of its internals or of nothing.

const custom: symbol = Symbol.for("nodejs.util.inspect.custom");

type Inspect = (value: unknown, options: object) => string;

/** Has objects with a prototype shown by the values of the named properties. */
export function showBy<T extends object>(prototype: T, names: readonly (keyof T & string)[]): void {
  Object.defineProperty(prototype, custom, {
    configurable: true,
    value(this: T, _depth: number, options: object, inspect: Inspect): string {
      const shown = names.map((name) => [name, this[name]]);
      return `${this.constructor.name} ${inspect(Object.fromEntries(shown), options)}`;
    },
  });
}
