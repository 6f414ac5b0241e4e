// Prepared messages that wait for a transport, or will never leave: what counts against limits, what is charged for octets that
// are lent, and what `done` is told.

import * as assert from "uvu/assert";
import { heldOctets } from "../../bindings/connection/budget.ts";
import { isLent } from "../../bindings/connection/loans.ts";
import { BORROW_LENGTH } from "../../bindings/connection/outbox.ts";
import { prepareMessage } from "../../bindings/connection/prepared.ts";
import { builtOnKernel } from "../support/current-kernel.ts";
import { kernels } from "../support/kernels.ts";
import { filled } from "../support/octets.ts";
import { endpoint, settled } from "./support.ts";

for (const tested of kernels) {
  const test = builtOnKernel("prepared messages, unsent", tested);

  test("done is told once, when the transport has taken it, and never inside send", async () => {
    for (const length of [5, BORROW_LENGTH]) {
      for (const role of ["server", "client"] as const) {
        const { connection, transport, tick } = endpoint({ role });
        const prepared = prepareMessage(filled(length, 1));
        const told: unknown[] = [];
        connection.send(prepared, (error) => told.push(["first", error]));
        transport.takes = false;
        connection.send(prepared, undefined, (error) => told.push(["second", error]));
        assert.equal(told, []);
        tick.end();
        await settled();
        assert.equal(told, [["first", undefined]]);
        assert.is(connection.bufferedAmount, length);
        connection.writeCompleted();
        await settled();
        assert.equal(told.slice(1), [["second", undefined]]);
        assert.is(connection.bufferedAmount, 0);
      }
    }
  });

  test("done is told why it will never leave: terminated, the transport broke, not open", async () => {
    const prepared = prepareMessage("x");
    const told: string[] = [];
    const tell = (error: unknown): void => void told.push((error as { code?: string }).code ?? String(error));
    const stalled = endpoint();
    stalled.transport.takes = false;
    stalled.connection.send(prepared, tell);
    stalled.connection.send(prepared, tell);
    stalled.connection.terminate();
    const broken = endpoint();
    broken.transport.write = () => {
      throw new Error("broken");
    };
    broken.connection.send(prepared, tell);
    assert.is(broken.connection.readyState, 3);
    const within = endpoint();
    within.transport.write = () => {
      within.connection.terminate();
      return false;
    };
    within.connection.send(prepared, tell);
    assert.is(stalled.connection.send(prepared, tell), false);
    await settled();
    const notOpen = Array.from({ length: 4 }, () => "WS_NOT_OPEN");
    assert.equal(told.sort(), ["Error: broken", ...notOpen], "of several connections, in any order");
    assert.is(heldOctets(), 0);
  });

  test("counts against bufferedAmount and maxBufferedAmount as any message does; drain follows", () => {
    for (const prepare of [true, false]) {
      const { connection, transport, events } = endpoint({ maxBufferedAmount: 1000 });
      const octets = filled(400, 1);
      const message = prepare ? prepareMessage(octets) : octets;
      transport.takes = false;
      assert.is(connection.send(message), true);
      assert.is(connection.bufferedAmount, 400);
      assert.is(connection.send(message), false, "more than half");
      assert.is(connection.bufferedAmount, 800);
      connection.writeCompleted();
      assert.equal(events, ["drain"]);
      connection.send(message);
      assert.is(connection.send(message), false, "too much");
      assert.equal(events, ["drain", "error WS_BUFFERED_AMOUNT", "close 1006"]);
      assert.is(connection.bufferedAmount, 0);
      assert.is(connection.lostLength, 1200);
    }
  });

  test("a lone one is admitted whatever its length", () => {
    const { connection, transport } = endpoint({ maxBufferedAmount: 1000 });
    transport.takes = false;
    connection.send(prepareMessage(filled(5000, 1)));
    assert.is(connection.readyState, 1);
    connection.send(prepareMessage(filled(900, 1)));
    assert.is(connection.readyState, 1, "it is not held against what follows it");
    connection.terminate();
  });

  test("a connection that is not open discards it", () => {
    for (const state of ["closing", "closed"] as const) {
      const { connection, transport } = endpoint();
      if (state === "closing") connection.close(1000);
      else connection.terminate();
      const { length } = transport.octets;
      assert.is(connection.send(prepareMessage("x")), false);
      assert.is(transport.octets.length, length);
    }
  });

  test("a large one that a hundred stalled connections borrow is charged once, until the last gives it back", () => {
    const prepared = prepareMessage(filled(100_000, 1));
    const ends = Array.from({ length: 100 }, () => endpoint());
    for (const { connection, transport } of ends) {
      transport.takes = false;
      connection.send(prepared);
    }
    assert.is(heldOctets(), prepared.frame.length);
    assert.ok(
      ends.every(({ transport }) => transport.given[0] === prepared.frame),
      "and never copied",
    );
    for (const [index, { connection }] of ends.entries()) {
      assert.is(heldOctets(), prepared.frame.length, `${index}`);
      if (index % 2 === 0) connection.writeCompleted();
      else connection.terminate();
    }
    assert.is(heldOctets(), 0);
    assert.is(isLent(prepared.frame), false);
  });

  test("one that a connection borrows three times is charged once, and so is a small one that was written as it is", () => {
    for (const length of [10, 100_000]) {
      const { connection, transport } = endpoint();
      transport.takes = false;
      const prepared = prepareMessage(filled(length, 1));
      for (let count = 0; count < 3; count++) connection.send(prepared);
      assert.is(connection.bufferedAmount, 3 * length);
      if (length > BORROW_LENGTH) assert.is(heldOctets(), prepared.frame.length);
      connection.writeCompleted();
      assert.is(connection.bufferedAmount, 2 * length);
      connection.writeCompleted();
      assert.is(connection.bufferedAmount, 0);
      assert.is(heldOctets(), 0);
      assert.is(isLent(prepared.frame), false);
    }
  });

  test("a large one that is sent from inside the write of a small one stays charged until it is gone", () => {
    const { connection, transport } = endpoint();
    const [small, large] = [prepareMessage("small"), prepareMessage(filled(100_000, 1))];
    const { write } = transport;
    transport.takes = false;
    transport.write = (octets, more) => {
      transport.write = write;
      connection.send(large);
      return write.call(transport, octets, more);
    };
    connection.send(small);
    connection.writeCompleted();
    assert.is(isLent(large.frame), true);
    assert.ok(heldOctets() >= large.frame.length);
    connection.writeCompleted();
    assert.is(heldOctets(), 0);
  });

  test.run();
}
