// What the tests run in, and what it does in a way of its own.

type RuntimeName = "node" | "deno" | "bun" | "browser";

const {
  Deno,
  Bun,
  process: platform,
} = globalThis as {
  Deno?: object;
  Bun?: object;
  process?: { versions?: { node?: string } };
};

export const runtime: RuntimeName =
  Deno !== undefined ? "deno" : Bun !== undefined ? "bun" : platform?.versions?.node !== undefined ? "node" : "browser";

/**
 * Imports a compiled file once more, as a second build would load it: another module, with nothing of the first.
 *
 * @param url   of the file. Only its path is imported: Bun takes a `file:` URL for the same module, whatever its query
 * @param name  tells this copy from others
 */
export function copyOf<T>(url: URL, name = "copy"): Promise<T> {
  return import(`${url.pathname}?${name}`);
}

/** What starts a program of this runtime without a JIT, and so without WebAssembly: options before the program, variables. */
export const withoutJit: { readonly options: readonly string[]; readonly env: Readonly<Record<string, string>> } = {
  options: runtime === "node" ? ["--jitless"] : [],
  env: runtime === "deno" ? { DENO_V8_FLAGS: "--jitless" } : runtime === "bun" ? { BUN_JSC_useWasm: "0" } : {},
};
