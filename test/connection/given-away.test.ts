// Memory that a handler or a caller gives away, and memory that is not to be had: neither harms another connection, and
// nothing stays charged.

import * as assert from "uvu/assert";
import { heldOctets } from "../../bindings/connection/budget.ts";
import { Connection } from "../../bindings/connection/connection.ts";
import { BORROW_LENGTH } from "../../bindings/connection/outbox.ts";
import { builtOnKernel } from "../support/current-kernel.ts";
import { kernels } from "../support/kernels.ts";
import { concat, filled } from "../support/octets.ts";
import { binaryEvent, closeEvent, endpoint, textEvent } from "./support.ts";

/** Gives the memory of octets away, as a message to a worker does. */
function giveAway(octets: Uint8Array): void {
  structuredClone(octets, { transfer: [octets.buffer as ArrayBuffer] });
}

/** Runs while the platform has no memory for a length that `refuses`. */
function withoutMemory(refuses: (length: number) => boolean, work: () => void): void {
  const { allocUnsafeSlow } = Buffer;
  const { slice } = ArrayBuffer.prototype;
  const ask = (length: number): void => {
    if (refuses(length)) throw new RangeError("Array buffer allocation failed");
  };
  Buffer.allocUnsafeSlow = (length) => {
    ask(length);
    return allocUnsafeSlow(length);
  };
  ArrayBuffer.prototype.slice = function (this: ArrayBuffer, start = 0, end = this.byteLength) {
    ask(end - start);
    return slice.call(this, start, end);
  };
  try {
    work();
  } finally {
    Buffer.allocUnsafeSlow = allocUnsafeSlow;
    ArrayBuffer.prototype.slice = slice;
  }
}

for (const tested of kernels) {
  const test = builtOnKernel("memory given away or refused", tested);

  test("a message for which there is no memory fails its connection with 1011, and nothing stays held (§7.4.1)", () => {
    const base = heldOctets();
    const ascii = "x".repeat(50_000);
    for (const kind of ["binary", "ascii"] as const) {
      const { connection, peer, events, errors, sent } = endpoint();
      const first = kind === "binary" ? peer.binary(filled(50_000, 1), false) : peer.text(ascii, false);
      connection.receive(concat(peer.text("before"), first, peer.more(ascii, false)));
      assert.ok(heldOctets() >= base + 100_000);
      withoutMemory(
        (length) => length > 65_536,
        () => connection.receive(concat(peer.more("end"), peer.text("dropped"))),
      );
      assert.equal(events, [textEvent("before"), "error RangeError: Array buffer allocation failed"], kind);
      assert.instance(errors[0], RangeError);
      assert.equal(sent(), [closeEvent(1011)]);
      assert.is(heldOctets(), base);
      connection.transportClosed();
      assert.is(heldOctets(), base);
    }
  });

  test("a message in one piece for which there is no memory fails its connection with 1011 (§7.4.1)", () => {
    const { connection, peer, events, sent } = endpoint();
    withoutMemory(
      (length) => length === 5000,
      () => connection.receive(concat(peer.text("before"), peer.binary(filled(5000, 1)), peer.text("dropped"))),
    );
    assert.equal(events, [textEvent("before"), "error RangeError: Array buffer allocation failed"]);
    assert.equal(sent(), [closeEvent(1011)]);
  });

  test("whoever gives away what output() lent loses nothing of this connection or of another", () => {
    const base = heldOctets();
    const one = new Connection({ role: "server" });
    for (let round = 0; round < 3; round++) {
      one.send("small");
      one.send(filled(BORROW_LENGTH, 1));
      one.send("after");
      let length = 0;
      for (const octets of one.output()) {
        length += octets.length;
        giveAway(octets);
      }
      assert.is(length, 2 + 5 + 4 + BORROW_LENGTH + 2 + 5);
      assert.is(one.bufferedAmount, 0);
      assert.is(heldOctets(), base);
    }
    // Blocks of every size, from the pool that the lent ones would have gone back to.
    const two = endpoint();
    two.transport.takes = false;
    const texts = ["0", "1", "2", "x".repeat(3000), "y".repeat(5000), "z".repeat(6000), "3"];
    for (const text of texts) two.connection.send(text);
    two.connection.writeCompleted();
    two.connection.writeCompleted();
    assert.equal(two.peer.read(two.transport.octets).events, texts.map(textEvent));
    assert.is(two.connection.bufferedAmount, 0);
    two.receive(two.peer.text("fragment", false), two.peer.more("ed"));
    assert.equal(two.events, [textEvent("fragmented")]);
    assert.is(heldOctets(), base);
  });

  test("a transport that gives away what it was lent loses nothing of another connection", () => {
    const base = heldOctets();
    const one = endpoint();
    one.transport.write = (octets) => {
      giveAway(octets);
      return false;
    };
    for (const text of ["0", "1", "2"]) {
      one.connection.send(text);
      one.connection.writeCompleted();
    }
    one.tick.end();
    one.connection.writeCompleted();
    assert.is(heldOctets(), base);
    const two = endpoint();
    two.transport.takes = false;
    for (const text of ["0", "1", "2"]) two.connection.send(text);
    two.connection.writeCompleted();
    two.connection.writeCompleted();
    assert.equal(two.sent(), ["0", "1", "2"].map(textEvent));
    assert.is(heldOctets(), base);
  });

  test("a handler may give away an empty payload, as often as it comes", () => {
    const give = (_: unknown, data: string | Uint8Array): void => giveAway(data as Uint8Array);
    const handlers = { message: give, ping: give, pong: give };
    for (const mayOverwrite of [false, true]) {
      for (const exact of [false, true]) {
        const { connection, peer, events, sent } = endpoint({ exact, text: "bytes" }, handlers);
        const empty = [peer.ping(), peer.pong(), peer.binary(""), peer.text("")];
        for (let round = 0; round < 2; round++) {
          for (const frame of empty) connection.receive(frame.slice(), { mayOverwrite });
          connection.receive(concat(...empty), { mayOverwrite });
          connection.receive(peer.binary("", false), { mayOverwrite });
          connection.receive(peer.more(""), { mayOverwrite });
        }
        connection.receive(peer.binary("x"), { mayOverwrite });
        const names = ["ping ", "pong ", "binary ", "text "];
        const round = [...names, ...names, "binary "];
        assert.equal(events, [...round, ...round, "binary 78"]);
        assert.equal(sent(), Array(4).fill("pong "));
        const other = endpoint();
        other.receive(other.peer.ping(), other.peer.ping("p"), other.peer.binary(filled(3, 1)));
        assert.equal(other.events, ["ping ", "ping 70", binaryEvent(filled(3, 1))]);
      }
    }
  });

  test("a handler may give away a small payload: those that shared its memory go on in new memory", () => {
    const give = (_: unknown, data: string | Uint8Array): void => giveAway(data as Uint8Array);
    const { connection, peer, events } = endpoint({}, { message: give, ping: give });
    const one = [peer.binary("a"), peer.ping("b"), peer.binary("c".repeat(300))];
    for (let round = 0; round < 3; round++) connection.receive(concat(...one));
    const expected = ["binary 61", "ping 62", binaryEvent(filled(300, 0x63))];
    assert.equal(events, [...expected, ...expected, ...expected]);
  });

  test.run();
}
