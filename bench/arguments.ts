// The command line of `npm run bench`. What cannot be meant exits with 2 before anything is measured.

import { parseArgs } from "node:util";

export interface Arguments {
  /** Rows whose topic or name contains it, in any case; "" for all. */
  readonly filter: string;
  readonly short: boolean;
  readonly kernel: "auto" | "wasm" | "scalar";
  /** Where the figures go as JSON. */
  readonly json: string | null;
}

const help = `Usage: npm run bench -- [filter] [options]

Times wsimd's codec against ws, bufferutil, utf-8-validate, websocket-driver and Node itself. No sockets.

  filter             rows whose topic or name contains it, such as "decode", "mask 64 B" or "client, batch"
  --short            fewer and shorter rounds: about a minute instead of six
  --kernel <name>    wasm (default) or scalar
  --json <file>      also write every round's figures to a file
  --list             print the names of the rows and measure nothing
  --help             print this

docs/bench.md tells what each row does.`;

/** Ends the process for arguments that cannot be meant. */
export function refuse(reason: string): never {
  console.error(`bench: ${reason}\nTry: npm run bench -- --help`);
  process.exit(2);
}

function parse(): { values: Record<string, string | boolean | undefined>; positionals: string[] } {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        short: { type: "boolean" },
        kernel: { type: "string" },
        json: { type: "string" },
        list: { type: "boolean" },
        help: { type: "boolean", short: "h" },
      },
    });
  } catch (error) {
    refuse((error as Error).message);
  }
}

/** Reads the command line; prints the help and ends the process where that is asked for. */
export function readArguments(): Arguments & { readonly list: boolean } {
  const { values, positionals } = parse();
  if (values.help === true) {
    console.log(help);
    process.exit(0);
  }
  const kernel = values.kernel ?? "auto";
  if (kernel !== "auto" && kernel !== "wasm" && kernel !== "scalar") refuse(`no kernel is called ${kernel}`);
  if (positionals.length > 1) refuse("one filter at most; quote it if it has spaces");
  return {
    filter: positionals[0] ?? "",
    short: values.short === true,
    kernel,
    json: typeof values.json === "string" ? values.json : null,
    list: values.list === true,
  };
}
