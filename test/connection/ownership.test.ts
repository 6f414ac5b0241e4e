// Whose memory a received message is in: the handler's own, never linear memory, never with another connection's octets,
// and no small message keeps a large chunk alive.

import * as assert from "uvu/assert";
import { builtOnKernel, poison } from "../support/current-kernel.ts";
import { kernels } from "../support/kernels.ts";
import { concat, filled, Random, toHex } from "../support/octets.ts";
import { binaryEvent, type Endpoint, endpoint } from "./support.ts";

const lengths = [0, 1, 3, 100, 2048, 2049, 5000, 60_000, 66_000, 150_000, 270_000, 600_000];

/** Received messages as octets. */
function octetsIn({ data }: Endpoint): Uint8Array[] {
  return data as Uint8Array[];
}

for (const tested of kernels) {
  const test = builtOnKernel("ownership", tested);
  const linearMemory = tested.kernel.octets.buffer;

  test("no message aliases linear memory, nor changes when that does (§3.7)", () => {
    for (const mayOverwrite of [false, true]) {
      for (const text of ["string", "bytes"] as const) {
        const one = endpoint({ text });
        const { connection, peer, events } = one;
        for (const length of lengths) {
          const octets = new Random(length).octets(length);
          connection.receive(concat(peer.binary(octets), peer.ping(octets.subarray(0, 125))), { mayOverwrite });
          connection.receive(concat(peer.binary(octets, false), peer.more("z")), { mayOverwrite });
        }
        const before = octetsIn(one).map((octets) => Buffer.from(Uint8Array.from(octets)));
        poison(tested.kernel);
        octetsIn(one).forEach((octets, index) => {
          assert.is(Buffer.compare(octets, before[index]!), 0);
        });
        for (const octets of octetsIn(one)) assert.is.not(octets.buffer, linearMemory);
        assert.is(events.length, lengths.length * 3);
      }
    }
  });

  test("a ping's payload is the handler's too", () => {
    const kept: Uint8Array[] = [];
    const { receive, peer } = endpoint({}, { ping: (_, data) => kept.push(data), pong: (_, data) => kept.push(data) });
    receive(concat(peer.ping("one"), peer.pong("two"), peer.ping("")));
    poison(tested.kernel);
    assert.equal(kept.map(toHex), ["6f 6e 65", "74 77 6f", ""]);
    assert.ok(kept.every(({ buffer }) => buffer !== linearMemory));
  });

  test("exact: true gives each message an ArrayBuffer of its own", () => {
    for (const mayOverwrite of [false, true]) {
      const one = endpoint({ exact: true, text: "bytes" });
      for (const length of lengths) {
        const octets = filled(length, 0x61);
        one.connection.receive(concat(one.peer.binary(octets), one.peer.text(octets)), { mayOverwrite });
      }
      const buffers = octetsIn(one).map(({ buffer }) => buffer);
      assert.is(new Set(buffers).size, lengths.length * 2);
      octetsIn(one).forEach((octets) => {
        assert.is(octets.buffer.byteLength, octets.length);
        assert.is(octets.byteOffset, 0);
      });
    }
  });

  test("small binary shares memory with messages of the same connection only", () => {
    const one = endpoint();
    const two = endpoint();
    for (let round = 0; round < 200; round++) {
      one.receive(one.peer.binary(filled(round, 0x11)));
      two.receive(two.peer.binary(filled(round, 0x22)));
      for (const { data, connection } of [one, two]) {
        const other = connection === one.connection ? 0x22 : 0x11;
        const whole = new Uint8Array((data[data.length - 1] as Uint8Array).buffer);
        assert.ok(!whole.includes(other), "the other connection's octets show");
      }
    }
    const buffersOf = (from: Endpoint): Set<unknown> => new Set(octetsIn(from).map(({ buffer }) => buffer));
    assert.ok(buffersOf(one).size < 20, "they do share");
    for (const buffer of buffersOf(one)) assert.not(buffersOf(two).has(buffer));
    octetsIn(one).forEach((octets, round) => {
      assert.equal(Uint8Array.from(octets), filled(round, 0x11));
    });
  });

  test("memory that blocks were recycled through shows nothing of the connection before", () => {
    const secret = endpoint();
    secret.receive(secret.peer.binary(filled(50_000, 0x5e), false), secret.peer.more(filled(20_000, 0x5e)));
    secret.connection.terminate();
    const next = endpoint();
    for (const length of [1, 10, 3000, 60_000]) {
      next.receive(
        next.peer.binary(filled(length, 1), false),
        next.peer.more("x"),
        next.peer.binary(filled(length, 2)),
      );
    }
    for (const { buffer } of octetsIn(next)) assert.not(new Uint8Array(buffer).includes(0x5e));
  });

  test("a large binary message is handed out in a chunk that may be overwritten, and copied from one that may not", () => {
    const octets = new Random(1).octets(50_000);
    for (const mayOverwrite of [false, true]) {
      const one = endpoint();
      const chunk = concat(one.peer.text("first"), one.peer.binary(octets), one.peer.text("last"));
      const before = chunk.slice();
      one.connection.receive(chunk, { mayOverwrite });
      const [first, message, last] = one.data as [string, Uint8Array, string];
      assert.equal([first, last], ["first", "last"]);
      assert.is(Buffer.compare(message, octets), 0);
      assert.is(message.buffer === chunk.buffer, mayOverwrite);
      if (!mayOverwrite) assert.equal(chunk, before, "the caller's chunk is as it was");
    }
  });

  test("a message keeps what its handler makes of it, whatever comes behind it in the chunk", () => {
    for (const sizes of [
      [3000, 100],
      [100, 3000, 100],
      [2000, 2000],
      [5, 5, 5],
      [30_000, 20, 20],
      [20, 30_000, 20],
    ]) {
      const one = endpoint({}, { message: (_, data) => (data as Uint8Array).fill(0xee) });
      const chunk = concat(...sizes.map((size, index) => one.peer.binary(filled(size, index + 1))));
      one.connection.receive(chunk, { mayOverwrite: true });
      assert.is(one.events.length, sizes.length);
      octetsIn(one).forEach((octets, index) => {
        assert.equal(Uint8Array.from(octets), filled(sizes[index]!, 0xee), `${sizes}: message ${index}`);
        assert.is(one.events[index], binaryEvent(filled(sizes[index]!, index + 1)));
      });
    }
  });

  test("a message whose buffer its handler gives away costs no octet that waits behind it", () => {
    const one = endpoint(
      {},
      {
        message: (_, data) => {
          const { buffer } = data as Uint8Array<ArrayBuffer>;
          if (data.length > 40_000) structuredClone(buffer, { transfer: [buffer] });
        },
      },
    );
    const { connection, peer, events } = one;
    const chunk = concat(peer.binary(filled(60_000, 1)), peer.binary(filled(30_000, 2)), peer.text("end"));
    connection.receive(chunk, { mayOverwrite: true });
    assert.equal(events, ["binary 60000 octets", "binary 30000 octets", "text 65 6e 64"]);
  });

  test("a small message does not keep a large chunk", () => {
    const one = endpoint();
    const { connection, peer } = one;
    const chunk = concat(peer.binary(filled(100, 1)), peer.text("x".repeat(40_000)), peer.binary(filled(5000, 2)));
    connection.receive(chunk, { mayOverwrite: true });
    const [small, , middle] = one.data as [Uint8Array, string, Uint8Array];
    assert.ok(small.buffer.byteLength <= 8192);
    assert.ok(middle.buffer.byteLength <= 8192);
    const pool = new ArrayBuffer(100_000);
    const part = new Uint8Array(pool, 500, 200);
    part.set(peer.binary(filled(194 - 2, 3)).subarray(0, 200));
    connection.receive(part, { mayOverwrite: true });
    assert.is.not((one.data[3] as Uint8Array).buffer, pool, "nor the memory that the chunk is a part of");
  });

  test("more messages than one batch holds, in a small chunk that may be overwritten, arrive right", () => {
    for (const count of [256, 257, 300, 600]) {
      const one = endpoint();
      const payloads = Array.from({ length: count }, (_, index) => new Random(index).octets(1 + (index % 7)));
      const chunk = concat(...payloads.map((payload) => one.peer.binary(payload)));
      assert.ok(chunk.length <= 8192);
      one.connection.receive(chunk, { mayOverwrite: true });
      assert.equal(octetsIn(one).map(toHex), payloads.map(toHex), `${count} messages`);
      assert.ok(
        octetsIn(one).every(({ buffer }) => buffer === chunk.buffer),
        "in the chunk itself",
      );
    }
  });

  test.run();
}
