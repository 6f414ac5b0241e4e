// Runs a case on the Receiver of the `ws` package. Its `_write` is called directly: it answers at once, where `write`
// would leave the error to a later tick.

import { ws } from "../support/ws.ts";
import { wsExtensions } from "./extension.ts";
import { chunksOf, type StreamCase } from "./stream-case.ts";
import { thrownText } from "./subjects.ts";
import { closeEvent, controlEvent, messageEvent, type Trace, type Verdict } from "./trace.ts";

interface WsError extends Error {
  readonly code: string;
}

/** What of it is used here: @types/ws knows less. */
interface Receiver {
  on(name: string, listener: (...data: never[]) => void): void;
  _write(chunk: Buffer, encoding: string, callback: (error?: WsError | null) => void): void;
}

const { Receiver } = ws as unknown as { Receiver: new (options: object) => Receiver };

/** ws's code, without its prefix, and the close code that belongs to it. */
const closeCodes: Readonly<Record<string, number>> = {
  WS_ERR_INVALID_UTF8: 1007,
  WS_ERR_TOO_MANY_BUFFERED_PARTS: 1008,
  WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH: 1009,
  WS_ERR_UNSUPPORTED_MESSAGE_LENGTH: 1009,
};

export interface WsTrace extends Trace {
  readonly fault: string;
}

/** Runs a case on ws. */
export function runWs(given: StreamCase): WsTrace {
  const wire: string[] = [];
  const failures: WsError[] = [];
  let isConcluded = false;
  let fault = "";
  const receiver = new Receiver({
    isServer: given.role === "server",
    maxPayload: Number.isFinite(given.maxMessageLength) ? given.maxMessageLength : 0,
    extensions: given.allowedRsv === 0 ? {} : wsExtensions,
    maxFragments: given.wsMaxFragments,
    maxBufferedChunks: given.wsMaxBufferedChunks,
  });
  receiver.on("message", (data: Buffer, isBinary: boolean) => wire.push(messageEvent(data, isBinary)));
  receiver.on("ping", (data: Buffer) => wire.push(controlEvent("ping", data)));
  receiver.on("pong", (data: Buffer) => wire.push(controlEvent("pong", data)));
  receiver.on("conclude", (closeCode: number, reason: Buffer) => {
    isConcluded = true;
    wire.push(closeEvent(closeCode, reason.toString()));
  });
  try {
    for (const chunk of chunksOf(given)) {
      if (failures.length !== 0 || isConcluded) break;
      if (chunk.length === 0) continue;
      receiver._write(Buffer.from(chunk.buffer), "buffer", (error) => {
        if (error) failures.push(error);
      });
    }
  } catch (error) {
    fault = thrownText(error);
  }
  return { wire, verdict: verdictOf(failures[0]), fault };
}

function verdictOf(failure: WsError | undefined): Verdict | null {
  if (failure === undefined) return null;
  const { code, message } = failure;
  return { code, closeCode: closeCodes[code] ?? 1002, byteOffset: -1, details: message };
}
