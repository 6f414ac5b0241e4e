// The words that the tables of cases are written in: frames, how they leave, and the few ways in which a case must end.

import type { Case, Event, Pace, Step, Wait } from "./case.ts";
import { closePayload } from "./endpoint.ts";
import type { Payload } from "./payload.ts";
import type { Frame } from "./wire.ts";

/** Thirteen octets that many cases send. */
export const greeting = "Hello, world!";

// What is sent.

/** A frame of any kind. */
export const frame = (opcode: number, payload: Payload = "", bits: Pick<Frame, "fin" | "rsv"> = {}): Step => ({
  frame: { opcode, payload, ...bits },
});
export const text = (payload: Payload): Step => frame(1, payload);
export const binary = (payload: Payload): Step => frame(2, payload);
/** The first frame of a text message that goes on. */
export const textStart = (payload: Payload): Step => frame(1, payload, { fin: false });
/** A continuation that is the last. */
export const last = (payload: Payload): Step => frame(0, payload);
/** A continuation that goes on. */
export const more = (payload: Payload): Step => frame(0, payload, { fin: false });
export const ping = (payload: Payload = ""): Step => frame(9, payload);
export const pong = (payload: Payload = ""): Step => frame(10, payload);
/** The Close that begins the closing handshake. */
export const close = (closeCode?: number, reason?: Uint8Array): Step => ({ close: closePayload(closeCode, reason) });
export const wait = (seconds: number, name?: string): Step => ({ wait: name ? { seconds, name } : { seconds } });
/** A message in frames of `fragmentLength` octets. */
export const fragments = (opcode: 1 | 2, payload: Payload, fragmentLength: number): Step => ({
  message: { opcode, payload },
  fragmentLength,
});
/** A frame whose payload comes in parts; see Step. */
export const inParts = (whole: Frame, parts: readonly number[], waits: readonly Wait[]): Step => ({
  frame: whole,
  parts,
  waits,
});

export const sync: Pace = "frame by frame";
export const chop = (octets: number): Pace => ({ chop: octets, pause: "1 ms" });

// What must come.

export const gotText = (payload: Payload): Event => ({ kind: "text", payload });
export const gotBinary = (payload: Payload): Event => ({ kind: "binary", payload });
export const gotPong = (payload: Payload): Event => ({ kind: "pong", payload });
export const passed = (name: string): Event => ({ kind: "wait", payload: name });

export const kill = (seconds: number): Case["limit"] => ({ action: "kill", seconds });
export const closeAfter = (seconds: number): Case["limit"] => ({ action: "close", seconds });

// How it must end.

type Details = Partial<Omit<Case, "id" | "steps">>;

const plain = {
  pace: "together",
  ok: [],
  nonStrict: null,
  limit: kill(1),
  alsoFails: null,
  compression: null,
  compare: "octets",
  rounds: 1,
  isInformational: false,
} as const;

/** The peer must answer with exactly these events; then the test side closes. */
export function echo(id: string, steps: readonly Step[], ok: readonly Event[], details: Details = {}): Case {
  return { ...plain, ending: "echo", closeCodes: [1000], needsCleanClose: true, ok, ...details, id, steps };
}

/** The peer must fail the connection for a protocol error. */
export function protocolError(id: string, steps: readonly Step[], details: Details = {}): Case {
  return { ...plain, ending: "peer fails", closeCodes: [1002], needsCleanClose: false, ...details, id, steps };
}

/** The peer must fail the connection for text that is not UTF-8. */
export function textError(id: string, steps: readonly Step[], details: Details = {}): Case {
  return protocolError(id, steps, { closeCodes: [1007], alsoFails: "our close", ...details });
}

/** The test side closes with one of the steps; the peer may answer with `closeCodes`. */
export function ourClose(
  id: string,
  steps: readonly Step[],
  closeCodes: readonly number[],
  details: Details = {},
): Case {
  return {
    ...plain,
    ending: "our close",
    needsCleanClose: true,
    alsoFails: "wrong code",
    ...details,
    closeCodes,
    id,
    steps,
  };
}
