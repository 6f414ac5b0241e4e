// When output leaves: with the batch, at 64 KiB, after 1 ms; the tick's first send at once and later ones together. Order
// always holds.

import * as assert from "uvu/assert";
import { LARGEST_BLOCK } from "../../bindings/codec/blocks.ts";
import type { Connection } from "../../bindings/connection/connection.ts";
import { builtOnKernel } from "../support/current-kernel.ts";
import { kernels } from "../support/kernels.ts";
import { concat, filled } from "../support/octets.ts";
import { closeEvent, endpoint, settled, textEvent } from "./support.ts";

for (const tested of kernels) {
  const test = builtOnKernel("output timing", tested);

  test("what a batch's handlers send leaves as one write, at its end", () => {
    const seen: number[] = [];
    const { connection, peer, transport, sent } = endpoint(
      {},
      {
        message: (context, data) => {
          seen.push(transport.writes.length);
          context.send(data);
        },
      },
    );
    const texts = Array.from({ length: 600 }, (_, index) => `${index}`);
    connection.receive(concat(...texts.map((text) => peer.text(text)), peer.ping("p")));
    assert.ok(seen.every((count) => count === 0));
    assert.is(transport.writes.length, 1);
    assert.equal(sent(), [...texts.map(textEvent), "pong 70"]);
    connection.receive(concat(peer.text("a"), peer.text("b")));
    assert.is(transport.writes.length, 2);
  });

  test("a batch that goes on after a spill, a pause or a nested chunk is still one", () => {
    const other = endpoint();
    const { connection, peer, transport, sent } = endpoint(
      {},
      {
        message: (context, data) => {
          if (data === "0") context.receive(peer.text("queued"));
          other.receive(other.peer.text("x"));
          context.send(data);
        },
      },
    );
    connection.receive(concat(peer.text("0"), peer.text("1")));
    assert.is(transport.writes.length, 1);
    assert.equal(sent(), [textEvent("0"), textEvent("1"), textEvent("queued")]);
  });

  test("nothing to send is no write", () => {
    const { connection, peer, transport, tick } = endpoint();
    connection.receive(concat(peer.text("a"), peer.pong()));
    connection.flush();
    tick.end();
    assert.is(transport.writes.length, 0);
  });

  test("a batch's output leaves at 64 KiB, without waiting for the rest", () => {
    const { connection, peer, transport, sent } = endpoint(
      {},
      { message: (context) => void context.send(filled(10_000, 1)) },
    );
    const before: number[] = [];
    connection.receive(
      concat(...Array.from({ length: 30 }, (_, index) => concat(peer.text(`${index}`), peer.pong("look")))),
    );
    before.push(transport.writes.length);
    assert.ok(transport.writes.length >= 4, `${transport.writes.length} writes of 300 KB`);
    assert.ok(transport.writes.every(({ length }) => length <= LARGEST_BLOCK));
    assert.is(sent().length, 30);
  });

  test("a batch that has run for 1 ms sends what it has, looked at every 32 messages", () => {
    for (const stepMs of [0, 0.01, 0.05, 1]) {
      const writes: number[] = [];
      const { connection, peer, transport, clock, sent } = endpoint(
        {},
        {
          message: (context) => {
            writes.push(transport.writes.length);
            context.send("x");
            clock.ms += stepMs;
          },
        },
      );
      connection.receive(concat(...Array.from({ length: 256 }, () => peer.text("m"))));
      const rises = writes.flatMap((count, index) => (index > 0 && count > writes[index - 1]! ? [index] : []));
      const every = (step: number): number[] =>
        Array.from({ length: Math.ceil(256 / step) - 1 }, (_, at) => (at + 1) * step);
      const expected = { 0: [], 0.01: [128], 0.05: every(32), 1: every(32) }[stepMs];
      assert.equal(rises, expected, `${stepMs} ms a message`);
      assert.is(sent().length, 256);
    }
  });

  test("outside a batch the tick's first send leaves at once, later ones together at its end", () => {
    const { connection, transport, tick, sent } = endpoint();
    connection.send("1");
    assert.is(transport.writes.length, 1);
    connection.send("2");
    connection.ping("3");
    connection.send("4");
    assert.is(transport.writes.length, 1);
    tick.end();
    assert.is(transport.writes.length, 2);
    connection.send("5");
    assert.is(transport.writes.length, 3, "a new tick");
    tick.end();
    assert.is(transport.writes.length, 3, "nothing waited");
    assert.equal(sent(), [textEvent("1"), textEvent("2"), "ping 33", textEvent("4"), textEvent("5")]);
  });

  test("what handlers send after an await leaves together at the tick's end", async () => {
    const answer = async (context: Connection, data: string | Uint8Array): Promise<void> => {
      await null;
      context.send(data);
    };
    const { connection, peer, transport, sent, tick } = endpoint({}, { message: answer });
    const texts = Array.from({ length: 16 }, (_, index) => `${index}`);
    connection.receive(concat(...texts.map((text) => peer.text(text))));
    await settled();
    assert.is(transport.writes.length, 0, "not before its end");
    tick.end();
    assert.is(transport.writes.length, 1);
    assert.equal(sent(), texts.map(textEvent));
    connection.send("at once");
    assert.is(transport.writes.length, 2, "and then as ever");
  });

  test("a tick's later sends leave at 64 KiB, with flush, and with a batch", () => {
    const { connection, transport, peer, tick, sent } = endpoint({}, { message: (context) => context.send("echo") });
    connection.send("0");
    connection.send(filled(30_000, 1));
    connection.send(filled(30_000, 2));
    assert.is(transport.writes.length, 1);
    connection.send(filled(30_000, 3));
    assert.ok(transport.writes.length > 1);
    connection.flush();
    const flushed = transport.writes.length;
    connection.send("1");
    assert.is(transport.writes.length, flushed, "still the same tick");
    connection.flush();
    assert.is(transport.writes.length, flushed + 1);
    connection.send("2");
    connection.receive(peer.text("x"));
    assert.is(transport.writes.length, flushed + 2);
    tick.end();
    assert.equal(
      sent().map((event) => event.slice(0, 12)),
      [textEvent("0"), "binary 01 01", "binary 02 02", "binary 03 03", textEvent("1"), textEvent("2"), "text 65 63 6"],
    );
  });

  test("one end of tick serves many connections, and what it starts waits for the next", () => {
    const one = endpoint();
    for (let round = 0; round < 3; round++) {
      one.connection.send(`${round} first`);
      one.connection.send(`${round} later`);
      one.tick.end();
      assert.is(one.transport.writes.length, (round + 1) * 2);
    }
  });

  test("a Close waits for nothing but what was sent before it", () => {
    const { connection, transport, sent, peer } = endpoint({}, { message: (context) => context.close(1000) });
    connection.send("0");
    connection.send("1");
    connection.receive(peer.text("x"));
    assert.is(transport.writes.length, 2);
    assert.equal(sent(), [textEvent("0"), textEvent("1"), closeEvent(1000)]);
  });

  test("a transport that answers within write keeps the order", () => {
    const left = endpoint(
      { role: "server" },
      { message: (context, data) => Number(data) < 20 && context.send(`${Number(data) + 1}`) },
    );
    const right = endpoint(
      { role: "client" },
      { message: (context, data) => Number(data) < 20 && context.send(`${Number(data) + 1}`) },
    );
    left.transport.write = (octets) => {
      right.connection.receive(octets);
      return true;
    };
    right.transport.write = (octets) => {
      left.connection.receive(octets);
      return true;
    };
    left.connection.send("0");
    left.tick.end();
    right.tick.end();
    const numbers = [...right.data, ...left.data].map(Number).sort((a, b) => a - b);
    assert.equal(
      numbers,
      Array.from({ length: 21 }, (_, index) => index),
    );
    assert.is(left.connection.bufferedAmount, 0);
  });

  test.run();
}
