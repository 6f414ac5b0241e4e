// What long heads cost: time in proportion to their length, memory in proportion to what was received. Growth is looked at, not
// seconds: eight times the input may take some 8 times as long, where a scanner that starts over takes 64.

import * as assert from "uvu/assert";
import {
  type HandshakeOptions,
  HandshakePolicy,
  HeadReader,
  parseExtensions,
  parseRequestHead,
} from "../../bindings/handshake/index.ts";
import {
  answer,
  answerPieces,
  assertAccepted,
  assertRefused,
  headOf,
  latin1,
  requestLines,
} from "../handshake/support.ts";
import { memoryNow } from "./collected.ts";
import { fillers } from "./requests.ts";
import { hostileSuite } from "./support.ts";

const BASE_LENGTH = 2 ** 13;
/** Between what is linear, 8, and what is quadratic, 64. */
const GROWTH_LIMIT = 28;
/** What is linear is over long before: it is not measured again and again. */
const GIVING_UP_MS = 4000;
const generous = new HandshakePolicy({ maxHeadLength: 2 ** 23, maxHeaderCount: 10 ** 6 });

/** The least time that each length took. Ten rounds at most: a machine that is busy elsewhere has quiet moments. */
function growthOf(work: (length: number) => void, base: number): number[] {
  const lengths = [1, 2, 4, 8].map((factor) => factor * base);
  const began = performance.now();
  const least = lengths.map(() => Number.POSITIVE_INFINITY);
  for (let round = 0; round < 10; round++) {
    for (const [at, length] of lengths.entries()) {
      const started = performance.now();
      work(length);
      least[at] = Math.min(least[at]!, performance.now() - started);
    }
    if (performance.now() - began > GIVING_UP_MS) break;
    if (round >= 1 && least[3]! < 0.5 * GROWTH_LIMIT * least[0]!) break;
  }
  return least;
}

/** Fails unless work grows with its length alone. What takes less than 50 µs is not told from nothing. */
function assertLinear(what: string, work: (length: number) => void, base: number = BASE_LENGTH): void {
  const least = growthOf(work, base);
  const shown = least.map((ms) => ms.toFixed(3)).join(", ");
  assert.ok(least[3]! < GROWTH_LIMIT * Math.max(least[0]!, 0.05), `${what}: ${shown} ms for 1, 2, 4 and 8 times`);
}

const test = hostileSuite("growth of heads");

const values: readonly (readonly [what: string, value: (fill: string) => string])[] = [
  ["alone", (fill) => fill],
  ["behind a token", (fill) => `a${fill}`],
  ["between tokens", (fill) => `a${fill}!b`],
  ["between parameters", (fill) => `a;b${fill}c`],
  ["in quotes that do not close", (fill) => `a;b="${fill}`],
];

test("a list's time grows with its length, whatever fills it (CVE-2021-32640, CVE-2020-7662)", () => {
  for (const [what, filler] of fillers) {
    for (const [place, value] of values) {
      for (const name of ["Sec-WebSocket-Protocol", "Sec-WebSocket-Extensions"]) {
        assertLinear(`${name}, ${what} ${place}`, (length) => {
          const field = value(filler.repeat(length / filler.length));
          const verdict = answer({ [name]: field }, generous);
          // Whitespace around a value is no part of it.
          if (field.trim() === "a") assertAccepted(verdict);
          else assert.is(verdict.httpStatus, 400);
        });
      }
    }
  }
});

test("the time of any other field grows with its length", () => {
  for (const name of ["Connection", "Upgrade", "Host", "Sec-WebSocket-Key", "Sec-WebSocket-Version", "Origin"]) {
    for (const [what, filler] of fillers) {
      assertLinear(`${name}, ${what}`, (length) => {
        const value = `x${filler.repeat(length / filler.length)}/y`;
        assert.is(answer({ [name]: value }, generous).accepted, false, name);
      });
    }
  }
});

test("the time of a head grows with its length, one octet a chunk too", () => {
  assertLinear(
    "one octet a chunk",
    (length) => {
      const octets = latin1(`GET / HTTP/1.1\r\n${"a: b\r\n".repeat(length / 6)}`);
      const reader = new HeadReader(generous);
      for (let at = 0; at < octets.length; at++) reader.push(octets.subarray(at, at + 1));
      assert.is(reader.isComplete, false);
    },
    2 * BASE_LENGTH,
  );
});

