// The command line of `npm run fuzz`: words in, a command out. Starts nothing and prints nothing.

import { choiceOf, MistakeError, numberOf, optionsOf } from "../support/command-line.ts";
import { type Kind, kinds } from "./generate.ts";

const DEFAULT_SECONDS = 60;

export const help: string = `Usage: npm run fuzz -- [--seconds N] [--chunks N] [--seed S] [--only KIND]
       npm run fuzz -- --case SEED

Random octets, conversations and handshakes in random chunks, to both kernels, to FrameDecoder and to ws.

  --seconds N   stop after N seconds (default: ${DEFAULT_SECONDS}, or none where --chunks is given)
  --chunks N    stop after N chunks; with --seconds, whichever comes first
  --seed S      the run's seed, a whole number below 2^32 (default: a random one, which is printed)
  --only KIND   one kind of case: ${kinds.join(", ")}
  --case SEED   run the case of a seed again, on everything, and show what each said
  --help        print this and exit

Exit code: 0 where nothing was found, 1 where something was: it is printed, cut down, with the seed of its case; also for
wrong arguments.
`;

export interface RunCommand {
  readonly name: "run";
  readonly seconds: number;
  readonly chunks: number;
  /** Undefined: a random one. */
  readonly seed: number | undefined;
  readonly only: Kind | undefined;
}

export type Command = { readonly name: "help" } | { readonly name: "case"; readonly seed: number } | RunCommand;

const options = {
  seconds: { type: "string" },
  chunks: { type: "string" },
  seed: { type: "string" },
  only: { type: "string" },
  case: { type: "string" },
  help: { type: "boolean", short: "h" },
} as const;

/** @throws MistakeError */
export function commandOf(words: readonly string[]): Command {
  const values = optionsOf(words, options);
  if (values.help === true) return { name: "help" };
  const caseSeed = numberOf("case", values.case, 0, 2 ** 32 - 1);
  if (caseSeed !== undefined) {
    if (Object.keys(values).length > 1) throw new MistakeError("--case goes alone: the seed says everything");
    return { name: "case", seed: caseSeed };
  }
  const only = choiceOf("only", values.only, kinds);
  const chunks = numberOf("chunks", values.chunks, 0, Number.MAX_SAFE_INTEGER);
  const seconds = numberOf("seconds", values.seconds, 0, 1e9);
  return {
    name: "run",
    seconds: seconds ?? (chunks === undefined ? DEFAULT_SECONDS : Number.POSITIVE_INFINITY),
    chunks: chunks ?? Number.POSITIVE_INFINITY,
    seed: numberOf("seed", values.seed, 0, 2 ** 32 - 1),
    only,
  };
}
