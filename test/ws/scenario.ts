// A scenario: what an application does with `ws`, and what of it is written down.

import type { Api } from "./implementations.ts";
import type { Member } from "./members.ts";
import type { Log, Transcript } from "./transcript.ts";

/** What a scenario is given. */
export interface Scene {
  /** Where it takes servers from, and where clients: the two may be different implementations. */
  readonly server: Api;
  readonly client: Api;
  readonly log: Log;
  /** Has something undone when the scenario is over, the latest first. */
  readonly later: (undo: () => unknown) => void;
}

/** Where ours answers otherwise than `ws`, knowingly. */
export interface Difference {
  readonly reason: string;
  /** On which side ours must stand for it. */
  readonly side: "server" | "client" | "either";
  /** The lines of those actors that differ; of others, those of `ws` are expected. */
  readonly transcript: Transcript;
}

export interface Scenario {
  readonly covers: readonly Member[];
  /** The sides whose implementation it looks at; the other end is `ws` or a bare socket. Default "both". */
  readonly sides?: "both" | "server" | "client";
  readonly run: (scene: Scene) => Promise<void>;
  readonly differs?: readonly Difference[];
}

/** Scenarios by what they show. */
export type Scenarios = Readonly<Record<string, Scenario>>;
