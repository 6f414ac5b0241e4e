// The entry `wsimd/wasm`: the module, compiled. Here it is made of the octets that are inlined; where a platform compiles
// nothing at run time, the package's exports give an entry that imports the file instead. See docs/edge.md.

import { moduleOctets } from "./kernel/wasm.ts";

/**
 * The module of this version, for `init({ module })`: compiled when this entry is imported.
 *
 * @throws  on import, what WebAssembly throws where it or SIMD is refused
 */
const module: WebAssembly.Module = /*#__PURE__*/ new WebAssembly.Module(/*#__PURE__*/ moduleOctets());

export default module;
