// The seam for extensions: which reserved bits a peer may set on one connection, and who takes the pieces of its data frames
// before they become messages. RFC 6455 §5.8, §9.

import * as assert from "uvu/assert";
import { RECORD_COMPRESSED, RECORD_MESSAGE_END, RECORD_TEXT } from "../../assembly/constants.ts";
import { Connection } from "../../bindings/connection/connection.ts";
import type { ConnectionExtension } from "../../bindings/connection/extension.ts";
import type { PieceConsumer, PieceSource } from "../../bindings/connection/pieces.ts";
import { ConnectionSettings } from "../../bindings/connection/settings.ts";
import { builtOnKernel } from "../support/current-kernel.ts";
import { kernels } from "../support/kernels.ts";
import { concat, filled, hex, toHex } from "../support/octets.ts";
import { cutAt, octetByOctet, Peer } from "../support/peer.ts";
import { FakeTransport } from "./support.ts";

const RSV1 = 4;

/** Passes on what is not compressed; inverts, as a whole, what is. */
class Inverter implements PieceConsumer {
  readonly pieces: { compressed: boolean; text: boolean; last: boolean; length: number }[] = [];
  dropCount = 0;
  private readonly next: PieceConsumer;
  private waiting: Uint8Array = new Uint8Array(0);

  constructor(next: PieceConsumer) {
    this.next = next;
  }

  piece(source: PieceSource, bits: number, start: number, end: number): void {
    const last = (bits & RECORD_MESSAGE_END) !== 0;
    const compressed = (bits & RECORD_COMPRESSED) !== 0;
    this.pieces.push({ compressed, text: (bits & RECORD_TEXT) !== 0, last, length: end - start });
    if (!compressed) {
      this.next.piece(source, bits, start, end);
      return;
    }
    this.waiting = concat(this.waiting, source.octets.subarray(start, end));
    if (!last) return;
    const octets = Buffer.from(this.waiting.map((octet) => ~octet));
    this.waiting = new Uint8Array(0);
    this.next.piece({ octets, words: null, partOfChunk: () => null }, bits, 0, octets.length);
  }

  drop(): void {
    this.dropCount++;
    this.next.drop();
  }
}

const inverted = (octets: Uint8Array): Uint8Array => octets.map((octet) => ~octet);

