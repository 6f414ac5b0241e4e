// What console.log shows of an object: some of its properties, in place of its internals or of nothing.

const custom: symbol = Symbol.for("nodejs.util.inspect.custom");

type Inspect = (value: unknown, options: object) => string;

/** Objects that are being shown: one that leads back to itself is not shown again. */
const showing = new Set<object>();

/** Has objects with a prototype shown by the values of the named properties. */
export function showBy<T extends object>(prototype: T, names: readonly (keyof T & string)[]): void {
  Object.defineProperty(prototype, custom, {
    configurable: true,
    value(this: T, depth: number | null, options: object, inspect: Inspect): string {
      const { name } = this.constructor;
      if (showing.has(this)) return `[Circular ${name}]`;
      if (depth !== null && depth < 0) return `[${name}]`;
      showing.add(this);
      try {
        const shown = names.map((property) => [property, this[property]]);
        return `${name} ${inspect(Object.fromEntries(shown), { ...options, depth })}`;
      } catch {
        return `${name} {}`; // a proxy, or what only inherits from one: it has no attributes of its own
      } finally {
        showing.delete(this);
      }
    },
  });
}
