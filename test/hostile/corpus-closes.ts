// The corpus, its Close frames: what they may say, and what comes behind them. RFC 6455 §5.5.1, §7.4.

import { concat, filled, hex, utf8 } from "../support/octets.ts";
import type { Peer } from "../support/peer.ts";
import type { Row } from "./corpus.ts";

/** A Close whose payload is `octets`. */
function closeOf(peer: Peer, octets: string | Uint8Array): Uint8Array {
  return peer.frame(8, typeof octets === "string" ? hex(octets) : octets);
}

const wrongCodes = [0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 1999, 2000, 2999, 5000, 5001, 32768, 65535];
const rightCodes = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999];

const wrongReasons: Record<string, string> = {
  "an octet that no text has": "03 e8 ff",
  "a continuation octet alone": "03 e8 80",
  "a character cut short": "03 e8 61 e2 82",
  "a surrogate": "03 e8 ed a0 80",
  "an overlong solidus": "03 e8 c0 af",
  "a character above U+10FFFF": "03 e8 f4 90 80 80",
};

const refused: readonly Row[] = [
  {
    row: "close payloads",
    name: "a Close of one octet",
    frames: (peer) => [closeOf(peer, "03")],
    events: [],
    verdict: "WS_CLOSE_LENGTH",
    closeCode: 1002,
  },
  ...wrongCodes.map(
    (code): Row => ({
      row: "close payloads",
      name: `Close code ${code}`,
      frames: (peer) => [peer.close(code, "reason")],
      events: [],
      verdict: "WS_CLOSE_CODE",
      closeCode: 1002,
    }),
  ),
  ...Object.entries(wrongReasons).map(
    ([what, payload]): Row => ({
      row: "close payloads",
      name: `a reason with ${what}`,
      frames: (peer) => [closeOf(peer, payload)],
      events: [],
      verdict: "WS_CLOSE_REASON",
      closeCode: 1007,
    }),
  ),
  {
    row: "close payloads",
    name: "a reason of 123 octets whose last is wrong",
    frames: (peer) => [closeOf(peer, concat(hex("03 e8"), filled(122, 0x61), hex("ff")))],
    events: [],
    verdict: "WS_CLOSE_REASON",
    closeCode: 1007,
  },
];

const accepted: readonly Row[] = [
  {
    row: "close codes",
    name: "a Close without a code",
    frames: (peer) => [peer.close()],
    events: [],
    verdict: "clean",
    closeCode: 1005,
  },
  ...rightCodes.map(
    (code): Row => ({
      row: "close codes",
      name: `Close code ${code}`,
      frames: (peer) => [peer.close(code, "über")],
      events: [],
      verdict: "clean",
      closeCode: code,
      closeReason: "über",
    }),
  ),
  {
    row: "close codes",
    name: "a reason of 123 octets",
    frames: (peer) => [peer.close(1000, "a".repeat(123))],
    events: [],
    verdict: "clean",
    closeCode: 1000,
    closeReason: "a".repeat(123),
  },
];

/** A Close with frames around it: whatever is behind it is ignored. §5.5.1, §1.4 */
function around(name: string, frames: Row["frames"], events: readonly string[] = []): Row {
  return { row: "frames after Close", name, frames, events, verdict: "clean", closeCode: 1000, closeReason: "bye" };
}

const behind: readonly Row[] = [
  around("a message behind Close", (peer) => [peer.close(1000, "bye"), peer.text("never")]),
  around("a ping behind Close", (peer) => [peer.close(1000, "bye"), peer.ping("never")]),
  around("wrong frames behind Close", (peer) => [
    peer.close(1000, "bye"),
    peer.frame(3),
    peer.more("x"),
    hex("ff ff ff"),
  ]),
  around("two Closes", (peer) => [peer.close(1000, "bye"), peer.close(1000, "bye")]),
  around("two Closes that differ", (peer) => [peer.close(1000, "bye"), peer.close(1001, "again")]),
  around("a Close that is right, then one that is not", (peer) => [peer.close(1000, "bye"), peer.close(1005)]),
  around("a Close, then half a frame", (peer) => [peer.close(1000, "bye"), peer.binary(utf8("half")).subarray(0, 3)]),
  around("a Close inside a message", (peer) => [peer.text("a", false), peer.close(1000, "bye")]),
  around(
    "a Close inside a message that goes on",
    (peer) => [peer.binary("a", false), peer.ping("p"), peer.close(1000, "bye"), peer.more("never")],
    ["ping 70"],
  ),
  around("a Close inside a character", (peer) => [
    peer.text(hex("e2 82"), false),
    peer.close(1000, "bye"),
    peer.more("x"),
  ]),
];

export const closes: readonly Row[] = [...refused, ...accepted, ...behind];
