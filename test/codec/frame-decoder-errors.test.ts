// FrameDecoder: what it says of a peer that breaks a rule, and of a caller that does.

import * as assert from "uvu/assert";
import { FrameDecoder, type FrameDecoderOptions } from "../../bindings/codec/frame-decoder.ts";
import { LimitError, PeerError } from "../../bindings/errors/classes.ts";
import { thrownBy } from "../connection/support.ts";
import { builtOnKernel } from "../support/current-kernel.ts";
import { kernels } from "../support/kernels.ts";
import { concat, filled, hex, toHex } from "../support/octets.ts";
import { cutAt, octetByOctet, Peer } from "../support/peer.ts";
import { FrameRecord } from "./support.ts";

const peer = new Peer("server");

/** Of each kind of violation one: judged by the first octets, by the length, in the payload, at its end. */
const wrongStreams = [
  peer.frame(3, "payload"),
  peer.frame(1, "payload", { rsv: 4 }),
  hex("81 03 61 62 63"), // not masked
  peer.more("payload"),
  concat(peer.text("begun", false), peer.text("again")),
  peer.frame(9, "payload", { fin: false }),
  peer.frame(9, filled(126, 1)),
  peer.frame(2, filled(5, 1), { lengthForm: 16 }),
  peer.frame(2, filled(5, 1), { announced: 2n ** 63n }),
  peer.frame(2, filled(5, 1), { announced: 1001n }),
  peer.text(hex("61 62 c3 28 63 64")),
  peer.text(hex("61 62 e6 97")),
  concat(peer.text(hex("61 e6"), false), peer.more(hex("97 28 61"))),
  peer.frame(8, hex("03")),
  peer.frame(8, hex("03 ed")),
  peer.frame(8, hex("03 e8 ff 61")),
];

