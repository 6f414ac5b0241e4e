// `wsimd connect`: lines of the input go out as messages, messages that come are printed, until either side closes. What is
// said about the connection goes to stderr, so that the output is the messages alone.

import { createInterface } from "node:readline";
import { UsageError } from "../errors/classes.ts";
import { connect, type Message, type Socket } from "../node/index.ts";
import { messageOf } from "../node/message-of.ts";
import { type ConnectCommand, MistakeError } from "./arguments.ts";

/** Octets of a binary message that are printed. */
const SHOWN_LENGTH = 64;

const say = (text: string): void => void process.stderr.write(`${text}\n`);

/**
 * Talks to a server until the connection is closed.
 *
 * @returns  the exit code
 */
export async function runConnect(command: ConnectCommand): Promise<number> {
  const { url, protocols, headers, origin, insecure, waitMs } = command;
  let socket: Socket;
  try {
    const tls = insecure ? { rejectUnauthorized: false } : undefined;
    const maxMessageLength = Number.POSITIVE_INFINITY; // whoever asks by hand wants to see it
    socket = await connect(url, {
      protocols,
      headers,
      origin,
      tls,
      maxMessageLength,
      drain: () => process.stdin.resume(),
    });
  } catch (error) {
    if (error instanceof UsageError) throw new MistakeError(error.message);
    say(`wsimd: cannot connect to ${url}: ${messageOf(error)}`);
    return 1;
  }
  const close = (): void => socket.close(1000);
  process.once("SIGINT", close);
  process.stderr.on("error", () => {});
  process.stdout.on("error", close); // nobody reads any more: `| head`
  say(`connected${socket.protocol === "" ? "" : `, subprotocol ${socket.protocol}`}; Ctrl+D or Ctrl+C closes`);
  const input = createInterface({ input: process.stdin });
  input.on("line", (line) => {
    if (!socket.send(line)) process.stdin.pause();
  });
  let waiting: NodeJS.Timeout | undefined;
  input.on("close", () => {
    waiting = setTimeout(close, waitMs);
  });
  try {
    for await (const message of socket) process.stdout.write(`${shown(message)}\n`);
    const { received } = socket.closeReport!;
    const { code, reason } = received ?? { code: 1006, reason: "" };
    say(`closed: ${code}${reason === "" ? "" : ` ${JSON.stringify(harmless(reason))}`}`);
    return received === null ? 1 : 0;
  } catch (error) {
    say(`wsimd: ${messageOf(error)}`);
    return 1;
  } finally {
    process.off("SIGINT", close);
    input.close();
    clearTimeout(waiting);
    process.stdin.destroy();
  }
}

/** A message as a line: text as it is, octets in hex. */
function shown(message: Message): string {
  if (typeof message === "string") return process.stdout.isTTY ? harmless(message) : message;
  const octets = Array.from(message.subarray(0, SHOWN_LENGTH), (octet) => octet.toString(16).padStart(2, "0"));
  return `(binary, ${message.length} octets) ${octets.join(" ")}${message.length > SHOWN_LENGTH ? " ..." : ""}`;
}

/** Text for a terminal: control characters, which could write anything anywhere, are shown as what they are. */
export function harmless(text: string): string {
  return text.replace(/[^\P{Cc}\t\n]/gu, (found) => `\\x${found.charCodeAt(0).toString(16).padStart(2, "0")}`);
}
