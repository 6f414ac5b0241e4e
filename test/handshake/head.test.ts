// The head's reader: any pieces, exact limits, nothing lost, nothing kept that was not sent.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { HeadReader, type HeadReaderOptions } from "../../bindings/handshake/index.ts";
import { assertHandshakeError, assertUsageError, headOf, latin1, requestLines } from "./support.ts";

const head = headOf(requestLines());
const frames = Uint8Array.from([0x81, 0x85, 1, 2, 3, 4, 0x69, 0x67, 0x6f, 0x68, 0x6e, 0x0d, 0x0a, 0x0d, 0x0a]);

function join(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

/** Pushes octets one by one; returns how many it took until the head was complete or an error was thrown. */
function pushEach(reader: HeadReader, octets: Uint8Array): number {
  for (let at = 0; at < octets.length; at++) if (reader.push(octets.subarray(at, at + 1))) return at + 1;
  return -1;
}

const pieces = suite("HeadReader pieces");

pieces("takes a head whole", () => {
  const reader = new HeadReader();
  assert.is(reader.isComplete, false);
  assert.is(reader.push(head), true);
  assert.is(reader.isComplete, true);
  assert.equal(reader.head, head);
  assert.equal(reader.rest, new Uint8Array(0));
  reader.end();
});

pieces("takes a head octet by octet, and knows the last one", () => {
  const reader = new HeadReader();
  assert.is(pushEach(reader, join(head, frames)), head.length);
  assert.equal(reader.head, head);
});

pieces("takes a head cut at every place, and loses none of the frames behind it", () => {
  const sent = join(head, frames);
  for (let cut = 0; cut <= sent.length; cut++) {
    const reader = new HeadReader();
    const early = reader.push(sent.subarray(0, cut));
    assert.is(early, cut >= head.length, `cut at ${cut}`);
    if (!early) assert.is(reader.push(sent.subarray(cut)), true);
    assert.equal(reader.head, head, `cut at ${cut}`);
    assert.equal(reader.rest, sent.subarray(head.length, early ? cut : sent.length), `cut at ${cut}`);
  }
});

pieces("takes a head in three pieces at every pair of cuts around its end", () => {
  const sent = join(head, frames);
  for (let first = head.length - 6; first <= head.length; first++) {
    for (let second = first; second <= head.length; second++) {
      const reader = new HeadReader();
      for (const piece of [sent.subarray(0, first), sent.subarray(first, second), sent.subarray(second)]) {
        if (reader.push(piece)) break;
      }
      assert.equal(reader.head, head, `cuts at ${first} and ${second}`);
    }
  }
});

pieces("copies: the caller may overwrite a chunk, Buffers too, once push returned", () => {
  const sent = Buffer.from(join(head, frames));
  const reader = new HeadReader();
  const first = sent.subarray(0, 20);
  reader.push(first);
  const second = Buffer.from(sent.subarray(20));
  assert.is(reader.push(second), true);
  sent.fill(0);
  second.fill(0);
  assert.equal(reader.head, head);
  assert.equal(new Uint8Array(reader.rest), frames);
});

pieces("refuses to go on after the head, and to give it before (UsageError)", () => {
  const reader = new HeadReader();
  assertUsageError(() => reader.head, "complete");
  assertUsageError(() => reader.rest, "complete");
  reader.push(head);
  assertUsageError(() => reader.push(frames), "connection");
  assertUsageError(() => new HeadReader().push("GET / HTTP/1.1" as never), "Uint8Array");
});

pieces("an end before the empty line is a fault, with nothing received as well", () => {
  assertHandshakeError(() => new HeadReader().end(), 400, "WS_HANDSHAKE_INCOMPLETE");
  const reader = new HeadReader();
  reader.push(head.subarray(0, head.length - 1));
  assertHandshakeError(() => reader.end(), 400, "WS_HANDSHAKE_INCOMPLETE");
  assertHandshakeError(() => new HeadReader({ role: "client" }).end(), 0, "WS_HANDSHAKE_INCOMPLETE");
});

pieces.run();

const limits = suite("HeadReader limits");

/** The verdict on octets fed whole, octet by octet and cut in two at every place must be one. */
function verdictOf(octets: Uint8Array, options: HeadReaderOptions): string {
  const run = (parts: readonly Uint8Array[]): string => {
    const reader = new HeadReader(options);
    try {
      for (const part of parts) if (reader.push(part)) return "complete";
      return "incomplete";
    } catch (error) {
      return (error as { code: string }).code;
    }
  };
  const whole = run([octets]);
  assert.is(run(Array.from(octets, (octet) => Uint8Array.of(octet))), whole, "octet by octet");
  for (let cut = 1; cut < octets.length; cut++) {
    assert.is(run([octets.subarray(0, cut), octets.subarray(cut)]), whole, `cut at ${cut}`);
  }
  return whole;
}

limits("a head of exactly maxHeadLength passes, one octet more is 431 (RFC 6585 §5)", () => {
  assert.is(verdictOf(head, { maxHeadLength: head.length }), "complete");
  assert.is(verdictOf(join(head, frames), { maxHeadLength: head.length }), "complete");
  assert.is(verdictOf(head, { maxHeadLength: head.length - 1 }), "WS_HANDSHAKE_HEAD_TOO_LONG");
  assertHandshakeError(() => new HeadReader({ maxHeadLength: 10 }).push(head), 431, "WS_HANDSHAKE_HEAD_TOO_LONG");
});

limits("exactly maxHeaderCount fields pass, one more is 431, in any pieces", () => {
  const lines = (count: number): Uint8Array =>
    headOf(["GET / HTTP/1.1", ...Array.from({ length: count }, (_, n) => `a${n}: b`)]);
  assert.is(verdictOf(lines(3), { maxHeaderCount: 3 }), "complete");
  assert.is(verdictOf(lines(4), { maxHeaderCount: 3 }), "WS_HANDSHAKE_TOO_MANY_HEADERS");
  assert.is(new HeadReader().push(lines(100)), true);
  assertHandshakeError(() => new HeadReader().push(lines(101)), 431, "WS_HANDSHAKE_TOO_MANY_HEADERS");
});

limits("the default is 16384 octets", () => {
  const padded = (length: number): Uint8Array => {
    const bare = headOf(["GET / HTTP/1.1", "a: "]).length;
    return headOf(["GET / HTTP/1.1", `a: ${"x".repeat(length - bare)}`]);
  };
  assert.is(new HeadReader().push(padded(16384)), true);
  assertHandshakeError(() => new HeadReader().push(padded(16385)), 431, "WS_HANDSHAKE_HEAD_TOO_LONG");
});

limits("a client's errors carry status 0: no answer was received", () => {
  const reader = new HeadReader({ role: "client", maxHeadLength: 8 });
  assertHandshakeError(() => reader.push(head), 0, "WS_HANDSHAKE_HEAD_TOO_LONG");
  assertHandshakeError(() => new HeadReader({ role: "client" }).push(latin1("\0")), 0, "WS_HANDSHAKE_HEAD_MALFORMED");
});

limits("limits that are no positive integers throw UsageError; 3e9 is one", () => {
  for (const option of ["maxHeadLength", "maxHeaderCount"]) {
    for (const value of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, "16kb", null, {}]) {
      assertUsageError(() => new HeadReader({ [option]: value }), option, String(value));
    }
    assert.is(new HeadReader({ [option]: 3e9 }).push(head), true);
  }
});

