// Text that decode leaves to the caller to validate, because the platform does it faster: what decode leaves, and that who
// receives it cannot tell. RFC 6455 §8.1.

import * as assert from "uvu/assert";
import * as K from "../../assembly/constants.ts";
import { FrameDecoder } from "../../bindings/codec/frame-decoder.ts";
import { wireConfig } from "../../bindings/codec/wire.ts";
import { host } from "../../bindings/host.ts";
import { same } from "../support/assertions.ts";
import { builtOnKernel } from "../support/current-kernel.ts";
import { callDecode } from "../support/driver.ts";
import { kernels } from "../support/kernels.ts";
import { concat, filled, hex, utf8 } from "../support/octets.ts";
import { cutAt, Peer } from "../support/peer.ts";
import { runtime } from "../support/runtime.ts";
import { FrameRecord } from "./support.ts";

const { LONG_TEXT } = K;

/** Text of `length` octets, the last `tail` among them. */
function text(length: number, tail: Uint8Array): Uint8Array {
  return concat(filled(length - tail.length, 0x61), tail);
}

/** What makes text invalid, with the octets of it before the one at fault. */
const faults: readonly (readonly [octets: Uint8Array, before: number])[] = [
  [hex("ff"), 0],
  [hex("80"), 0],
  [hex("c1 80"), 0],
  [hex("c3 28"), 1],
  [hex("e0 9f 80"), 1],
  [hex("ed a0 80"), 1],
  [hex("e6 97 28"), 2],
  [hex("f4 90 80 80"), 1],
  [hex("f0 9f 98 28"), 3],
];

for (const tested of kernels) {
  const { kernel } = tested;
  const test = builtOnKernel("long text", tested);

  for (const role of ["server", "client"] as const) {
    const peer = new Peer(role);
    const rules = { role, leaveLongText: true };
    const after = peer.text("after");

    test(`as ${role}, decode leaves whole text of LONG_TEXT octets that is not ASCII, and stops after it`, () => {
      for (const end of ["é", "\u{1f600}"].map(utf8).concat(hex("ff"))) {
        const long = peer.text(text(LONG_TEXT, end));
        const { records, isUnjudged, consumed, violation, state } = callDecode(kernel, concat(long, after), rules);
        assert.equal([records.length, isUnjudged, consumed, violation], [1, true, long.length, 0]);
        assert.equal(records[0]!.payload, text(LONG_TEXT, end));
        assert.is(state, null);
      }
    });

    test(`as ${role}, decode validates what is shorter, or does not end its message, and leaves no ASCII`, () => {
      const wrong = peer.text(text(LONG_TEXT - 1, hex("ff")));
      assert.is(callDecode(kernel, wrong, rules).violation, K.VIOLATION_INVALID_UTF8);
      const open = peer.text(text(2 * LONG_TEXT, hex("ff")), false);
      assert.is(callDecode(kernel, open, rules).violation, K.VIOLATION_INVALID_UTF8);
      const ascii = concat(peer.text(text(LONG_TEXT, hex("61"))), after);
      assert.equal(withoutState(callDecode(kernel, ascii, rules)), [2, false, 0]);
      const binary = concat(peer.binary(text(LONG_TEXT, hex("ff"))), after);
      assert.equal(withoutState(callDecode(kernel, binary, rules)), [2, false, 0]);
      const skipped = concat(peer.text(text(LONG_TEXT, hex("ff"))), after);
      assert.equal(withoutState(callDecode(kernel, skipped, { ...rules, skipUtf8: true })), [2, false, 0]);
    });

    test(`as ${role}, decode leaves a last piece only where it begins with a character`, () => {
      const cut = concat(peer.text(hex("61 c3"), false), peer.more(concat(hex("a9"), text(LONG_TEXT, hex("ff")))));
      assert.is(callDecode(kernel, cut, rules).violation, K.VIOLATION_INVALID_UTF8);
      const whole = concat(peer.text(hex("c3 a9"), false), peer.more(text(LONG_TEXT, utf8("é"))), after);
      assert.equal(withoutState(callDecode(kernel, whole, rules)), [2, true, 0]);
    });

    test(`as ${role}, the octet at fault is named wherever the fault and the cut are`, () => {
      const first = peer.text("first");
      for (const [fault, before] of faults) {
        for (const at of [0, 1, 15, 16, 500, LONG_TEXT - 5]) {
          const payload = concat(filled(at, 0x61), fault, utf8("é"), filled(LONG_TEXT - at, 0x62));
          const frame = peer.text(payload);
          const headerLength = frame.length - payload.length;
          const stream = concat(first, frame, after);
          for (const chunks of [
            [stream],
            cutAt(stream, first.length + 2),
            cutAt(stream, first.length + headerLength),
          ]) {
            const { error, events } = decodeChunks(role, chunks);
            assert.is(error?.code, "WS_INVALID_UTF8");
            assert.is(error?.octetOffset, first.length + headerLength + at + before, `fault at ${at}`);
            assert.is(error?.byteOffset, first.length);
            assert.is(error?.frame?.payloadLength, payload.length);
            assert.equal(events, ["text 0x80 66 69 72 73 74"]);
          }
        }
      }
    });

    test(`as ${role}, text that is cut short is at fault at its end`, () => {
      for (const short of ["c3", "e6 97", "f0 9f 98"].map(hex)) {
        const frame = peer.text(text(LONG_TEXT, short));
        const { error } = decodeChunks(role, [concat(frame, after)]);
        assert.is(error?.octetOffset, frame.length, `after ${short.length} octets of a character`);
      }
    });

    test(`as ${role}, what follows long text in its chunk is delivered, cut anywhere`, () => {
      const long = text(LONG_TEXT, utf8("é"));
      const stream = concat(peer.text(long), peer.ping("p"), peer.text(long), after);
      for (let cut = 1; cut < stream.length; cut++) {
        const { error, events, payloads } = decodeChunks(role, cutAt(stream, cut));
        same(error, null, () => `cut at ${cut}`);
        assert.equal(events, ["ping 0x80 70", "text 0x80 61 66 74 65 72"]);
        same(payloads.length, 4, () => `cut at ${cut}`);
        for (const index of [0, 2])
          same(Buffer.compare(payloads[index]!, long), 0, () => `text ${index}, cut at ${cut}`);
      }
    });
  }

  test("is left where the platform validates fast: as Node and Bun do, and Deno and browsers do not", () => {
    const isLeft = runtime === "node" || runtime === "bun";
    assert.is(host.isUtf8 !== null, isLeft);
    assert.is((wireConfig("server", 0, false) & K.CONFIG_LEAVE_LONG_TEXT) !== 0, isLeft);
  });

  test.run();
}

function withoutState({ records, isUnjudged, violation }: ReturnType<typeof callDecode>): unknown {
  return [records.length, isUnjudged, violation];
}

function decodeChunks(role: "server" | "client", chunks: readonly Uint8Array[]) {
  const decoder = new FrameDecoder({ role });
  const sink = new FrameRecord();
  let error: ReturnType<FrameDecoder["decode"]> = null;
  for (const chunk of chunks) error = decoder.decode(chunk, sink);
  return { error, events: sink.events, payloads: sink.payloads };
}
