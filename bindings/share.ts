// One kernel a thread and one set of error classes, whichever mix of the ESM and CommonJS builds a program loads: the
// first build to arrive puts its own under a global symbol, the others take them from there.
// Knows nothing of what is shared. The version is part of the key: two versions of wsimd in one program stay apart.

/** The package and its version; the module is marked with it too. */
export const identity: string = "wsimd@0.1.0";

const registryKey: symbol = /*#__PURE__*/ Symbol.for(identity);

type Registry = Map<string, unknown>;

function registry(): Registry {
  const holder = globalThis as unknown as Record<symbol, Registry | undefined>;
  let found = holder[registryKey];
  if (found === undefined) {
    found = new Map();
    Object.defineProperty(globalThis, registryKey, { value: found });
  }
  return found;
}

/**
 * Returns the value shared under `name`, which is `value` where nobody shared one before.
 *
 * @param name   the same in every build
 * @param value  kept for the life of the thread if it is the first
 */
export function share<T>(name: string, value: T): T {
  const shared = registry();
  if (!shared.has(name)) shared.set(name, value);
  return shared.get(name) as T;
}
