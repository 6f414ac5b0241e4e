// What a handler may do in the middle of a batch, and what must then be heard: a model of DESIGN's rules in a few lines, which
// shares nothing with the code under test but the words for events.

import type { Peer } from "../support/peer.ts";

/** What a handler does when it hears a frame. */
export const actions = [
  "throw",
  "reject",
  "feed another",
  "feed itself",
  "close",
  "pause",
  "terminate",
  "send",
] as const;
export type Action = (typeof actions)[number];

/** What comes behind the frames. */
export const ends = ["nothing", "a wrong frame", "Close"] as const;
export type End = (typeof ends)[number];

/** What handlers do: the action for each frame they hear, by its number. */
export type Plan = readonly { readonly at: number; readonly action: Action }[];

/** What is heard where handlers do nothing. */
export const heardInFull: readonly string[] = ["text 31", "ping 32", "binary 33 33", "pong 34", "text 35"];

/** The frames that tell it. */
export function framesOf(peer: Peer): Uint8Array[] {
  return [peer.text("1"), peer.ping("2"), peer.binary("3", false), peer.more("3"), peer.pong("4"), peer.text("5")];
}

/** What ends the stream. */
export function endOf(peer: Peer, end: End): Uint8Array[] {
  if (end === "nothing") return [];
  return [end === "Close" ? peer.close(1000) : peer.frame(3)];
}

/** Every plan of one action, and of two, the second at the same frame or a later one. */
export function plans(): Plan[] {
  const found: Plan[] = [];
  heardInFull.forEach((_, at) => {
    for (const action of actions) {
      found.push([{ at, action }]);
      for (let later = at; later < heardInFull.length; later++) {
        for (const second of actions)
          found.push([
            { at, action },
            { at: later, action: second },
          ]);
      }
    }
  });
  return found;
}

/** What a plan's frames lead to. */
export interface Course {
  /** What handlers hear up to the end of the transport. */
  readonly events: readonly string[];
  /** The code of the Close that is sent; null for none. */
  readonly sentCode: number | null;
  /** How many messages another connection is fed. */
  readonly fedCount: number;
}

/**
 * What must come of a stream. A promise that rejects does so when the stream has been delivered.
 *
 * @param isOneBatch  whether it arrives in one chunk; else each frame's answers leave before the next is heard
 */
export function courseOf(plan: Plan, end: End, isOneBatch = true): Course {
  const events: string[] = [];
  let sentCode: number | null = null;
  let fedCount = 0;
  let isStopped = false;
  let isTerminated = false;
  let rejectedCount = 0;
  let closeCode = 1006;
  const ownFed: string[] = [];
  const fail = (code: number, error: string): void => {
    events.push(`error ${error}`);
    if (!isTerminated) sentCode ??= code;
    isStopped = true;
  };

  for (const [index, event] of heardInFull.entries()) {
    if (isStopped) break;
    events.push(event);
    const leftCode: number | null = isOneBatch ? null : sentCode;
    for (const { at, action } of plan) {
      if (at !== index) continue;
      if (action === "throw") {
        fail(1011, "Error: thrown");
        break; // what the handler would have done next
      }
      if (action === "reject") rejectedCount++;
      if (action === "feed another") fedCount++;
      if (action === "feed itself" && !isStopped) ownFed.push("pong 66 65 64");
      if (action === "close" && !isTerminated) sentCode ??= 1000;
      if (action === "terminate") {
        isStopped = isTerminated = true;
        sentCode = leftCode; // what waits for the batch's end is dropped
      }
    }
  }
  if (!isStopped && end === "a wrong frame") fail(1002, "WS_RESERVED_OPCODE");
  if (!isStopped && end === "Close") {
    sentCode ??= 1000;
    closeCode = 1000;
    isStopped = true;
  }
  if (!isStopped) events.push(...ownFed);
  if (isTerminated) events.push("close 1006");
  for (let count = 0; count < rejectedCount; count++) {
    events.push("error Error: rejected");
    if (!isTerminated) sentCode ??= 1011;
  }
  if (!isTerminated) events.push(`close ${closeCode}`);
  return { events, sentCode, fedCount };
}
