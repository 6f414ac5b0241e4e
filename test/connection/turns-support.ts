// What the tests of turns share: a connection of a shell that serves others too, whose clock makes a turn as long as the test
// says.

import * as assert from "uvu/assert";
import type { Connection } from "../../bindings/connection/connection.ts";
import type { ConnectionExtension } from "../../bindings/connection/extension.ts";
import type { ConnectionHandlers } from "../../bindings/connection/settings.ts";
import { currentKernel } from "../../bindings/kernel/select.ts";
import { poison } from "../support/current-kernel.ts";
import { concat } from "../support/octets.ts";
import type { Peer } from "../support/peer.ts";
import { type Endpoint, endpoint, FakeTick, textEvent } from "./support.ts";

/** Records between two looks at the clock, and how long a turn may take: as in receiver.ts. */
export const RECORDS_PER_LOOK = 32;
export const TURN_MS = 0.25;

/** The payload of a large chunk, of which four are a turn. */
export const LARGE_LENGTH: number = 131_072 - 14;

type Handlers = ConnectionHandlers<Connection>;
type Options = Parameters<typeof endpoint>[0];

/** A connection of a shell that serves others too, and the turn for which it waits. */
export interface Turning extends Endpoint {
  readonly turn: FakeTick;
  /** Begins turns until none is waited for, and returns how many. */
  runAll(): number;
}

/** @param looks  looks at the clock after which a turn is over, for the clock goes on at each of them */
export function turning(
  options: Options = {},
  handlers: Handlers = {},
  looks = 1,
  extension?: ConnectionExtension,
): Turning {
  const turn = new FakeTick();
  const shell = { nextTurn: turn.tickEnd, stepMs: TURN_MS / looks, ...(extension && { extension }) };
  const end = endpoint(options, handlers, shell);
  const runAll = (): number => {
    let count = 0;
    for (; turn.isAwaited; count++) {
      assert.ok(count < 10_000, "the turns do not end");
      poison(currentKernel());
      turn.end();
    }
    return count;
  };
  return { ...end, turn, runAll };
}

/** `count` short texts, "0" and so on. */
export const numbers = (peer: Peer, from: number, to: number): Uint8Array =>
  concat(...Array.from({ length: to - from }, (_, index) => peer.text(`${from + index}`)));

export const textsOf = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, index) => textEvent(`${from + index}`));

/** Puts octets where a shell that reads into linear memory has them. */
export function land({ connection }: Endpoint, chunk: Uint8Array): void {
  const { octets, inputPtr } = currentKernel();
  octets.set(chunk, inputPtr);
  connection.receiveLanded(chunk.length);
}
