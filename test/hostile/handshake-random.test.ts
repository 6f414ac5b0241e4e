// Octets that nobody meant: requests with some replaced, removed or repeated, and octets at random. What comes of them is a
// verdict or a HandshakeError, never another throw. The seeds are fixed: every run meets the same.

import * as assert from "uvu/assert";
import { acceptHandshake, parseRequestHead, parseResponseHead } from "../../bindings/handshake/index.ts";
import { answerPieces, assertRefused, headOf, requestLines } from "../handshake/support.ts";
import { Random } from "../support/octets.ts";
import { hostileSuite } from "./support.ts";

const test = hostileSuite("octets at random");

test("a request with octets replaced, removed or repeated is accepted or refused, in two pieces as in one", () => {
  const random = new Random(1);
  const valid = headOf(
    requestLines({
      Origin: "http://server.example.com",
      "Sec-WebSocket-Protocol": "a, b",
      "Sec-WebSocket-Extensions": 'x; y="z"',
    }),
  );
  const counts = new Map<number, number>();
  for (let round = 0; round < 20_000; round++) {
    const octets = [...valid];
    for (let change = random.below(3) + 1; change > 0; change--) {
      const at = random.below(octets.length);
      const pick = random.below(3);
      if (pick === 0) octets[at] = random.below(256);
      else if (pick === 1) octets.splice(at, 1);
      else octets.splice(at, 0, octets[at]!);
    }
    const sent = Uint8Array.from(octets);
    const cut = random.below(sent.length);
    const whole = answerPieces([sent]);
    const inTwo = answerPieces([sent.subarray(0, cut), sent.subarray(cut)]);
    assert.is(inTwo.httpStatus, whole.httpStatus, `round ${round}`);
    counts.set(whole.httpStatus, (counts.get(whole.httpStatus) ?? 0) + 1);
  }
  for (const status of [101, 400, 403, 405, 426, 505]) assert.ok(counts.has(status), `no ${status} among them`);
});

test("octets at random are a HandshakeError for both parsers, never another", () => {
  const random = new Random(0xbad5eed);
  for (let round = 0; round < 20_000; round++) {
    const octets = Uint8Array.from({ length: random.below(80) }, () =>
      random.below(4) === 0 ? [0x0d, 0x0a, 0x3a, 0x20][random.below(4)]! : random.below(256),
    );
    for (const parse of [parseRequestHead, parseResponseHead]) {
      try {
        parse(octets);
      } catch (error) {
        assert.is((error as Error).name, "HandshakeError", `round ${round}: ${String(error)}`);
      }
    }
  }
});

test("hostile fields of another HTTP parser are refused, never thrown at", () => {
  const hostile = [
    { ":authority": "a" },
    { "a b": "c" },
    { Host: "\0" },
    { Host: "a\r\nb: c" },
    { Host: "a", Upgrade: "websoc\u212Aet" },
  ];
  for (const headers of hostile)
    assertRefused(acceptHandshake({ method: "GET", target: "/", headers }), 400, "WS_HANDSHAKE_HEAD_MALFORMED");
});

test.run();
