// Feeds an input of the corpus to an endpoint and compares all that came of it with what had to.

import * as assert from "uvu/assert";
import type { PeerError } from "../../bindings/errors/classes.ts";
import { violations } from "../../bindings/errors/violations.ts";
import { closeEvent, type Endpoint, endpoint } from "../connection/support.ts";
import { concat } from "../support/octets.ts";
import { CORPUS_LIMIT, type HostileFrames, hostileFrames } from "./corpus.ts";

/** The inputs of a row, which has some. */
export function inputsOf(row: string): readonly HostileFrames[] {
  const inputs = hostileFrames.filter((input) => input.row === row);
  assert.ok(inputs.length > 0, `no input is of the row ${row}`);
  return inputs;
}

/** Checks every input of a row, in one chunk. */
export function checkRow(row: string): void {
  for (const input of inputsOf(row)) checkInput(input);
}

/** What the peer of an input must read: pongs for the pings it sent, and our Close. */
export function answersTo({ events, closeCode }: HostileFrames): readonly string[] {
  const pongs = events.filter((event) => event.startsWith("ping")).map((event) => event.replace("ping", "pong"));
  if (closeCode === null) return pongs;
  return [...pongs, closeCode === 1005 ? closeEvent() : closeEvent(closeCode)];
}

/** What handlers must have heard once the input's verdict is there; with `close` once the transport has ended. */
export function eventsOf(
  { events, verdict, closeCode, closeReason = "" }: HostileFrames,
  isOver: boolean,
): readonly string[] {
  const error = verdict.startsWith("WS_") ? [`error ${verdict}`] : [];
  const code = verdict === "clean" ? closeCode : 1006;
  return [...events, ...error, ...(isOver ? [`close ${code}${closeReason === "" ? "" : ` ${closeReason}`}`] : [])];
}

/** An endpoint for an input. */
export function endpointFor({ role }: HostileFrames): Endpoint {
  return endpoint({ role, maxMessageLength: CORPUS_LIMIT });
}

/** Feeds an input in chunks; its verdict must be there with the last one, and `close` follows the transport's end alone. */
export function checkInput(input: HostileFrames, chunks: readonly Uint8Array[] = [input.octets], how = "whole"): void {
  const what = `${input.name}, to a ${input.role}, ${how}`;
  const { connection, events, errors, sent, transport } = endpointFor(input);
  for (const chunk of chunks) connection.receive(chunk);
  assert.equal(events, eventsOf(input, false), what);
  assert.equal(sent(), answersTo(input), `${what}: what the peer reads`);
  const endsFirst = input.role === "server" || input.verdict !== "clean"; // §7.1.1: a client waits for the server to
  assert.equal(transport.calls, input.verdict !== "open" && endsFirst ? ["end"] : [], `${what}: half-closed`);
  const row = violations.find(({ code }) => code === input.verdict);
  if (row !== undefined) {
    const { closeCode, section, byteOffset } = errors[0] as PeerError;
    assert.equal([closeCode, section], [row.closeCode, row.section], what);
    assert.is(byteOffset, concat(...input.frames.slice(0, -1)).length, `${what}: the offending frame is the last`);
  }
  connection.receiveEnd();
  assert.equal(events, eventsOf(input, true), `${what}, then EOF`);
}