limits("an error stays: every later push and end throws it again, and the octets are let go", () => {
  const reader = new HeadReader();
  reader.push(head.subarray(0, 30));
  const error = assertHandshakeError(() => reader.push(latin1("\n")), 400, "WS_HANDSHAKE_HEAD_MALFORMED");
  assert.is(reader.retainedLength, 0);
  for (const again of [() => reader.push(head), () => reader.end()]) {
    assert.is(assertHandshakeError(again, 400, "WS_HANDSHAKE_HEAD_MALFORMED"), error);
  }
});

limits.run();

const octets = suite("HeadReader octets");

octets("bare LF, bare CR and control octets are 400 at that octet, not at the head's end (RFC 9112 §2.2)", () => {
  for (let octet = 0; octet < 256; octet++) {
    const reader = new HeadReader();
    reader.push(latin1("GET / HTTP/1.1\r\na: "));
    const push = (): boolean => reader.push(Uint8Array.of(octet, 0x78));
    const isAllowed = octet === 0x09 || (octet >= 0x20 && octet !== 0x7f);
    if (isAllowed) assert.is(push(), false, `octet ${octet}`);
    else assertHandshakeError(push, 400, "WS_HANDSHAKE_HEAD_MALFORMED");
  }
});

octets("every wrong way to end a head is 400 (RFC 9112 §2.2)", () => {
  for (const end of ["\n\n", "\r\n\n", "\n\r\n", "\r\r\n", "\r\n\r\r\n", "\r\r", "\r\n\rx"]) {
    assert.is(verdictOf(latin1(`GET / HTTP/1.1${end}`), {}), "WS_HANDSHAKE_HEAD_MALFORMED", JSON.stringify(end));
  }
});

octets("a TLS ClientHello is refused at its first octet", () => {
  assertHandshakeError(() => new HeadReader().push(Uint8Array.of(0x16)), 400, "WS_HANDSHAKE_HEAD_MALFORMED");
});

octets.run();

const memory = suite("HeadReader memory");

memory("a head that never ends holds at most twice the octets received, and never above the limit", () => {
  const reader = new HeadReader({ maxHeadLength: 10_000 });
  assert.is(reader.retainedLength, 0);
  for (let received = 1; received <= 10_000; received++) {
    reader.push(latin1("x"));
    const bound = Math.min(2 * received, 10_000);
    if (reader.retainedLength > bound) assert.unreachable(`${reader.retainedLength} held after ${received}`);
  }
  assertHandshakeError(() => reader.push(latin1("x")), 431, "WS_HANDSHAKE_HEAD_TOO_LONG");
  assert.is(reader.retainedLength, 0);
});

memory("a chunk over the limit is refused without being kept", () => {
  const reader = new HeadReader();
  assertHandshakeError(() => reader.push(new Uint8Array(1 << 20).fill(0x78)), 431, "WS_HANDSHAKE_HEAD_TOO_LONG");
  assert.is(reader.retainedLength, 0);
});

memory("octet by octet the copies grow with the logarithm of the length: 1 MiB is copied 20 times", () => {
  const reader = new HeadReader({ maxHeadLength: 1 << 20 });
  const capacities = new Set<number>();
  const octet = latin1("x");
  // Rescanning what was seen, or growing by the octet, would be 5e11 steps here: this test would not end.
  for (let received = 0; received < 1 << 20; received++) {
    reader.push(octet);
    capacities.add(reader.retainedLength);
  }
  assert.is(capacities.size, 21);
});

memory.run();
