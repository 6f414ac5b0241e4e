// How much memory this process may use: the machine's, or what its control group has of it.

import { totalmem } from "node:os";

/** Deno asks its user before it tells of the machine; this file does not have it ask. */
interface DenoMemory {
  systemMemoryInfo(): { readonly total: number };
  readonly permissions: { querySync(descriptor: object): { readonly state: string } };
}

function machineLength(): number | undefined {
  const { Deno: deno } = globalThis as { readonly Deno?: DenoMemory };
  if (deno === undefined) return totalmem();
  const { state } = deno.permissions.querySync({ name: "sys", kind: "systemMemoryInfo" });
  return state === "granted" ? deno.systemMemoryInfo().total : undefined;
}

/** Octets; undefined where the runtime does not say. */
export function memoryLength(): number | undefined {
  const machine = machineLength();
  if (machine === undefined) return undefined;
  const constrained = process.constrainedMemory?.() ?? 0; // 0 where nothing constrains it, on some platforms 2^64
  return constrained === 0 ? machine : Math.min(machine, constrained);
}
