// Which kernel serves this thread: the WebAssembly one where it can be instantiated, else the scalar twin, or the one the
// application asks for. Made at first use, synchronously; kept for the thread, shared by every build of this version.
// Reads no environment variable: Node entries do, and call initSync.

import { UsageError } from "../errors/classes.ts";
import { checkOptionNames } from "../options.ts";
import { share } from "../share.ts";
import { checkModule, isOurModule } from "./given-module.ts";
import type { Kernel, KernelName } from "./kernel.ts";
import { createScalarKernel } from "./scalar.ts";
import { createWasmKernel } from "./wasm.ts";

/** What `init` and `initSync` take. */
export interface InitOptions {
  /**
   * `"auto"` (default): WebAssembly where it is not refused, else scalar. `"wasm"`: WebAssembly or an error. `"scalar"`:
   * no WebAssembly.
   */
  readonly kernel?: KernelName | "auto" | undefined;
  /**
   * The module, compiled before: what `wsimd/wasm` gives, or `wsimd/wsimd.wasm` compiled by the application. For platforms
   * that compile none at run time, and pages that compile as they load.
   */
  readonly module?: WebAssembly.Module | undefined;
}

const optionNames: ReadonlySet<string> = new Set(["kernel", "module"]);

interface Selection {
  current: Kernel | undefined;
  wasm: Kernel | undefined;
  scalar: Kernel | undefined;
  /** The module that came with the platform's own entry; used before the inlined one. */
  provided: WebAssembly.Module | undefined;
  /** Why WebAssembly was refused; it is tried once, since each try may be reported as a violation of a CSP. */
  refusal: unknown;
}

const selection: Selection = /*#__PURE__*/ share<Selection>("kernels", {
  current: undefined,
  wasm: undefined,
  scalar: undefined,
  provided: undefined,
  refusal: undefined,
});

function wasmKernel(module?: WebAssembly.Module): Kernel {
  if (selection.wasm !== undefined) return selection.wasm;
  if (selection.refusal !== undefined && module === undefined) throw selection.refusal;
  try {
    selection.wasm = createWasmKernel(module ?? selection.provided);
  } catch (refusal) {
    if (module === undefined) selection.refusal = refusal; // where compiling is refused a compiled module may serve
    throw refusal;
  }
  return selection.wasm;
}

function scalarKernel(): Kernel {
  selection.scalar ??= createScalarKernel();
  return selection.scalar;
}

function autoKernel(module?: WebAssembly.Module): Kernel {
  try {
    return wasmKernel(module);
  } catch {
    return scalarKernel();
  }
}

/** The kernel in use; chosen now, if nothing chose one before. Throws nothing. */
export function currentKernel(): Kernel {
  selection.current ??= autoKernel();
  return selection.current;
}

/**
 * Takes the compiled module that an entry for one platform imports, before anything is decoded. What is not ours, as where a
 * bundler makes something else of the import, is left: then the inlined module is tried, as everywhere. Throws nothing.
 */
export function provideModule(module: unknown): void {
  if (isOurModule(module)) selection.provided = module;
}

/**
 * Chooses the kernel for what is made from now on; connections and decoders that exist keep theirs.
 *
 * @returns  the name of the kernel now in use
 * @throws   UsageError for an unknown name, for a `module` that is not ours, and where `"wasm"` was asked for and is refused
 *           (its `cause` says why)
 */
export function initSync(options: InitOptions = {}): KernelName {
  checkOptionNames("init", options, optionNames);
  const { kernel = "auto", module } = options;
  if (module !== undefined) checkModule(module);
  switch (kernel) {
    case "auto":
      selection.current = autoKernel(module);
      break;
    case "scalar":
      selection.current = scalarKernel();
      break;
    case "wasm":
      try {
        selection.current = wasmKernel(module);
      } catch (cause) {
        const error = new UsageError("WS_KERNEL_REFUSED", `the WebAssembly kernel is refused here: ${String(cause)}`);
        error.cause = cause;
        throw error;
      }
      break;
    default:
      throw new UsageError("WS_OPTION", `kernel must be "auto", "wasm" or "scalar", not ${String(kernel)}`);
  }
  return selection.current.name;
}

/** As `initSync`, for programs that await their start-up: what it throws is the rejection. */
export async function init(options: InitOptions = {}): Promise<KernelName> {
  return initSync(options);
}