for (const tested of kernels) {
  const test = builtOnKernel("FrameDecoder's errors", tested);

  test("are returned after the frames before them, and again by every later call", () => {
    const good = [peer.text("a"), peer.ping("b")];
    const stream = concat(...good, hex("83 80 00 00 00 00"), peer.text("never"));
    const decoder = new FrameDecoder({ role: "server" });
    const sink = new FrameRecord();
    const error = decoder.decode(stream, sink);
    assert.instance(error, PeerError);
    assert.is(error?.code, "WS_RESERVED_OPCODE");
    assert.is(error?.byteOffset, good[0]!.length + good[1]!.length);
    assert.equal(sink.events, ["text 0x80 61", "ping 0x80 62"]);
    assert.is(decoder.decode(peer.text("later"), sink), error);
    assert.is(decoder.decode(new Uint8Array(0), sink), error);
    assert.is(sink.events.length, 2);
  });

  test("are the same for a cut anywhere and octet by octet, also far into a long stream", () => {
    const before = Array.from({ length: 300 }, () => peer.ping("0123456789"));
    const offset = before.reduce((sum, { length }) => sum + length, 0);
    const stream = concat(...before, peer.text("ok", false), peer.more(hex("f4 90 80 80")));
    const textLength = 6 + 2;
    for (const chunks of [[stream], cutAt(stream, offset + 3), cutAt(stream, offset + 15), octetByOctet(stream)]) {
      const decoder = new FrameDecoder({ role: "server" });
      const sink = new FrameRecord();
      const errors = chunks.map((chunk) => decoder.decode(chunk, sink));
      const error = errors[errors.length - 1]!;
      assert.is(error.code, "WS_INVALID_UTF8");
      assert.is(error.byteOffset, offset + textLength);
      assert.is(error.octetOffset, offset + textLength + 6 + 1, "f4 90 is past U+10FFFF (§8.1)");
      assert.is(sink.events.length, 301, "and what came whole before was given");
    }
  });

  test("name the limit on a frame's length, at the header (§10.4)", () => {
    const decoder = new FrameDecoder({ role: "server", maxPayloadLength: 1000 });
    const sink = new FrameRecord();
    assert.is(decoder.decode(peer.binary(filled(1000, 1)), sink), null);
    const head = peer.frame(2, "", { announced: 1001n });
    const error = decoder.decode(head.subarray(0, 4), sink);
    assert.instance(error, LimitError);
    const { code, limit, actual, closeCode, byteOffset } = error as LimitError;
    assert.equal([code, limit, actual, closeCode, byteOffset], ["WS_FRAME_TOO_LONG", 1000, 1001, 1009, 1008]);
  });

  test("judge the frame's length alone: fragments may be longer together (§5.4)", () => {
    const decoder = new FrameDecoder({ role: "server", maxPayloadLength: 200 });
    const sink = new FrameRecord();
    const part = filled(200, 0x61);
    assert.is(decoder.decode(concat(peer.text(part, false), peer.more(part, false), peer.more(part)), sink), null);
    assert.is(sink.payloads.length, 3);
  });

  test("is 16 MiB by default, and 3e9 is 3e9", () => {
    const error = (options: FrameDecoderOptions, announced: bigint): string | undefined =>
      new FrameDecoder(options).decode(peer.frame(2, "", { announced }), new FrameRecord())?.code;
    assert.is(error({ role: "server" }, 2n ** 24n), undefined);
    assert.is(error({ role: "server" }, 2n ** 24n + 1n), "WS_FRAME_TOO_LONG");
    assert.is(error({ role: "server", maxPayloadLength: 3e9 }, 3_000_000_000n), undefined);
    assert.is(error({ role: "server", maxPayloadLength: 3e9 }, 3_000_000_001n), "WS_FRAME_TOO_LONG");
    assert.is(error({ role: "server", maxPayloadLength: Infinity }, 2n ** 63n - 1n), undefined);
    assert.is(error({ role: "server", maxPayloadLength: Infinity }, 2n ** 63n), "WS_LENGTH_TOP_BIT");
  });

  test("wrong options throw UsageErrors that name them", () => {
    const wrong: readonly [string, unknown][] = [
      ["role", {}],
      ["role", { role: "Server" }],
      ["role", { role: null }],
      ["maxPayloadLength", { role: "server", maxPayloadLength: -1 }],
      ["maxPayloadLength", { role: "server", maxPayloadLength: 124 }],
      ["maxPayloadLength", { role: "server", maxPayloadLength: NaN }],
      ["maxPayloadLength", { role: "server", maxPayloadLength: "64kb" }],
      ["maxPayloadLength", { role: "server", maxPayloadLength: 1000.5 }],
      ["maxPayloadLength", { role: "server", maxPayloadLength: null }],
      ["allowedRsv", { role: "server", allowedRsv: 8 }],
      ["allowedRsv", { role: "server", allowedRsv: "4" }],
      ["skipUtf8Validation", { role: "server", skipUtf8Validation: 1 }],
      ["maxPayload", { role: "server", maxPayload: 1000 }],
      ["FrameDecoder", undefined],
      ["FrameDecoder", null],
      ["FrameDecoder", "server"],
    ];
    for (const [name, options] of wrong) {
      const make = (): unknown => new FrameDecoder(options as FrameDecoderOptions);
      assert.is(thrownBy(make), "UsageError WS_OPTION", JSON.stringify(options));
      assert.throws(make, new RegExp(`\\b${name}\\b`));
    }
    new FrameDecoder({ role: "client", maxPayloadLength: undefined, allowedRsv: undefined });
  });

  test("a chunk that is no octets throws, and costs nothing", () => {
    const decoder = new FrameDecoder({ role: "server" });
    const sink = new FrameRecord();
    for (const chunk of ["text", null, undefined, 5, [1, 2], {}]) {
      assert.is(
        thrownBy(() => decoder.decode(chunk as Uint8Array, sink)),
        "UsageError WS_ARGUMENT",
      );
    }
    assert.is(decoder.decode(peer.text("fine"), sink), null);
    assert.is(sink.events.length, 1);
  });

  test("leave byteOffset the same however the input was cut", () => {
    for (const faulty of wrongStreams) {
      const stream = concat(peer.text("before"), faulty, peer.text("after"));
      const offsetOf = (chunks: readonly Uint8Array[]): number => {
        const decoder = new FrameDecoder({ role: "server", maxPayloadLength: 1000 });
        for (const chunk of chunks) decoder.decode(chunk, new FrameRecord());
        assert.instance(decoder.decode(new Uint8Array(0), new FrameRecord()), PeerError);
        return decoder.byteOffset;
      };
      const whole = offsetOf([stream]);
      for (let cut = 1; cut < stream.length; cut++) {
        assert.is(offsetOf(cutAt(stream, cut)), whole, `${toHex(faulty)}, cut at ${cut}`);
      }
      assert.is(offsetOf(octetByOctet(stream)), whole, `${toHex(faulty)}, octet by octet`);
    }
  });

  test.run();
}
