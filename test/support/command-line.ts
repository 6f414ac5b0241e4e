// The command lines of what `npm run` starts, tests and benches: options in, values or a mistake out. Those of the published
// command are its own (bindings/bin/arguments.ts).

import { type ParseArgsConfig, parseArgs } from "node:util";

/** The user's mistake, said in one line. */
export class MistakeError extends Error {}

type Options = NonNullable<ParseArgsConfig["options"]>;
type Values<Known extends Options> = ReturnType<typeof parseArgs<{ args: string[]; options: Known }>>["values"];

/** The values of options; other words are a mistake. @throws MistakeError */
export function optionsOf<const Known extends Options>(words: readonly string[], options: Known): Values<Known> {
  try {
    return parseArgs({ args: [...words], options }).values;
  } catch (error) {
    if (!(error as NodeJS.ErrnoException).code?.startsWith("ERR_PARSE_ARGS")) throw error;
    // "Unknown option '--x'. To specify a positional …": the first sentence says it.
    const [sentence] = (error as Error).message.split(/\.\s|\n/);
    throw new MistakeError(sentence!.replace(/\.$/, ""));
  }
}

/** The whole number of an option, if it was given. @throws MistakeError */
export function numberOf(name: string, text: string | undefined, least: number, most: number): number | undefined {
  if (text === undefined) return undefined;
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= least && number <= most) return number;
  throw new MistakeError(`--${name} must be a whole number from ${least} to ${most}, not ${JSON.stringify(text)}`);
}

/** What an option chose, if it was given. @throws MistakeError */
export function choiceOf<Name extends string>(
  name: string,
  text: string | undefined,
  choices: readonly Name[],
): Name | undefined {
  const choice = choices.find((one) => one === text);
  if (text === undefined || choice !== undefined) return choice;
  throw new MistakeError(`--${name} must be one of ${choices.join(", ")}, not ${JSON.stringify(text)}`);
}
