// What a sink may do while a frame is lent to it: run other decoders, run connections, throw. The payload stays as it is
// until frame() returns, and the decoder that lent it loses nothing.

import * as assert from "uvu/assert";
import { FrameDecoder } from "../../bindings/codec/frame-decoder.ts";
import { Connection } from "../../bindings/connection/connection.ts";
import { thrownBy } from "../connection/support.ts";
import { builtOnKernel, poison } from "../support/current-kernel.ts";
import { kernels } from "../support/kernels.ts";
import { concat, filled, hex, Random, toHex, utf8 } from "../support/octets.ts";
import { cutAt, Peer } from "../support/peer.ts";
import { decodeAll, FrameRecord, frameEvent } from "./support.ts";

const peer = new Peer("server");

/** 600 small frames, large ones and pieces: more than a record table, more than the input region. */
function longStream(): { stream: Uint8Array; payloads: Uint8Array[] } {
  const random = new Random(7);
  const lengths = [...Array.from({ length: 600 }, (_, index) => index % 40), 30_000, 30_000, 65_536, 90_000, 3, 50_000];
  const payloads = lengths.map((length) => random.octets(length));
  return { stream: concat(...payloads.map((payload) => peer.binary(payload))), payloads };
}

for (const tested of kernels) {
  const { kernel } = tested;
  const test = builtOnKernel("FrameDecoder's sink", tested);

  /** Decodes the long stream, cut so, while `inside` runs in every frame(). */
  function decodeWith(inside: () => void, ...cuts: number[]): void {
    const { stream, payloads } = longStream();
    const decoder = new FrameDecoder({ role: "server" });
    let count = 0;
    const sink = {
      frame(_opcode: number, _flags: number, payload: Uint8Array): void {
        const expected = payloads[count++]!;
        assert.is(Buffer.compare(payload, expected), 0, `frame ${count} before`);
        inside();
        assert.is(Buffer.compare(payload, expected), 0, `frame ${count} changed while it was lent`);
      },
    };
    for (const chunk of cutAt(stream, ...cuts)) assert.is(decoder.decode(chunk, sink), null);
    assert.is(count, payloads.length);
    assert.is(decoder.byteOffset, stream.length);
  }

  test("keeps its payload while another decoder runs, and no frame is lost", () => {
    const other = new FrameDecoder({ role: "server" });
    const spills = kernel.input.spillCount;
    decodeWith(() => {
      assert.equal(decodeAll(other, peer.text("nested")), [frameEvent(1, 0x80, utf8("nested"))]);
      poison(kernel);
    });
    decodeWith(() => void decodeAll(other, peer.binary(filled(5000, 1))), 1, 40_000, 150_000);
    assert.ok(kernel.input.spillCount > spills, "the outer decoder made room");
  });

  test("keeps its payload while a connection receives and answers", () => {
    let pongs = 0;
    const connection = new Connection({ role: "server", write: () => pongs++ });
    decodeWith(() => {
      connection.receive(peer.ping("nested"));
      poison(kernel);
    });
    assert.ok(pongs > 600);
  });

  test("keeps payloads at every depth of nesting", () => {
    const decoders = Array.from({ length: 5 }, () => new FrameDecoder({ role: "server" }));
    const seen: string[] = [];
    const descend = (depth: number): void => {
      if (depth === decoders.length) return;
      const frames = concat(peer.binary(filled(3, depth)), peer.binary(filled(2, depth)));
      decoders[depth]!.decode(frames, {
        frame(_opcode, _flags, payload) {
          const before = toHex(payload);
          descend(depth + 1);
          assert.is(toHex(payload), before);
          seen.push(before);
        },
      });
    };
    descend(0);
    assert.is(seen.length, 2 + 4 + 8 + 16 + 32);
    assert.is(seen[seen.length - 1], "00 00");
  });

  test("may not call the decoder that calls it", () => {
    const decoder = new FrameDecoder({ role: "server" });
    let caught = "";
    const error = decoder.decode(concat(peer.text("a"), peer.text("b")), {
      frame: () => {
        caught = thrownBy(() => decoder.decode(peer.text("c"), new FrameRecord()));
      },
    });
    assert.is(error, null);
    assert.is(caught, "UsageError WS_REENTRANT");
    assert.equal(decodeAll(decoder, peer.text("d")), [frameEvent(1, 0x80, utf8("d"))]);
  });

  test("throws through decode, at that call and at every later one: the frames it did not take are lost", () => {
    for (const trailing of ["", "82 83 00 00 00 00 61"]) {
      const decoder = new FrameDecoder({ role: "server" });
      const fault = new Error("the sink's own");
      const throwing = {
        frame: () => {
          throw fault;
        },
      };
      const stream = concat(peer.text("a"), peer.text("b"), hex(trailing));
      assert.throws(() => decoder.decode(stream, throwing), "the sink's own");
      const sink = new FrameRecord();
      assert.throws(() => decoder.decode(hex("62 63"), sink), "the sink's own");
      assert.equal(sink.events, [], "no part of a frame passes for a whole one");
    }
  });

  test("leaves other decoders as they were when it throws", () => {
    const outer = new FrameDecoder({ role: "server" });
    const inner = new FrameDecoder({ role: "server" });
    const sink = new FrameRecord();
    const throwing = {
      frame: () => {
        throw new Error("the sink's own");
      },
    };
    outer.decode(concat(peer.text("a"), peer.text("b")), {
      frame(opcode, flags, payload) {
        if (sink.events.length === 0) assert.throws(() => inner.decode(peer.text("x"), throwing));
        sink.frame(opcode, flags, payload);
      },
    });
    assert.equal(sink.events, [frameEvent(1, 0x80, utf8("a")), frameEvent(1, 0x80, utf8("b"))]);
    assert.equal(decodeAll(new FrameDecoder({ role: "server" }), peer.text("c")), [frameEvent(1, 0x80, utf8("c"))]);
  });

  test("may give its payload's memory away: neither this decoder nor another loses anything", () => {
    const decoder = new FrameDecoder({ role: "server" });
    const other = new FrameDecoder({ role: "server" });
    const payloads = ["first", "second", "", "third"];
    for (let round = 0; round < 3; round++) {
      const seen: string[] = [];
      const giving = {
        frame(opcode: number, flags: number, payload: Uint8Array): void {
          seen.push(frameEvent(opcode, flags, payload));
          if (round === 1) assert.equal(decodeAll(other, peer.text("nested")), [frameEvent(1, 0x80, utf8("nested"))]);
          if (payload.buffer.byteLength !== 0) {
            structuredClone(payload, { transfer: [payload.buffer as ArrayBuffer] });
          }
        },
      };
      for (const text of payloads) {
        assert.is(decoder.decode(peer.text(text), giving), null);
        assert.equal(decodeAll(other, peer.text("other")), [frameEvent(1, 0x80, utf8("other"))]);
      }
      assert.equal(
        seen,
        payloads.map((text) => frameEvent(1, 0x80, utf8(text))),
      );
      for (const cut of cutAt(peer.binary(filled(3000, 1)), 100, 2000)) assert.is(decoder.decode(cut, giving), null);
    }
    assert.equal(decodeAll(decoder, peer.text("end")), [frameEvent(1, 0x80, utf8("end"))]);
  });

  test("that gives a payload away while more frames of the chunk follow takes nothing from other decoders", () => {
    const decoder = new FrameDecoder({ role: "server" });
    let count = 0;
    const giving = {
      frame(_opcode: number, _flags: number, payload: Uint8Array): void {
        if (count++ === 0) structuredClone(payload, { transfer: [payload.buffer as ArrayBuffer] });
      },
    };
    const chunk = concat(peer.text("a"), peer.text("b"), peer.text("c"));
    let thrown = "";
    try {
      decoder.decode(chunk, giving);
    } catch (error) {
      thrown = (error as Error).name; // it gave its own frames away
    }
    assert.ok(thrown !== "" || count === 3, "a frame is given or a throw says that it is lost");
    const other = new FrameDecoder({ role: "server" });
    assert.equal(
      decodeAll(other, chunk),
      ["a", "b", "c"].map((text) => frameEvent(1, 0x80, utf8(text))),
    );
  });

  test("sees no octet of another decoder's frames in the memory around its payload", () => {
    const secret = new FrameDecoder({ role: "server" });
    const stream = concat(peer.binary(filled(3000, 0x5e)), peer.binary(filled(70_000, 0x5e)), peer.text("^^^"));
    const inNested = new FrameDecoder({ role: "server" });
    secret.decode(stream, {
      frame: () => void inNested.decode(peer.binary(filled(500, 0x5e)), new FrameRecord()),
    });
    const throwing = {
      frame: () => {
        throw new Error("the sink's own");
      },
    };
    assert.throws(() => new FrameDecoder({ role: "server" }).decode(peer.binary(filled(4000, 0x5e)), throwing));
    const decoder = new FrameDecoder({ role: "server" });
    const nested = new FrameDecoder({ role: "server" });
    const clean = (payload: Uint8Array): void => {
      assert.not(new Uint8Array(payload.buffer).includes(0x5e), "another decoder's octets show");
    };
    decoder.decode(concat(peer.text("a"), peer.binary(filled(2000, 1))), {
      frame(_opcode, _flags, payload) {
        clean(payload);
        nested.decode(peer.text("b"), { frame: (_nestedOpcode, _nestedFlags, inner) => clean(inner) });
      },
    });
  });

  test.run();
}
