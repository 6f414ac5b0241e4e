// What a case is: what the test side sends, what it must get, and how the connection must end. Data alone: a trial (trial.ts)
// plays it, a verdict (verdict.ts) judges it.

import type { CorpusName } from "./deflate/corpora.ts";
import type { Wish } from "./deflate/negotiation.ts";
import type { Payload } from "./payload.ts";
import type { Frame } from "./wire.ts";

/** Something received that counts, or a wait that passed while the connection was open. */
export interface Event {
  readonly kind: "text" | "binary" | "pong" | "wait";
  /** Of a wait, its name. */
  readonly payload: Payload;
}

/** Waits while the connection is open; whatever comes after is not sent if it closes. */
export interface Wait {
  readonly seconds: number;
  /** A wait with a name is an event. */
  readonly name?: string;
}

/** One thing that the test side does. */
export type Step =
  | { readonly frame: Frame }
  /** A frame whose payload goes out in parts of these lengths, the rest last, with a wait before each part but the first. */
  | { readonly frame: Frame; readonly parts: readonly number[]; readonly waits: readonly Wait[] }
  /** A message in frames of `fragmentLength` octets. */
  | { readonly message: Frame; readonly fragmentLength: number }
  /** The Close that begins the closing handshake; a `frame` with opcode 8 is octets and no more. */
  | { readonly close: Uint8Array }
  | { readonly wait: Wait };

/** How octets leave: together; a write for each frame; or in pieces of `chop` octets, with `pause` between them. */
export type Pace = "together" | "frame by frame" | { readonly chop: number; readonly pause: "1 ms" | "turn" };

/**
 * How the connection must end.
 *
 * - "echo": with our Close 1000, sent when all events are in
 * - "our close": with a Close among the steps
 * - "peer fails": the peer starts, because of what it was sent
 */
export type Ending = "echo" | "our close" | "peer fails";

/** What is sent, and what must come of it. */
export interface Script {
  readonly steps: readonly Step[];
  /** The events that must come, in order. */
  readonly ok: readonly Event[];
}

/** Compressed messages: slices of a file, each with its echo. */
export interface Compression {
  readonly corpus: CorpusName;
  readonly kind: "text" | "binary";
  /** Octets of a message before it is compressed; code points in text. */
  readonly messageLength: number;
  /** Octets of a fragment of the compressed message; null for one frame. */
  readonly fragmentLength: number | null;
  /** For the peer's compressor; see negotiation.ts. */
  readonly wishes: readonly Wish[];
}

export interface Case extends Script {
  /** Its number, such as 6.4.1. */
  readonly id: string;
  /** Null where no extension is negotiated; else each round has its own script. */
  readonly compression: Compression | null;
  readonly pace: Pace;
  /** Events that are tolerated. */
  readonly nonStrict: readonly Event[] | null;
  readonly ending: Ending;
  /** Close codes the peer may send; a Close without a code, or none, is never wrong. */
  readonly closeCodes: readonly number[];
  readonly needsCleanClose: boolean;
  /** When the last step is sent, and the peer is late: kill, or send a Close without a code. */
  readonly limit: { readonly action: "kill" | "close"; readonly seconds: number };
  /** Besides the close, these also fail the behavior. */
  readonly alsoFails: "wrong code" | "our close" | null;
  /** "length": kind and length of the events decide, and a wrong one ends the case at once. */
  readonly compare: "octets" | "length";
  /** How often the steps are done, each time after the events of the last. */
  readonly rounds: number;
  /** It has no right outcome. */
  readonly isInformational: boolean;
}
