// The words after `npm run exhaustive --`, made into tasks.

import { MistakeError, optionsOf } from "../support/command-line.ts";
import type { KernelChoice, Task } from "./run.ts";

const LAST_SEQUENCE = 0xffffffff;

/** Where each kernel sees every sequence by default: the scalar twin goes octet by octet and knows no blocks. */
const defaultPositions: Readonly<Record<KernelChoice, readonly string[]>> = {
  wasm: ["0+0", "13+0", "14+0", "15+0", "13+15", "14+14", "15+13"],
  scalar: ["0+0"],
};

export const help: string = `
Judges every sequence of four octets, all 2^32 of them, by validateUtf8 of the module that is shipped and of its scalar
twin, and compares what they return with Unicode's table 3-7: complete, invalid, or which octets must follow.

  npm run exhaustive -- [options]

  --from HEX, --to HEX   the first and the last sequence: default 00000000 and ffffffff
  --positions LIST       octets of valid text before and after the sequence, as in 0+0,13+15. By default
                           wasm    ${defaultPositions.wasm.join(",")}
                           scalar  ${defaultPositions.scalar.join(",")}
                         0+0 is the sequence alone. From 13 octets on the edge of a vector of 16 octets cuts it; where
                         nothing follows, the state for the next piece is what is compared.
  --kernels LIST         wasm, scalar or both: default wasm,scalar
  --workers COUNT        threads: default one a processor

All of it, eight times 2^32 texts, took 372 s on a busy 2-core x86-64 virtual machine; a whole text across an edge is about
16 ns, the sequence alone 12. Exit code 1 if there is one disagreement, 2 for arguments that cannot be meant.
`.trim();

export interface Arguments {
  readonly tasks: readonly Task[];
  readonly workers: number;
}

function wrong(option: string, text: string): MistakeError {
  return new MistakeError(`--${option}: ${JSON.stringify(text)} will not do; see --help`);
}

function sequenceOf(option: string, text: string): number {
  if (!/^[0-9a-f]{1,8}$/i.test(text)) throw wrong(option, text);
  return Number.parseInt(text, 16);
}

function positionOf(text: string): readonly [before: number, after: number] {
  const found = /^(\d{1,4})\+(\d{1,4})$/.exec(text);
  if (found === null) throw wrong("positions", text);
  return [Number(found[1]), Number(found[2])];
}

/**
 * Reads arguments; null where they ask for help.
 *
 * @throws  MistakeError that names the option that is wrong
 */
export function readArguments(words: readonly string[], processors: number): Arguments | null {
  const values = optionsOf(words, {
    from: { type: "string", default: "00000000" },
    to: { type: "string", default: LAST_SEQUENCE.toString(16) },
    positions: { type: "string" },
    kernels: { type: "string", default: "wasm,scalar" },
    workers: { type: "string", default: String(processors) },
    help: { type: "boolean", default: false },
  });
  if (values.help) return null;
  const from = sequenceOf("from", values.from);
  const last = sequenceOf("to", values.to);
  if (last < from) throw wrong("to", values.to);
  const workers = Number(values.workers);
  if (!Number.isInteger(workers) || workers < 1 || workers > 256) throw wrong("workers", values.workers);
  const tasks = values.kernels.split(",").flatMap((kernel) => {
    if (kernel !== "wasm" && kernel !== "scalar") throw wrong("kernels", values.kernels);
    return (values.positions?.split(",") ?? defaultPositions[kernel]).map((text): Task => {
      const [before, after] = positionOf(text);
      return { kernel, before, after, from, last };
    });
  });
  return { tasks, workers };
}
