// What attackers send to an opening handshake, a test for each known fault of another implementation that pure functions
// can have. Timeouts and sockets are the shell's.
//
// Linear time is shown by size: a head of 512 KiB is read here in some milliseconds, where a quadratic scanner would take
// 1e11 steps and the test would not end. Nothing is timed.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  acceptHandshake,
  type HandshakeOptions,
  HeadReader,
  parseExtensions,
  parseRequestHead,
  parseResponseHead,
} from "../../bindings/handshake/index.ts";
import {
  answer,
  answerHead,
  answerPieces,
  assertAccepted,
  assertHandshakeError,
  assertRefused,
  headOf,
  latin1,
  requestLines,
} from "./support.ts";

const big = 1 << 19;
const lenient: HandshakeOptions = { maxHeadLength: 4 * big };

const time = suite("hostile fields in linear time");

const fillers: readonly [string, string][] = [
  ["spaces", " "],
  ["tabs", "\t"],
  ["commas", ","],
  ["semicolons", ";"],
  ["equals signs", "="],
  ["quotes", '"'],
  ["backslashes", "\\"],
  ["spaces and commas", " ,"],
  ["empty parameters", "; "],
  ["quoted backslashes", '"\\'],
  ["octets above 0x7F", "\u00e9"],
];

for (const [what, filler] of fillers) {
  const fill = filler.repeat(big / filler.length);
  time(`512 KiB of ${what} in Sec-WebSocket-Protocol and -Extensions are 400 (CVE-2021-32640, CVE-2020-7662)`, () => {
    for (const value of [fill, `a${fill}`, `a${fill}!b`, `a;b${fill}c`, `a;b="${fill}`]) {
      const protocol = answer({ "Sec-WebSocket-Protocol": value }, lenient);
      if (value.trim() === "a")
        assertAccepted(protocol); // whitespace behind a value is no part of it
      else assertRefused(protocol, 400, "WS_HANDSHAKE_PROTOCOL");
      const extensions = answer({ "Sec-WebSocket-Extensions": value }, lenient);
      if (value.trim() === "a") assertAccepted(extensions);
      else assertRefused(extensions, 400, "WS_HANDSHAKE_EXTENSIONS");
    }
  });
  time(`512 KiB of ${what} in Connection, Upgrade, Host, Key, Version and Origin are refused`, () => {
    const names = ["Connection", "Upgrade", "Host", "Sec-WebSocket-Key", "Sec-WebSocket-Version", "Origin"];
    for (const name of names) assert.is(answer({ [name]: `x${fill}/y` }, lenient).accepted, false, name);
  });
}

time("64 KiB of spaces are 431 by default, before anything is parsed", () => {
  const lines = requestLines({ "Sec-WebSocket-Extensions": `a${" ".repeat(65536)};` });
  assertRefused(answerHead(lines), 431, "WS_HANDSHAKE_HEAD_TOO_LONG");
});

time("100,000 subprotocols, and as many extensions, are read and looked up once each", () => {
  const names = Array.from({ length: 100_000 }, (_, n) => `p${n}`);
  const options = { ...lenient, protocols: [...names].reverse() };
  const verdict = assertAccepted(answer({ "Sec-WebSocket-Protocol": names.join(",") }, options));
  assert.is(verdict.protocol, "p99999");
  const negotiateExtensions: HandshakeOptions["negotiateExtensions"] = (offers) => offers;
  const accepted = answer({ "Sec-WebSocket-Extensions": names.join(",") }, { ...lenient, negotiateExtensions });
  assert.is(assertAccepted(accepted).extensions.length, 100_000);
});

time("a field repeated 100,000 times is read once", () => {
  const many = Array.from({ length: 100_000 }, (_, n) => `p${n}`);
  assertAccepted(
    answer({ "Sec-WebSocket-Protocol": many }, { ...lenient, maxHeadLength: 16 * big, maxHeaderCount: 200_000 }),
  );
});

time("a quoted-string of a million quoted-pairs is read once", () => {
  const [extension] = parseExtensions(`a; b="${"\\c".repeat(1_000_000)}"`);
  assert.is(extension!.parameters[0]!.value!.length, 1_000_000);
});

time.run();

const requests = suite("hostile requests");

requests("a head over the octet or the field limit is 431 (CVE-2024-37890)", () => {
  assertRefused(answer({ "X-A": "x".repeat(16384) }), 431, "WS_HANDSHAKE_HEAD_TOO_LONG");
  assertRefused(answer({ "X-A": Array.from({ length: 96 }, () => "") }), 431, "WS_HANDSHAKE_TOO_MANY_HEADERS");
  assertAccepted(answer({ "X-A": Array.from({ length: 95 }, () => "") }));
});

