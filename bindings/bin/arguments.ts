// The command line: words in, a command out. Starts nothing and prints nothing.

import { parseArgs } from "node:util";

export const help = `Usage: wsimd echo [--port N] [--host H]
       wsimd connect URL [--protocol P] [--header "Name: value"] [--origin O] [--insecure] [--wait S]

Commands:
  echo           run a WebSocket server that sends back what it is sent, with a page to try it
  connect        send each line of the input to a server as a message, print each message that comes

Options of echo:
  -p, --port N   port to listen on, 0 for any that is free (default: 8080, or the next that is free)
  --host H       address to listen on (default: 127.0.0.1, this machine alone)

Options of connect:
  --protocol P   subprotocol to ask for; may be repeated, the preferred first
  --header F     field to add to the request; may be repeated
  --origin O     Origin to send (default: none)
  --insecure     trust any certificate (wss: only; for servers under test)
  --wait S       seconds to wait for messages after the input's end (default: 0, it closes at once)

Options:
  -h, --help     print this and exit
  -v, --version  print the version and exit

WSIMD_KERNEL=scalar in the environment runs it without WebAssembly.

Exit code: 0 when stopped, or when the connection was closed by a closing handshake; 1 where the server cannot run, or the
connection fails; 2 for wrong arguments.
`;

/** Where `wsimd echo` listens. */
export interface EchoCommand {
  readonly name: "echo";
  /** undefined: 8080, or the next that is free. */
  readonly port: number | undefined;
  readonly host: string;
}

/** What `wsimd connect` connects to, and how. */
export interface ConnectCommand {
  readonly name: "connect";
  readonly url: string;
  readonly protocols: readonly string[];
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly origin: string | undefined;
  readonly insecure: boolean;
  readonly waitMs: number;
}

export type Command = EchoCommand | ConnectCommand | { readonly name: "help" } | { readonly name: "version" };

/** The user's mistake, said in one line. */
export class MistakeError extends Error {}

const common = {
  help: { type: "boolean", short: "h" },
  version: { type: "boolean", short: "v" },
} as const;

const options = {
  echo: { ...common, port: { type: "string", short: "p" }, host: { type: "string" } },
  connect: {
    ...common,
    protocol: { type: "string", multiple: true },
    header: { type: "string", multiple: true },
    origin: { type: "string" },
    insecure: { type: "boolean" },
    wait: { type: "string" },
  },
} as const;

/** @throws MistakeError for arguments that are none */
export function commandOf(words: readonly string[]): Command {
  // The first word that is neither an option nor the value of one.
  const every = { ...options.echo, ...options.connect };
  const [name] = parseArgs({ args: [...words], options: every, allowPositionals: true, strict: false }).positionals;
  return name === "connect" ? connectOf(words) : echoOf(words);
}

function echoOf(words: readonly string[]): Command {
  const { values, positionals } = parse(() =>
    parseArgs({ args: [...words], options: options.echo, allowPositionals: true }),
  );
  if (values.help) return { name: "help" };
  if (values.version) return { name: "version" };
  const [name, ...others] = positionals;
  if (name === undefined) throw new MistakeError("a command is missing: echo or connect");
  if (name !== "echo") throw new MistakeError(`there is no command ${JSON.stringify(name)}, only echo and connect`);
  if (others.length !== 0) throw new MistakeError(`echo takes no argument ${JSON.stringify(others[0])}`);
  if (values.host === "") throw new MistakeError("--host must name an address");
  return { name, port: portOf(values.port), host: values.host ?? "127.0.0.1" };
}

function connectOf(words: readonly string[]): Command {
  const { values, positionals } = parse(() =>
    parseArgs({ args: [...words], options: options.connect, allowPositionals: true }),
  );
  if (values.help) return { name: "help" };
  if (values.version) return { name: "version" };
  const [, url, ...others] = positionals;
  if (url === undefined) throw new MistakeError("connect takes a URL, such as ws://127.0.0.1:8080");
  if (others.length !== 0) throw new MistakeError(`connect takes no argument ${JSON.stringify(others[0])}`);
  if (!/^[a-z]+:\/\//i.test(url)) throw new MistakeError(`${JSON.stringify(url)} is no URL; did you mean ws://${url}?`);
  const { protocol: protocols = [], header = [], origin, insecure = false, wait = "0" } = values;
  const headers = header.map(fieldOf);
  return { name: "connect", url, protocols, headers, origin, insecure, waitMs: secondsOf(wait) * 1000 };
}

function parse<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    // "Unknown option '--x'. To specify a positional …": the first sentence says it.
    const [sentence] = (error as Error).message.split(/\.\s|\n/);
    throw new MistakeError(sentence!.replace(/\.$/, ""));
  }
}

function portOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65535) return port;
  throw new MistakeError(`--port must be a whole number from 0 to 65535, not ${JSON.stringify(text)}`);
}

function secondsOf(text: string): number {
  const seconds = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && seconds <= 86_400) return seconds;
  throw new MistakeError(`--wait must be a number of seconds, at most a day, not ${JSON.stringify(text)}`);
}

function fieldOf(text: string): [name: string, value: string] {
  const [, name, value] = /^([^:]+):\s*(.*)$/.exec(text) ?? [];
  if (name === undefined) throw new MistakeError(`--header must be "Name: value", not ${JSON.stringify(text)}`);
  return [name, value!];
}
