// Judges a module that the application compiled, before a kernel is made of it: a wrong one is the caller's mistake, and must
// not look like a platform that refuses WebAssembly.

import { UsageError } from "../errors/classes.ts";
import { identity } from "../share.ts";
import { exportedByModule } from "./wasm.ts";

/** What an object is, as the platform names it: "Response", "ArrayBuffer", "Promise". */
const kindOf = (value: unknown): string => Object.prototype.toString.call(value).slice("[object ".length, -1);

/** Whether a value is a compiled module; `instanceof` would say no to those of another realm, as sandboxes import them. */
function isModule(value: unknown): value is WebAssembly.Module {
  try {
    WebAssembly.Module.exports(value as WebAssembly.Module);
    return true;
  } catch {
    return false; // or there is no WebAssembly
  }
}

/** What is wrong with a module; undefined for ours. */
function faultOf(module: WebAssembly.Module): string | undefined {
  const exported = new Set(WebAssembly.Module.exports(module).map(({ name }) => name));
  const missing = exportedByModule.find((name) => !exported.has(name));
  if (missing !== undefined) return `it does not export ${missing}`;
  // Its memory map would be another. What strips custom sections takes the mark with it, so none at all is let pass.
  const marks = WebAssembly.Module.customSections(module, "wsimd").map((octets) => new TextDecoder().decode(octets));
  return marks.every((mark) => mark === identity) ? undefined : `it is that of ${marks[0]}, and this is ${identity}`;
}

/** Whether a value is the module of this version of wsimd. Throws nothing. */
export function isOurModule(value: unknown): value is WebAssembly.Module {
  return isModule(value) && faultOf(value) === undefined;
}

/**
 * Checks the option `module`.
 *
 * @throws  UsageError (`WS_OPTION`) for what is no compiled module, and for one that is not this version's; says which
 */
export function checkModule(module: unknown): asserts module is WebAssembly.Module {
  if (!isModule(module)) {
    throw new UsageError(
      "WS_OPTION",
      `module must be a WebAssembly.Module, not ${kindOf(module)}: pass what WebAssembly.compileStreaming(fetch(url)) or WebAssembly.compile(octets) resolves with`,
    );
  }
  const fault = faultOf(module);
  if (fault !== undefined) {
    throw new UsageError("WS_OPTION", `module must be the one that wsimd/wasm gives: ${fault}`);
  }
}