test("the time of many fields, of as many lines of one, and of as many elements grows with their number", () => {
  const numbered = (length: number): string[] => Array.from({ length: length / 8 }, (_, index) => `p${index}`);
  assertLinear("fields", (length) => {
    const fields = Object.fromEntries(numbered(length).map((name) => [name, "x"]));
    assertAccepted(answer(fields, generous));
  });
  assertLinear("lines of a field", (length) => {
    assertAccepted(answer({ "Sec-WebSocket-Protocol": numbered(length) }, generous));
  });
  assertLinear("elements, all of them spoken", (length) => {
    const names = numbered(length);
    const options: HandshakeOptions = { maxHeadLength: 2 ** 23, protocols: [...names].reverse() };
    const verdict = assertAccepted(answer({ "Sec-WebSocket-Protocol": names.join(",") }, options));
    assert.is(verdict.protocol, names.at(-1));
  });
  assertLinear("extensions, all of them accepted", (length) => {
    const names = numbered(length);
    const options: HandshakeOptions = { maxHeadLength: 2 ** 23, negotiateExtensions: (offers) => offers };
    const verdict = answer({ "Sec-WebSocket-Extensions": names.join(",") }, options);
    assert.is(assertAccepted(verdict).extensions.length, names.length);
  });
});

test("the time of a quoted-string of quoted-pairs grows with its length", () => {
  assertLinear("quoted-pairs", (length) => {
    const [extension] = parseExtensions(`a; b="${"\\c".repeat(length)}"`);
    assert.is(extension!.parameters[0]!.value!.length, length);
  });
});

test("64 KiB of spaces are 431 by default, at the octet that passes the limit", () => {
  const octets = headOf(requestLines({ "Sec-WebSocket-Extensions": `a${" ".repeat(65536)};` }));
  assertRefused(answerPieces([octets]), 431, "WS_HANDSHAKE_HEAD_TOO_LONG");
  const reader = new HeadReader();
  let taken = 0;
  const push = (): void => {
    for (; taken < octets.length; taken++) reader.push(octets.subarray(taken, taken + 1));
  };
  assert.throws(push, (error: { code?: string }) => error.code === "WS_HANDSHAKE_HEAD_TOO_LONG");
  assert.is(taken, 16384);
  assert.is(reader.retainedLength, 0, "what is refused is forgotten");
});

test("unfinished heads keep at most twice their octets, in whatever chunks they came", () => {
  const readerCount = 500;
  const head = latin1(`GET / HTTP/1.1\r\n${"X-Filler: 0123456789abcdef\r\n".repeat(290)}`);
  for (const chunkLength of [1, 7, 100, 1460, head.length]) {
    const readers = Array.from({ length: readerCount }, () => new HeadReader({ maxHeaderCount: 1000 }));
    const before = memoryNow().inUse;
    for (const reader of readers)
      for (let at = 0; at < head.length; at += chunkLength) reader.push(head.slice(at, at + chunkLength));
    const grown = memoryNow().inUse - before;
    const told = readers.reduce((sum, { retainedLength }) => sum + retainedLength, 0);
    const received = readerCount * head.length;
    const described = `in chunks of ${chunkLength}, of ${received} octets: ${grown} octets of memory, ${told} told`;
    assert.ok(told <= 2 * received, described);
    assert.ok(grown <= 2 * received + readerCount * 1024, described);
  }
});

test("a head of a few octets keeps a few octets: nothing is reserved for what may come", () => {
  const readers = Array.from({ length: 10_000 }, () => new HeadReader());
  const before = memoryNow().inUse;
  for (const reader of readers) reader.push(latin1("GET / HTTP/1.1\r\n"));
  const kept = (memoryNow().inUse - before) / readers.length;
  assert.ok(kept < 1024, `${kept} octets a reader`);
  assert.ok(readers[0]!.retainedLength <= 32);
});

test("a complete head reads as before, and what follows it is kept apart", () => {
  const octets = headOf(requestLines({ "X-Filler": "x".repeat(8000) }));
  const reader = new HeadReader();
  for (let at = 0; at < octets.length - 1; at++) reader.push(octets.subarray(at, at + 1));
  assert.ok(reader.push(latin1("\nframes")));
  assert.equal(Buffer.from(reader.head), Buffer.from(octets));
  assert.is(Buffer.from(reader.rest).toString(), "frames");
  assert.is(parseRequestHead(reader.head).headers.get("x-filler")?.length, 8000);
});

test.run();
