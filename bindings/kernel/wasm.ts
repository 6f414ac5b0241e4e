// The kernel in WebAssembly: assembly/ compiled, inlined as base64, instantiated through the AssemblyScript loader once.
// Its wrapped exports cost 8 ns a call, the raw ones 3: the raw ones are used.

import { instantiateSync } from "@assemblyscript/loader";
import { assembleKernel } from "./assemble.ts";
import type { Kernel, KernelFunctions, KernelLayout } from "./kernel.ts";
import { moduleBase64 } from "./module.ts";

/** Where each address and capacity of the layout is found among the module's exports. */
const layoutNames: Readonly<Record<keyof KernelLayout, string>> = {
  controlPtr: "CONTROL_PTR",
  recordsPtr: "RECORDS_PTR",
  inputPtr: "INPUT_PTR",
  inputHeadroom: "INPUT_HEADROOM",
  inputCapacity: "INPUT_CAPACITY",
  scratchPtr: "SCRATCH_PTR",
  scratchCapacity: "SCRATCH_CAPACITY",
  utf16Ptr: "UTF16_PTR",
  utf16Capacity: "UTF16_CAPACITY",
};

/** What a module must export to be made a kernel of. */
export const exportedByModule: readonly string[] = /*#__PURE__*/ [
  "memory",
  "decode",
  "encode",
  "mask",
  "highBits",
  "validateUtf8",
  "transcode",
].concat(/*#__PURE__*/ Object.values(layoutNames));

type Exports = KernelFunctions & { readonly memory: WebAssembly.Memory } & Readonly<Record<string, WebAssembly.Global>>;

/** The octets of the module that is inlined, in memory of their own. */
export function moduleOctets(): Uint8Array<ArrayBuffer> {
  const text = atob(moduleBase64);
  const octets = new Uint8Array(text.length);
  for (let index = 0; index < text.length; index++) octets[index] = text.charCodeAt(index);
  return octets;
}

/**
 * Instantiates the module.
 *
 * @param module  a module compiled elsewhere, or its octets; the inlined module where it is left out
 * @throws        what WebAssembly throws where it or SIMD is refused (CompileError under a strict CSP, ReferenceError
 *                where there is no WebAssembly)
 */
export function createWasmKernel(module?: WebAssembly.Module | Uint8Array<ArrayBuffer>): Kernel {
  // The loader knows modules by their class: one of another realm it would take for octets.
  const isCompiled = module !== undefined && !(module instanceof Uint8Array);
  const instance = isCompiled
    ? new WebAssembly.Instance(module, {})
    : instantiateSync(module ?? moduleOctets(), {}).instance;
  const exports = instance.exports as unknown as Exports;
  const values = Object.entries(layoutNames).map(([key, name]) => [key, exports[name]!.value as number]);
  const layout = Object.fromEntries(values) as KernelLayout;
  return assembleKernel("wasm", exports.memory.buffer as ArrayBuffer, layout, exports);
}