requests("any one or two of the fields missing, empty or doubled is a refusal, never a crash (CVE-2024-37890)", () => {
  const names = ["Host", "Upgrade", "Connection", "Sec-WebSocket-Key", "Sec-WebSocket-Version"];
  const values = [undefined, "", ",", "\u00ff", ["x", "x"]];
  for (const first of names) {
    for (const second of names) {
      for (const one of values) {
        for (const other of values) {
          const verdict = answer({ [first]: one, [second]: other });
          assert.ok([400, 426].includes(verdict.httpStatus), `${first}, ${second}: ${verdict.httpStatus}`);
        }
      }
    }
  }
});

requests("bare LF, obs-fold, NUL and a body are 400, in any pieces", () => {
  const whole = requestLines().join("\r\n");
  const wrong = [
    `${whole.replaceAll("\r\n", "\n")}\n\n`,
    `${whole}\r\nX: a\r\n b\r\n\r\n`,
    `${whole}\r\nX: a\0\r\n\r\n`,
    `${whole}\r\nContent-Length: 5\r\n\r\nhello`,
    `${whole}\r\nContent-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  ];
  for (const sent of wrong) {
    const octets = latin1(sent);
    const expected = answerPieces([octets]);
    assert.is(expected.httpStatus, 400);
    assert.equal(answerPieces(Array.from(octets, (octet) => Uint8Array.of(octet))), expected);
    for (let cut = 0; cut < octets.length; cut++) {
      const found = answerPieces([octets.subarray(0, cut), octets.subarray(cut)]);
      if (found.accepted || found.error.message !== (expected as typeof found).error.message) {
        assert.unreachable(`cut at ${cut}`);
      }
    }
  }
});

requests("an extension or subprotocol named constructor, __proto__ or toString changes nothing (ws 3.3.1)", () => {
  for (const name of ["constructor", "__proto__", "toString"]) {
    const plain = assertAccepted(answer());
    const verdict = answer({
      "Sec-WebSocket-Extensions": `${name}; ${name}=1`,
      "Sec-WebSocket-Protocol": name,
      [`${name}-x`]: "y",
    });
    assert.equal(assertAccepted(verdict).headers, plain.headers);
  }
});

requests(
  "window bits 0, 7, 16, 15x, empty and repeated reach the negotiator as text, or are 400 (CVE-2026-2229)",
  () => {
    for (const bits of ["0", "7", "16", "15x"]) {
      const [offer] = parseExtensions(
        `permessage-deflate; server_max_window_bits=${bits}; server_max_window_bits="${bits}"`,
      );
      assert.equal(
        offer!.parameters.map(({ value }) => value),
        [bits, bits],
      );
    }
    for (const empty of [
      "permessage-deflate; server_max_window_bits=",
      'permessage-deflate; server_max_window_bits=""',
    ]) {
      assertHandshakeError(() => parseExtensions(empty), 400, "WS_HANDSHAKE_EXTENSIONS");
    }
  },
);

requests("ten thousand unfinished heads hold at most twice their octets", () => {
  const readers = Array.from({ length: 10_000 }, () => new HeadReader());
  const start = latin1("GET / HTTP/1.1\r\n");
  let held = 0;
  for (const reader of readers) {
    reader.push(start);
    held += reader.retainedLength;
  }
  assert.ok(held <= 2 * start.length * readers.length, `${held} octets`);
});

requests.run();

const random = suite("hostile octets");

/** A generator anybody can run again: xorshift32. */
function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

random("a request with any octets replaced, removed or repeated is accepted or refused, never thrown at", () => {
  const next = randomOf(0x5eed);
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
    for (let change = next(3) + 1; change > 0; change--) {
      const at = next(octets.length);
      const pick = next(3);
      if (pick === 0) octets[at] = next(256);
      else if (pick === 1) octets.splice(at, 1);
      else octets.splice(at, 0, octets[at]!);
    }
    const sent = Uint8Array.from(octets);
    const cut = next(sent.length);
    const whole = answerPieces([sent]);
    const inTwo = answerPieces([sent.subarray(0, cut), sent.subarray(cut)]);
    assert.is(inTwo.httpStatus, whole.httpStatus, `round ${round}`);
    counts.set(whole.httpStatus, (counts.get(whole.httpStatus) ?? 0) + 1);
  }
  for (const status of [101, 400, 403, 405, 426, 505]) assert.ok(counts.has(status), `no ${status} among them`);
});

random("random octets are a HandshakeError for both parsers, never another", () => {
  const next = randomOf(0xbad5eed);
  for (let round = 0; round < 5_000; round++) {
    const octets = Uint8Array.from({ length: next(80) }, () =>
      next(4) === 0 ? [0x0d, 0x0a, 0x3a, 0x20][next(4)]! : next(256),
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

random("fields of another parser that are hostile are refused, never thrown at", () => {
  for (const headers of [
    { ":authority": "a" },
    { "a b": "c" },
    { Host: "\0" },
    { Host: "a", Upgrade: "websoc\u212Aet" },
  ]) {
    assertRefused(acceptHandshake({ method: "GET", target: "/", headers }), 400, "WS_HANDSHAKE_HEAD_MALFORMED");
  }
});

random.run();
