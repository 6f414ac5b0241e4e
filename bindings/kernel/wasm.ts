// The kernel in WebAssembly: assembly/ compiled, inlined as base64, instantiated through the AssemblyScript loader once.
// Its wrapped exports cost 8 ns a call, the raw ones 3: the raw ones are used.

import { instantiateSync } from "@assemblyscript/loader";
import { assembleKernel } from "./assemble.ts";
import type { Kernel, KernelFunctions } from "./kernel.ts";
import { moduleBase64 } from "./module.ts";

type Exports = KernelFunctions & { readonly memory: WebAssembly.Memory } & Readonly<Record<string, WebAssembly.Global>>;

function octetsOfBase64(base64: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64);
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
  const { instance } = instantiateSync(module ?? octetsOfBase64(moduleBase64), {});
  const exports = instance.exports as unknown as Exports;
  const address = (name: string): number => exports[name]!.value as number;
  const layout = {
    controlPtr: address("CONTROL_PTR"),
    recordsPtr: address("RECORDS_PTR"),
    inputPtr: address("INPUT_PTR"),
    inputHeadroom: address("INPUT_HEADROOM"),
    inputCapacity: address("INPUT_CAPACITY"),
    scratchPtr: address("SCRATCH_PTR"),
    scratchCapacity: address("SCRATCH_CAPACITY"),
    utf16Ptr: address("UTF16_PTR"),
    utf16Capacity: address("UTF16_CAPACITY"),
  };
  return assembleKernel("wasm", exports.memory.buffer as ArrayBuffer, layout, exports);
}
