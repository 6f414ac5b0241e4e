// A transport that does not take what it is given: order, bufferedAmount, done, drain, and the limits.

import * as assert from "uvu/assert";
import { LARGEST_BLOCK } from "../../bindings/codec/blocks.ts";
import { heldOctets } from "../../bindings/connection/budget.ts";
import { Connection } from "../../bindings/connection/connection.ts";
import { BORROW_LENGTH } from "../../bindings/connection/outbox.ts";
import { LimitError } from "../../bindings/errors/classes.ts";
import { builtOnKernel } from "../support/current-kernel.ts";
import { kernels } from "../support/kernels.ts";
import { concat, filled } from "../support/octets.ts";
import { closeEvent, type Endpoint, endpoint, settled, textEvent } from "./support.ts";

/** An endpoint whose transport takes nothing. */
function behind(...args: Parameters<typeof endpoint>): Endpoint {
  const one = endpoint(...args);
  one.transport.takes = false;
  return one;
}

for (const tested of kernels) {
  const test = builtOnKernel("backpressure", tested);

  test("nothing is written while the transport is behind; then all that waits, in order", () => {
    for (const role of ["server", "client"] as const) {
      const { connection, transport, tick, sent } = behind({ role });
      const large = "l".repeat(80_000);
      const texts = ["0", "1", large, "2", "x".repeat(30_000), "y".repeat(40_000), "3"];
      for (const text of texts) connection.send(text);
      tick.end();
      connection.flush();
      assert.is(transport.writes.length, 1);
      connection.writeCompleted();
      const second = transport.writes.length;
      assert.ok(second > 1);
      connection.send("4");
      assert.is(transport.writes.length, second);
      connection.writeCompleted();
      connection.writeCompleted();
      const lengths = sent().map((event) => (event.length - 4) / 3);
      assert.equal(
        lengths,
        [...texts, "4"].map(({ length }) => length),
      );
      assert.equal(sent().slice(0, 2), ["0", "1"].map(textEvent));
      assert.is(connection.bufferedAmount, 0);
      const { more } = transport;
      assert.equal([more[0], more[more.length - 1]], [false, false], "the last write of a turn is known as such");
    }
  });

  test("a message longer than may wait, admitted alone, is not held against pongs and what is sent after it", () => {
    for (const role of ["server", "client"] as const) {
      const { connection, peer, events } = behind({ role, maxBufferedAmount: 1000 });
      connection.send(filled(5000, 1));
      connection.receive(peer.ping("p"));
      connection.send(filled(900, 2));
      assert.is(connection.readyState, 1, "they are 900 octets and a few");
      connection.send(filled(200, 3));
      assert.is(connection.readyState, 3);
      assert.equal(events.slice(1), ["error WS_BUFFERED_AMOUNT", "close 1006"]);
    }
  });

  test("a long text counts its octets, whatever its letters", () => {
    const { connection, peer } = behind({ role: "server", maxBufferedAmount: 1000 });
    connection.send("你".repeat(500));
    connection.receive(peer.ping("p"));
    assert.is(connection.readyState, 1);
  });

  test("once the long one has left, it lets nothing off any more, though what followed it still waits", () => {
    const { connection } = behind({ role: "server", maxBufferedAmount: 100_000 });
    connection.send(filled(300_000, 1));
    connection.send(filled(90_000, 2));
    connection.writeCompleted();
    assert.is(connection.bufferedAmount, 90_000);
    connection.send(filled(90_000, 3));
    assert.is(connection.readyState, 3);
  });

  test("one that finds nothing waiting again begins the count anew", () => {
    const { connection, transport } = behind({ role: "server", maxBufferedAmount: 1000 });
    connection.send(filled(5000, 1));
    connection.writeCompleted();
    transport.takes = false;
    connection.send(filled(900, 2));
    connection.send(filled(200, 3));
    assert.is(connection.readyState, 3, "the long one has left, and covers nothing");
  });

  test("bufferedAmount is the payload octets of messages not taken, exactly", () => {
    for (const role of ["server", "client"] as const) {
      const { connection, transport, peer, tick } = behind({ role });
      connection.send("é".repeat(100));
      assert.is(connection.bufferedAmount, 200);
      connection.send("x".repeat(100_000));
      connection.send(filled(BORROW_LENGTH, 1));
      connection.ping("not counted");
      connection.receive(peer.ping("nor this"));
      connection.send("");
      assert.is(connection.bufferedAmount, 100_200 + BORROW_LENGTH);
      connection.writeCompleted();
      assert.is(connection.bufferedAmount, 100_000 + BORROW_LENGTH, "the rest was written, and not taken yet");
      connection.writeCompleted();
      assert.is(connection.bufferedAmount, 0);
      transport.takes = true;
      tick.end();
      connection.send("taken at once");
      assert.is(connection.bufferedAmount, 0);
      connection.run(() => {
        connection.send("waits");
        assert.is(connection.bufferedAmount, 5);
      });
      assert.is(connection.bufferedAmount, 0);
    }
  });

  test("done is called once for each message, in order, when it is taken and never before send returns", async () => {
    const { connection, transport, tick } = behind();
    const told: string[] = [];
    const send = (name: string, data: string | Uint8Array): boolean =>
      connection.send(data, (error) => told.push(error === undefined ? name : `${name}: ${(error as Error).name}`));
    send("a", "a");
    send("b", "b");
    send("c", filled(BORROW_LENGTH, 1));
    send("d", "d".repeat(70_000));
    send("e", "");
    assert.equal(told, []);
    connection.writeCompleted();
    await settled();
    assert.equal(told, ["a"]);
    connection.writeCompleted();
    await settled();
    assert.equal(told, ["a", "b", "c", "d", "e"]);
    transport.takes = true;
    tick.end();
    send("f", "f");
    assert.is(told.length, 5);
    await settled();
    transport.takes = false;
    tick.end();
    send("g", "g");
    send("h", "h");
    connection.terminate();
    connection.writeCompleted();
    await settled();
    assert.equal(told.slice(5), ["f", "g: UsageError", "h: UsageError"]);
  });

  test("send says false above half of the limit, and drain follows when half is left, once", () => {
    const { connection, events, tick } = behind({ maxBufferedAmount: 1000 });
    assert.is(connection.send("x".repeat(400)), true);
    assert.is(connection.send("x".repeat(90)), true, "490 octets and headers");
    assert.is(connection.send("x".repeat(300)), false);
    connection.writeCompleted();
    assert.equal(events, ["drain"]);
    connection.writeCompleted();
    assert.equal(events, ["drain"]);
    tick.end();
    assert.is(connection.send("x".repeat(900)), false);
    connection.writeCompleted();
    assert.equal(events, ["drain", "drain"]);
    for (let count = 0; count < 10; count++) connection.ping("x".repeat(60));
    assert.is(connection.ping(), false, "pings count too");
    connection.writeCompleted();
    connection.writeCompleted();
    assert.equal(events, ["drain", "drain", "drain"]);
  });

  test("a drain handler that sends until it may not is called again and again, and ends", () => {
    let left = 50;
    const { connection, events, sent } = behind(
      { maxBufferedAmount: 1000 },
      {
        drain: (context) => {
          while (left > 0 && context.send(`${left--}`.padStart(100))) {}
        },
      },
    );
    connection.send("x".repeat(900));
    for (let count = 0; left > 0 && count < 100; count++) connection.writeCompleted();
    connection.writeCompleted();
    assert.is(left, 0);
    assert.is(sent().length, 51);
    assert.ok(events.length > 5 && events.every((event) => event === "drain"));
  });

  test("passing maxBufferedAmount drops the connection with a LimitError; done and close are told", async () => {
    const { connection, events, errors, transport } = behind({ maxBufferedAmount: 1000 });
    const told: unknown[] = [];
    connection.send("x".repeat(600));
    assert.is(
      connection.send("y".repeat(500), (error) => told.push(error)),
      false,
    );
    assert.equal(events, ["error WS_BUFFERED_AMOUNT", "close 1006"]);
    assert.instance(errors[0], LimitError);
    const { limit, actual } = errors[0] as LimitError;
    assert.equal([limit, actual], [1000, 604 + 500]);
    assert.equal(transport.calls, ["destroy"]);
    assert.is(connection.bufferedAmount, 0);
    await settled();
    assert.equal(told, [errors[0]]);
    assert.is(connection.closeReport?.first, "local");
  });

  test("a message that finds nothing waiting is always admitted, and 3e9 is 3e9", () => {
    const { connection, events } = behind({ maxBufferedAmount: 1000 });
    assert.is(connection.send("x".repeat(100_000)), false);
    connection.writeCompleted();
    assert.equal(events, ["drain"]);
    const batch = endpoint({ maxBufferedAmount: 1000 });
    batch.connection.run(() => {
      for (let count = 0; count < 30; count++) batch.connection.send("x".repeat(900));
    });
    assert.ok(
      batch.events.every((event) => event === "drain"),
      "a transport that takes everything is never behind",
    );
    assert.is(batch.sent().length, 30);
    const wide = behind({ maxBufferedAmount: 3e9 });
    const megabyte = filled(1e6, 1);
    for (let count = 0; count < 100; count++) assert.is(wide.connection.send(megabyte), true);
    wide.connection.terminate();
  });

  test("maxProcessBuffered bounds what all connections hold unsent", () => {
    const base = heldOctets();
    const options = { maxProcessBuffered: base + 3 * LARGEST_BLOCK };
    const [one, two] = [behind(options), behind(options)];
    one.connection.send("x".repeat(50_000));
    assert.is(heldOctets(), base + LARGEST_BLOCK, "the block that keeps it");
    two.connection.send("lone");
    two.connection.send("x".repeat(65_000));
    assert.equal(two.events, []);
    two.connection.send("x".repeat(65_000));
    assert.equal(two.events, ["error WS_PROCESS_BUFFERED", "close 1006"]);
    assert.is((two.errors[0] as LimitError).limit, base + 3 * LARGEST_BLOCK);
    assert.equal(one.events, []);
    one.connection.writeCompleted();
    assert.is(heldOctets(), base);
  });

  test("a send that closes its connection, for the ceiling or for a transport that throws, returns false", () => {
    const full = behind({ maxProcessBuffered: heldOctets() + 1000 });
    assert.is(full.connection.send("x".repeat(5000)), false);
    assert.equal(full.events, ["error WS_PROCESS_BUFFERED", "close 1006"]);
    const faulty = endpoint();
    faulty.transport.write = () => {
      throw new Error("gone");
    };
    assert.is(faulty.connection.send("x"), false);
    assert.equal(faulty.events, ["error Error: gone", "close 1006"]);
  });

  test("what waits for output() is not counted, also when some of it was taken", () => {
    const base = heldOctets();
    const connection = new Connection({ role: "server", maxProcessBuffered: base + 1000 });
    for (let count = 0; count < 8; count++) connection.send(filled(60_000, count));
    for (const _ of connection.output()) break;
    assert.is(heldOctets(), base);
    assert.is([...connection.output()].length, 15, "a header and a payload each, one taken");
    assert.is(connection.readyState, 1);
    connection.terminate();
  });

  test("a peer that pings and never reads is dropped at the limit, and hears nothing more (§5.5.2)", () => {
    const { connection, events, peer, transport } = behind({ maxBufferedAmount: 10_000 });
    const flood = concat(...Array.from({ length: 1000 }, () => peer.ping(filled(125, 1))));
    connection.receive(peer.text("first"));
    connection.receive(flood);
    connection.receive(flood);
    const pings = events.filter((event) => event.startsWith("ping")).length;
    assert.ok(pings < 600, `${pings} pings were answered`);
    assert.equal(events.slice(-2), ["error WS_BUFFERED_AMOUNT", "close 1006"], "nothing is delivered after the drop");
    assert.ok(transport.octets.length < 70_000);
    assert.equal(transport.calls, ["destroy"]);
  });

  test("a transport that drops the connection from within write leaves nothing behind", async () => {
    for (const takes of [true, false]) {
      for (const data of ["small", filled(BORROW_LENGTH, 1)]) {
        const base = heldOctets();
        const { connection, transport, events } = endpoint();
        const told: string[] = [];
        let writes = 0;
        transport.write = () => {
          writes++;
          connection.transportClosed(new Error("reset"));
          return takes;
        };
        connection.send(data, (error) => told.push(String(error)));
        connection.send("later", (error) => told.push((error as Error).name));
        connection.flush();
        await settled();
        assert.is(writes, 1, "nothing is written to a transport that is gone");
        assert.is(connection.bufferedAmount, 0);
        assert.is(heldOctets(), base);
        assert.equal(told, ["Error: reset", "UsageError"]);
        assert.equal(events, ["close 1006"]);
      }
    }
  });

  test("a transport that drops the connection where a send makes room takes that send with it", async () => {
    const { connection, transport, events } = endpoint({ maxBufferedAmount: 1000 });
    const told: string[] = [];
    transport.write = () => {
      connection.transportClosed();
      return true;
    };
    connection.run(() => {
      connection.send("x".repeat(900), (error) => told.push((error as Error).name));
      assert.is(
        connection.send("y".repeat(900), (error) => told.push((error as Error).name)),
        false,
      );
    });
    await settled();
    assert.equal(told, ["UsageError", "UsageError"]);
    assert.is(connection.bufferedAmount, 0);
    assert.equal(events, ["close 1006"]);
  });

  test("the end of the transport waits for the output before it", () => {
    const { connection, transport, peer, sent } = behind();
    connection.send("last words");
    connection.receive(peer.close(1000));
    assert.equal(transport.calls, []);
    connection.writeCompleted();
    assert.equal(transport.calls, []);
    connection.writeCompleted();
    assert.equal(transport.calls, ["end"]);
    assert.equal(sent(), [textEvent("last words"), closeEvent(1000)]);
  });

  test("borrowed payloads that wait take no block: what is held is what was sent", () => {
    const base = heldOctets();
    const { connection, transport, sent } = behind();
    connection.send("first");
    const payloads = Array.from({ length: 100 }, (_, index) => filled(BORROW_LENGTH, index));
    for (const payload of payloads) connection.send(payload);
    assert.is(heldOctets() - base, LARGEST_BLOCK + 100 * (4 + BORROW_LENGTH), "but for the block of the first");
    connection.writeCompleted();
    const written = transport.given.slice(1);
    assert.is(written.length, 200);
    written.forEach((octets, index) => {
      if (index % 2 === 1) assert.is(octets, payloads[(index - 1) / 2], "as it was given");
      else assert.ok(octets.buffer.byteLength <= 14, `a header's memory has ${octets.buffer.byteLength} octets`);
    });
    connection.writeCompleted();
    assert.is(heldOctets(), base);
    assert.is(sent().length, 101);
  });

  test("while the transport is behind, what waits is in blocks as large as itself, not of 64 KiB", () => {
    const { connection, transport, sent } = behind();
    connection.send("first");
    connection.send("a");
    connection.send("b");
    connection.writeCompleted();
    assert.ok(transport.given[1]!.buffer.byteLength <= 1024, `${transport.given[1]!.buffer.byteLength} octets for 6`);
    for (let count = 0; count < 100; count++) connection.send("c".repeat(100));
    connection.writeCompleted();
    const blocks = transport.given.slice(2).map(({ buffer }) => buffer.byteLength);
    const capacity = blocks.reduce((sum, length) => sum + length, 0);
    assert.ok(capacity <= 4 * 100 * 102, `${blocks} for 10200`);
    assert.ok(blocks.length <= 8, "and they grow");
    assert.is(sent().length, 103);
  });

  test("every done of the messages in one block is called, in order", async () => {
    for (const takes of [true, false]) {
      const { connection, transport } = endpoint();
      transport.takes = takes;
      const told: string[] = [];
      connection.run(() => {
        for (const name of ["a", "b", "c"]) connection.send(name, (error) => told.push(`${name} ${error}`));
      });
      assert.is(transport.writes.length, 1);
      connection.writeCompleted();
      await settled();
      assert.equal(told, ["a undefined", "b undefined", "c undefined"]);
    }
  });

  test.run();
}
