// What the package may weigh: the module in octets as it is, the rest minified by esbuild and gzipped. Whoever passes a budget
// says why in the commit that raises it. docs/bench.md#size-and-start tells what is in the core entry.

/** Octets of the module. */
export const MODULE_BUDGET = 8192;

/** Octets of all that an entry of package.json gives, by the entry. Those of Node leave out what is Node's own. */
export const entryBudgets: Readonly<Record<string, number>> = {
  wsimd: 44_500,
  "wsimd/deflate": 10_600,
  "wsimd/node": 66_500,
  "wsimd/deno": 55_000,
  "wsimd/bun": 54_500,
  "wsimd/web": 55_000,
  "wsimd/ws": 61_000,
  "wsimd/register": 2000,
  "wsimd/bufferutil": 11_200,
  "wsimd/utf-8-validate": 10_900,
  "wsimd/wasm": 4200,
};

/** Octets of a program that imports these names of the core entry and no others: bundles hold what is used. */
export const importBudgets: Readonly<Record<string, number>> = {
  isValidUtf8: 10_800,
  "FrameDecoder, encodeFrame": 16_700,
  Connection: 32_500,
};
