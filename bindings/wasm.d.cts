// What `require("wsimd/wasm")` gives: the module itself. Copied into dist/cjs by scripts/build.mjs.

/** The module of this version, for `init({ module })`. */
declare const module: WebAssembly.Module;
export = module;