for (const tested of kernels) {
  const test = builtOnKernel("an extension", tested);

  /** Two connections of the same settings, the first with the extension. */
  function pair(allowedRsv = RSV1) {
    const peer = new Peer("server");
    const events: string[] = [];
    const settings = new ConnectionSettings<string>({
      role: "server",
      handlers: {
        message: (context, data) => events.push(`${context} ${typeof data === "string" ? data : toHex(data)}`),
        ping: (context) => events.push(`${context} ping`),
        error: (context, error) => events.push(`${context} ${(error as { code: string }).code}`),
      },
    });
    let consumer!: Inverter;
    const extension: ConnectionExtension = { allowedRsv, consume: (next) => (consumer = new Inverter(next)) };
    const extended = new Connection(settings, { transport: new FakeTransport(), context: "extended", extension });
    const plain = new Connection(settings, { transport: new FakeTransport(), context: "plain" });
    return { peer, events, extended, plain, consumer };
  }

  test("is given the pieces of messages that begin with its bit, and what it passes on becomes messages (§5.8)", () => {
    const { peer, events, extended, consumer } = pair();
    extended.receive(
      concat(
        peer.text("plain"),
        peer.frame(1, inverted(Buffer.from("hidden é")), { rsv: RSV1 }),
        peer.frame(2, hex("fe fd"), { rsv: RSV1 }),
        peer.text("plain again"),
      ),
    );
    assert.equal(events, ["extended plain", "extended hidden é", "extended 01 02", "extended plain again"]);
    assert.equal(
      consumer.pieces.map(({ compressed, text, last }) => [compressed, text, last]),
      [
        [false, true, true],
        [true, true, true],
        [true, false, true],
        [false, true, true],
      ],
    );
  });

  test("is given them unvalidated, in fragments, however cut, with pings between (§5.4, §5.6)", () => {
    const text = "a message of some length, with é, 日本 and 😀 in it";
    const hidden = inverted(Buffer.from(text)); // no UTF-8 at all
    const stream = (peer: Peer): Uint8Array =>
      concat(
        peer.frame(1, hidden.subarray(0, 10), { rsv: RSV1, fin: false }),
        peer.ping("p"),
        peer.more(hidden.subarray(10, 11), false),
        peer.more("", false),
        peer.ping(""),
        peer.more(hidden.subarray(11)),
        peer.text("after"),
      );
    const expected = ["extended ping", "extended ping", `extended ${text}`, "extended after"];
    const length = stream(new Peer("server")).length;
    for (let cut = 0; cut <= length; cut++) {
      const { peer, events, extended, consumer } = pair();
      for (const chunk of cutAt(stream(peer), cut)) extended.receive(chunk);
      assert.equal(events, expected, `cut at ${cut}`);
      const compressed = consumer.pieces.filter((piece) => piece.compressed);
      assert.is(
        compressed.reduce((sum, piece) => sum + piece.length, 0),
        hidden.length,
      );
      assert.ok(compressed.every(({ text, last }, index) => text && last === (index === compressed.length - 1)));
    }
    const { peer, events, extended } = pair();
    for (const chunk of octetByOctet(stream(peer))) extended.receive(chunk);
    assert.equal(events, expected);
  });

  test("allows no other reserved bit, nor its own where no message begins (§5.2)", () => {
    for (const rsv of [1, 2, 3, 5, 6, 7]) {
      const { peer, events, extended } = pair();
      extended.receive(peer.frame(1, "x", { rsv }));
      assert.equal(events, ["extended WS_RESERVED_BIT"], `RSV ${rsv}`);
    }
    for (const opcode of [8, 9, 10]) {
      const { peer, events, extended } = pair();
      extended.receive(peer.frame(opcode, "", { rsv: RSV1 }));
      assert.equal(events, ["extended WS_RSV1_MISPLACED"], `opcode ${opcode}`);
    }
    const { peer, events, extended } = pair();
    extended.receive(concat(peer.frame(1, "x", { rsv: RSV1, fin: false }), peer.frame(0, "y", { rsv: RSV1 })));
    assert.equal(events, ["extended WS_RSV1_MISPLACED"]);
  });

  test("changes nothing for other connections of the same settings (§5.2)", () => {
    const { peer, events, extended, plain } = pair();
    extended.receive(peer.frame(2, hex("ff"), { rsv: RSV1 }));
    plain.receive(peer.frame(2, hex("ff"), { rsv: RSV1 }));
    extended.receive(peer.frame(2, hex("fe"), { rsv: RSV1 }));
    assert.equal(events, ["extended 00", "plain WS_RESERVED_BIT", "extended 01"]);
  });

  test("is told that the connection ends, in the midst of a message too", () => {
    for (const end of ["terminate", "transportClosed", "receiveEnd"] as const) {
      const { peer, extended, consumer } = pair();
      extended.receive(peer.frame(2, filled(10, 1), { rsv: RSV1, fin: false }));
      assert.is(consumer.dropCount, 0);
      extended[end]();
      assert.ok(consumer.dropCount > 0, end);
    }
    const { peer, extended, consumer } = pair();
    extended.receive(peer.close(1000));
    assert.ok(consumer.dropCount > 0, "by the peer's Close");
  });

  test("that throws fails its connection with 1011 (§7.4.1)", () => {
    const { peer, events, extended, consumer } = pair();
    consumer.piece = () => {
      throw Object.assign(new Error("corrupt"), { code: "CORRUPT" });
    };
    extended.receive(concat(peer.text("x"), peer.text("dropped")));
    assert.equal(events, ["extended CORRUPT"]);
    assert.equal(extended.closeReport?.sent, { code: 1011, reason: "" });
  });

  test.run();
}
