// FrameDecoder: octets in, whole frames out, however the octets come. RFC 6455 §5.2.

import * as assert from "uvu/assert";
import { FrameDecoder } from "../../bindings/codec/frame-decoder.ts";
import { builtOnKernel, poison } from "../support/current-kernel.ts";
import { kernels } from "../support/kernels.ts";
import { concat, filled, hex, Random, utf8 } from "../support/octets.ts";
import { cutAt, octetByOctet, Peer } from "../support/peer.ts";
import { decodeAll, FrameRecord, frameEvent } from "./support.ts";

const roles = ["server", "client"] as const;
const kinds: readonly [opcode: number, fin: boolean, payload: Uint8Array][] = [
  [0x1, true, utf8("Hello")],
  [0x9, true, utf8("are you there?")],
  [0x1, false, utf8("κό")],
  [0xa, true, filled(125, 0x80)],
  [0x0, false, new Uint8Array(0)],
  [0x0, true, utf8("σμε 😀")],
  [0x2, true, Uint8Array.of(0, 255, 254)],
  [0x2, true, new Uint8Array(0)],
  [0x2, true, filled(126, 0xfe)],
  [0x8, true, concat(hex("03 e8"), utf8("bye"))],
];

for (const tested of kernels) {
  const test = builtOnKernel("FrameDecoder", tested);

  test("gives every frame with its opcode, its FIN bit and its payload unmasked, for both roles (§5.2, §5.3)", () => {
    for (const role of roles) {
      const peer = new Peer(role);
      const stream = concat(...kinds.map(([opcode, fin, payload]) => peer.frame(opcode, payload, { fin })));
      const expected = kinds.map(([opcode, fin, payload]) => frameEvent(opcode, fin ? 0x80 : 0, payload));
      const decoder = new FrameDecoder({ role });
      assert.equal(decodeAll(decoder, stream), expected);
      assert.is(decoder.byteOffset, stream.length);
      assert.is(decoder.isInside, false);
      assert.equal(decodeAll(new FrameDecoder({ role }), ...octetByOctet(stream)), expected, "octet by octet");
    }
  });

  test("gives the same frames for a cut anywhere, also where memory is poisoned in between (§5.2)", () => {
    for (const role of roles) {
      const peer = new Peer(role);
      const stream = concat(...kinds.map(([opcode, fin, payload]) => peer.frame(opcode, payload, { fin })));
      const expected = kinds.map(([opcode, fin, payload]) => frameEvent(opcode, fin ? 0x80 : 0, payload));
      for (let cut = 0; cut <= stream.length; cut++) {
        const decoder = new FrameDecoder({ role });
        const sink = new FrameRecord();
        for (const chunk of cutAt(stream, cut)) {
          assert.is(decoder.decode(chunk, sink), null);
          poison(tested.kernel);
        }
        assert.equal(sink.events, expected, `${role}, cut at ${cut}`);
        assert.is(decoder.byteOffset, stream.length);
      }
    }
  });

  test("keeps trailing octets of a frame for the next chunk", () => {
    const peer = new Peer("server");
    const whole = peer.text("one");
    const next = peer.ping("two");
    for (let length = 0; length < next.length; length++) {
      const decoder = new FrameDecoder({ role: "server" });
      assert.equal(decodeAll(decoder, concat(whole, next.subarray(0, length))), [frameEvent(1, 0x80, utf8("one"))]);
      assert.is(decoder.isInside, length !== 0);
      assert.is(decoder.byteOffset, whole.length, "a control frame counts once it is whole");
      assert.equal(decodeAll(decoder, next.subarray(length)), [frameEvent(9, 0x80, utf8("two"))]);
    }
  });

  test("gives more frames than a record table holds, from one chunk", () => {
    for (const count of [255, 256, 257, 511, 512, 513, 1000]) {
      const peer = new Peer("client");
      const frames = Array.from({ length: count }, (_, index) => peer.text(String(index)));
      const expected = Array.from({ length: count }, (_, index) => frameEvent(1, 0x80, utf8(String(index))));
      assert.equal(decodeAll(new FrameDecoder({ role: "client" }), concat(...frames)), expected);
    }
  });

  test("takes a chunk larger than the input region", () => {
    const random = new Random(300);
    for (const role of roles) {
      const peer = new Peer(role);
      const payloads = [30_000, 1, 65_535, 0, 65_536, 500_000, 7, 125, 400_000, 65_537].map((length) =>
        random.octets(length),
      );
      const stream = concat(...payloads.map((payload) => peer.binary(payload)));
      assert.ok(stream.length > 4 * tested.kernel.inputCapacity);
      const decoder = new FrameDecoder({ role });
      const sink = new FrameRecord();
      assert.is(decoder.decode(stream, sink), null);
      assert.equal(sink.payloads.map(Buffer.from), payloads.map(Buffer.from));
      assert.is(decoder.byteOffset, stream.length);
    }
  });

  test("reads lengths in 7, 16 and 64 bits on both sides of each cliff (§5.2)", () => {
    for (const length of [0, 125, 126, 127, 65_535, 65_536, 65_537]) {
      for (const role of roles) {
        const payload = new Random(length).octets(length);
        const sink = new FrameRecord();
        assert.is(new FrameDecoder({ role }).decode(new Peer(role).binary(payload), sink), null);
        assert.is(Buffer.compare(sink.payloads[0]!, payload), 0, `${length} octets`);
      }
    }
  });

  test("takes a length of 2^53 - 1 where there is no limit, and reserves nothing for it (§5.2)", () => {
    const decoder = new FrameDecoder({ role: "client", maxPayloadLength: Infinity });
    const head = new Peer("client").frame(2, "", { announced: 2n ** 53n - 1n });
    assert.equal(decodeAll(decoder, head, filled(1000, 1)), []);
    assert.is(decoder.byteOffset, head.length + 1000);
    assert.is(decoder.isInside, true);
  });

  test("says which reserved bits a frame has, where they are allowed (§5.2)", () => {
    for (let rsv = 0; rsv < 8; rsv++) {
      const decoder = new FrameDecoder({ role: "server", allowedRsv: 7 });
      const frame = new Peer("server").frame(2, "x", { rsv });
      assert.equal(decodeAll(decoder, frame), [frameEvent(2, 0x80 | (rsv << 4), utf8("x"))]);
    }
    for (let rsv = 1; rsv < 8; rsv++) {
      const decoder = new FrameDecoder({ role: "server", allowedRsv: 7 & ~rsv });
      const error = decoder.decode(new Peer("server").frame(2, "x", { rsv }), new FrameRecord());
      assert.is(error?.code, "WS_RESERVED_BIT", `RSV ${rsv}`);
    }
  });

  test("does not validate text that begins with RSV1, or where it is told not to (RFC 7692 §6)", () => {
    const peer = new Peer("server");
    const compressed = peer.frame(1, hex("ff ff"), { rsv: 4 });
    assert.equal(decodeAll(new FrameDecoder({ role: "server", allowedRsv: 4 }), compressed), ["text 0xc0 ff ff"]);
    const plain = peer.frame(1, hex("ff ff"));
    assert.equal(decodeAll(new FrameDecoder({ role: "server", skipUtf8Validation: true }), plain), ["text 0x80 ff ff"]);
    assert.is(
      new FrameDecoder({ role: "server", allowedRsv: 4 }).decode(plain, new FrameRecord())?.code,
      "WS_INVALID_UTF8",
    );
  });

  test("takes a chunk as any kind of octets, and leaves it as it was", () => {
    const frame = new Peer("server").text("Hello");
    const padded = concat(filled(3, 0xa5), frame, filled(5, 0xa5));
    const shared = new Uint8Array(new SharedArrayBuffer(frame.length));
    shared.set(frame);
    const chunks = [
      frame,
      frame.slice().buffer,
      shared.buffer,
      padded.subarray(3, 3 + frame.length),
      Buffer.from(padded.buffer, 3, frame.length),
      new DataView(padded.buffer, 3, frame.length),
    ];
    for (const chunk of chunks) {
      const sink = new FrameRecord();
      assert.is(new FrameDecoder({ role: "server" }).decode(chunk, sink), null);
      assert.equal(sink.events, [frameEvent(1, 0x80, utf8("Hello"))]);
    }
    assert.equal(padded, concat(filled(3, 0xa5), frame, filled(5, 0xa5)));
  });

  test.run();
}
