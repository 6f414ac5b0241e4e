// What all connections hold together: many hostile ones cannot do what one cannot. Each of them stays within every limit of its
// own, and together they want more than `maxProcessBuffered`. Honest ones go on.

import * as assert from "uvu/assert";
import { LARGEST_BLOCK, SMALLEST_BLOCK } from "../../bindings/codec/blocks.ts";
import { heldOctets } from "../../bindings/connection/budget.ts";
import { Inbox } from "../../bindings/connection/inbox.ts";
import type { LimitError } from "../../bindings/errors/classes.ts";
import { binaryEvent, closeEvent, type Endpoint, endpoint, settled, textEvent } from "../connection/support.ts";
import { useKernel } from "../support/current-kernel.ts";
import { kernels } from "../support/kernels.ts";
import { concat, filled } from "../support/octets.ts";
import { cutAt } from "../support/peer.ts";
import { growthOf, MIB, NOISE } from "./memory.ts";
import { hostileSuite } from "./support.ts";

/** What the present test has made. */
const living: Endpoint[] = [];

/** A connection that goes away with its test. */
function made(...[options, handlers]: Parameters<typeof endpoint>): Endpoint {
  const one = endpoint({ maxProcessBuffered: MIB, ...options }, handlers);
  living.push(one);
  return one;
}

/** Connections that do the same. */
function many(count: number, act: (one: Endpoint) => void): Endpoint[] {
  return Array.from({ length: count }, () => {
    const one = made();
    act(one);
    return one;
  });
}

/** Begins a message and never ends it. */
function beginMessage(length: number): (one: Endpoint) => void {
  return ({ connection, peer }) => connection.receive(peer.binary(filled(length, 1), false));
}

/** A connection whose messages wait for a loop. */
function looped(): Endpoint & { readonly loop: ReturnType<Inbox["iterate"]> } {
  let inbox!: Inbox;
  const one = made(
    {},
    {
      message: (_, data) => inbox.put(data),
      error: (_, error) => inbox.failed(error),
      close: (connection) => inbox.closed(connection.closeReport!),
    },
  );
  inbox = new Inbox(one.connection.gate, queueMicrotask);
  return { ...one, loop: inbox.iterate() };
}

/** Has a message that nobody reads. */
function readNothing(length: number): (one: Endpoint) => void {
  return ({ connection, transport }) => {
    transport.takes = false;
    connection.send(filled(length, 1));
  };
}

const closedOf = (endpoints: readonly Endpoint[]): number[] =>
  endpoints.flatMap(({ events }, index) => (events.length === 0 ? [] : [index]));

for (const { kernel, label } of kernels) {
  const test = hostileSuite("the process-wide ceiling", label);
  test.before.each(() => {
    useKernel(kernel);
  });
  test.after.each(async () => {
    for (const { connection } of living.splice(0)) connection.terminate();
    await settled();
    assert.is(heldOctets(), 0, "everything was let go");
  });

  test("unfinished messages that fill it do not keep an honest message from arriving: the newest of them is closed", async () => {
    const hostile = many(16, beginMessage(LARGEST_BLOCK));
    assert.is(heldOctets(), MIB, "they fill it");
    const honest = made();
    honest.receive(honest.peer.text("frag", false));
    honest.receive(honest.peer.more("mented"));
    await settled();
    assert.equal(honest.events, [textEvent("fragmented")]);
    assert.equal(closedOf(hostile), [15]);
    assert.equal(hostile[15]!.events, ["error WS_PROCESS_BUFFERED"]);
    assert.equal(hostile[15]!.sent(), [closeEvent(1009)]);
    const { limit, closeCode, actual } = hostile[15]!.errors[0] as LimitError;
    assert.equal([limit, closeCode], [MIB, 1009]);
    assert.ok(actual > limit);
  });

  test("whoever holds most is closed first, whoever asks", async () => {
    const hostile = [200, 500, 100].map((kib) => many(1, beginMessage(kib * 1024))[0]!);
    const honest = many(1, beginMessage(100 * 1024))[0]!;
    honest.receive(honest.peer.more(filled(150 * 1024, 1), false));
    await settled();
    assert.equal(closedOf([...hostile, honest]), [1]);
  });

  test("one that wants the most itself is closed, and nobody else", async () => {
    const honest = many(4, beginMessage(100 * 1024));
    const hostile = many(1, beginMessage(300 * 1024))[0]!;
    for (let count = 0; count < 10; count++) hostile.receive(hostile.peer.more(filled(LARGEST_BLOCK, 1), false));
    assert.equal(hostile.events, ["error WS_PROCESS_BUFFERED"]);
    assert.equal(hostile.sent(), [closeEvent(1009)]);
    assert.equal(closedOf(honest), []);
  });

  test("output that nobody reads and that fills it does not keep an honest reply waiting: the newest of it is dropped", async () => {
    const hostile = many(16, readNothing(LARGEST_BLOCK));
    const honest = made();
    honest.transport.takes = false;
    honest.connection.send("slow, but reads");
    honest.connection.send("in the end");
    await settled();
    honest.connection.writeCompleted();
    assert.equal(honest.events, []);
    assert.equal(honest.sent(), [textEvent("slow, but reads"), textEvent("in the end")]);
    const closed = closedOf(hostile);
    assert.ok(closed.length >= 1 && closed.length <= 3, `${closed}`);
    for (const index of closed) {
      assert.equal(hostile[index]!.events, ["error WS_PROCESS_BUFFERED", "close 1006"]);
      assert.equal(hostile[index]!.transport.calls, ["destroy"]);
    }
  });

  test("a lone message of each is always admitted, and all together are not", async () => {
    const hostile = many(10, readNothing(300 * 1024));
    await settled();
    assert.ok(heldOctets() <= MIB, `${heldOctets()} octets are held`);
    assert.is(closedOf(hostile).length, 7);
  });

  test("one that has failed, and does not read why, is dropped without another error", async () => {
    const failed = many(17, ({ connection, peer, transport }) => {
      transport.takes = false;
      connection.receive(peer.frame(3));
    });
    await settled();
    const dropped = failed.filter(({ transport }) => transport.calls.includes("destroy"));
    assert.is(dropped.length, 1, "17 blocks of 64 KiB do not fit");
    for (const { events } of dropped) assert.equal(events, ["error WS_RESERVED_OPCODE", "close 1006"]);
    many(1, beginMessage(SMALLEST_BLOCK));
    await settled();
    assert.is(failed.filter(({ transport }) => transport.calls.includes("destroy")).length, 2);
    for (const { events } of failed) assert.is(events.filter((event) => event.startsWith("error")).length, 1);
  });

  test("a broadcast counts once, until the last has taken it, and closes nobody who reads", async () => {
    const payload = filled(MIB / 2, 1);
    const readers = many(100, ({ connection, transport }) => {
      transport.takes = false;
      connection.send(payload);
      connection.send(payload);
    });
    await settled();
    assert.equal(closedOf(readers), []);
    const headers = 2 * 100 * 10;
    assert.is(heldOctets(), payload.length + headers);
    readers.forEach(({ connection }, index) => {
      connection.writeCompleted();
      assert.is(heldOctets(), payload.length + headers - 10 * (index + 1), "as long as one holds it");
    });
    for (const { connection } of readers) connection.writeCompleted();
    assert.is(heldOctets(), 0);
  });

  test("what is sent behind an unread reply counts before it is queued", async () => {
    const hostile = many(8, readNothing(LARGEST_BLOCK));
    const most = hostile.map(({ connection }) => {
      for (let count = 0; count < 4; count++) connection.send(filled(LARGEST_BLOCK, 1));
      return heldOctets();
    });
    assert.ok(Math.max(...most) <= MIB, `${Math.max(...most)} octets were held`);
    await settled();
    assert.ok(closedOf(hostile).length >= 4, `${closedOf(hostile).length} are closed`);
  });

  test("a few octets that nobody reads count the block that keeps them", async () => {
    const hostile = many(100, ({ connection, peer, transport }) => {
      transport.takes = false;
      connection.receive(peer.ping("x"));
    });
    await settled();
    assert.ok(heldOctets() <= MIB, `${heldOctets()} octets are held`);
    const memory = hostile
      .filter(({ events }) => events.length === 1)
      .map(({ transport }) => transport.given[0]!.buffer.byteLength);
    assert.is(
      memory.reduce((sum, length) => sum + length),
      heldOctets(),
      "what is counted is the memory there is",
    );
  });

  test("a paused one that fails, and whose Close nobody takes, hears of no error after its close", async () => {
    const large = made({ maxProcessBuffered: Number.POSITIVE_INFINITY });
    beginMessage(2 * MIB)(large);
    const paused = made();
    paused.transport.takes = false;
    paused.connection.pause();
    paused.receive(paused.peer.binary(filled(100, 1)));
    await settled();
    assert.is(paused.events[0], "error WS_PROCESS_BUFFERED");
    assert.is(paused.events.indexOf("close 1006"), paused.events.length - 1, paused.events.join(", "));
    assert.equal(closedOf([large]), []);
  });

  test("one whose transport ends with that of whoever is closed for it says, and is told, nothing more", async () => {
    for (const isSending of [false, true]) {
      const largest = many(1, readNothing(MIB - LARGEST_BLOCK - 3000))[0]!;
      const { connection, events, transport, peer, errors } = made();
      largest.transport.destroy = () => connection.transportClosed();
      const doneWith: unknown[] = [];
      connection.receive(peer.binary(filled(10, 1), false));
      if (isSending) {
        transport.takes = false;
        connection.send("behind");
        connection.send(filled(3000, 1), (error) => doneWith.push((error as { code?: string }).code));
        assert.is(connection.bufferedAmount, 0);
      } else {
        connection.receive(peer.more(filled(LARGEST_BLOCK + 2000, 1)));
      }
      await settled();
      assert.equal(largest.events, ["error WS_PROCESS_BUFFERED", "close 1006"]);
      assert.equal(events, ["close 1006"], String(errors[0]));
      assert.equal(doneWith, isSending ? ["WS_NOT_OPEN"] : []);
      assert.is(heldOctets(), 0, "a closed one holds nothing");
    }
  });

  test("what waits behind pauses counts: chunks, rests of chunks and batches", async () => {
    for (const cut of [0, 1]) {
      const { all, result: hostile } = growthOf(() =>
        many(100, ({ connection, peer }) => {
          const chunk = peer.binary(filled(30_000, 1));
          const [first, second] = cutAt(chunk, cut === 0 ? 0 : 20_000);
          connection.pause();
          connection.receive(first!);
          connection.receive(second!);
          connection.receive(peer.binary(filled(10_000, 1)));
        }),
      );
      assert.ok(all <= MIB + NOISE, `${all} octets of memory`);
      await settled();
      assert.ok(heldOctets() <= MIB, `${heldOctets()} octets are held`);
      assert.ok(heldOctets() > MIB / 2, `${heldOctets()} octets are held`);
      assert.ok(closedOf(hostile).length >= 50, `${closedOf(hostile).length} of 100 are closed`);
    }
  });

  test("what a pause in the middle of a chunk leaves of it counts", async () => {
    const { all, result: hostile } = growthOf(() =>
      Array.from({ length: 20 }, () => {
        const one = made({}, { message: (connection) => connection.pause() });
        one.receive(concat(...Array.from({ length: 1000 }, () => one.peer.binary(filled(300, 1)))));
        return one;
      }),
    );
    assert.ok(all <= MIB + NOISE, `${all} octets of memory`);
    await settled();
    assert.ok(heldOctets() <= MIB, `${heldOctets()} octets are held`);
    const waiting = hostile.filter(({ errors }) => errors.length === 0);
    assert.ok(waiting.length >= 2 && waiting.length <= 3, `${waiting.length} of 300 KB each wait in 1 MiB`);
  });

  test("messages that wait for loops count, and go with their connection", async () => {
    const rejected: unknown[] = [];
    const hostile = Array.from({ length: 100 }, (_, index) => {
      const one = looped();
      one.receive(one.peer.binary(filled(60_000 - 100 * index, 1)));
      return one;
    });
    await settled();
    assert.ok(heldOctets() <= MIB, `${heldOctets()} octets are held`);
    const closed = hostile.flatMap(({ errors }, index) => (errors.length === 0 ? [] : [index]));
    assert.ok(closed.length >= 75 && closed[0] === 0, `${closed} are closed, each of which held more than the next`);
    for (const { loop, connection, errors } of hostile) {
      connection.terminate();
      if (errors.length !== 0) await loop.next().catch((error: LimitError) => rejected.push(error.code));
    }
    assert.equal(new Set(rejected), new Set(["WS_PROCESS_BUFFERED"]));
    assert.is(rejected.length, closed.length);
    assert.is(heldOctets(), 0);
  });

  test("messages of peers that are gone count while slow loops go through them: whoever has most loses them, and is told", async () => {
    const hostile: ReturnType<typeof looped>[] = [];
    for (let count = 0; count < 100; count++) {
      const one = looped();
      const first = one.loop.next();
      for (let message = 0; message < 6; message++) {
        one.receive(one.peer.binary(filled(20_000 - count * 100, 1)));
        await settled();
      }
      await first;
      one.connection.transportClosed();
      await settled();
      hostile.push(one);
      assert.ok(heldOctets() <= MIB, `${heldOctets()} octets are held`);
    }
    const ends: string[] = [];
    for (const { loop } of hostile) {
      let count = 1;
      let end = "";
      while (end === "") {
        await loop.next().then(
          () => count++,
          ({ code }: LimitError) => (end = `${count} of 6, ${code}`),
        );
      }
      ends.push(end);
    }
    const lost = ends.indexOf("6 of 6, WS_ABNORMAL_CLOSURE");
    assert.ok(lost >= 70 && lost <= 90, `${lost} have lost them`);
    assert.equal([...new Set(ends.slice(0, lost))], ["1 of 6, WS_PROCESS_BUFFERED"]);
    assert.equal([...new Set(ends.slice(lost))], ["6 of 6, WS_ABNORMAL_CLOSURE"]);
    assert.is(heldOctets(), 0);
  });

  test("one that holds less than its equal share is never closed for the others", async () => {
    const honest = many(20, beginMessage(SMALLEST_BLOCK));
    const hostile = many(100, beginMessage(LARGEST_BLOCK));
    for (const one of honest) one.receive(one.peer.more(filled(SMALLEST_BLOCK, 2)));
    await settled();
    assert.ok(closedOf(hostile).length >= 84, `${closedOf(hostile).length} are closed`);
    const whole = filled(2 * SMALLEST_BLOCK, 1).fill(2, SMALLEST_BLOCK);
    for (const { events } of honest) assert.equal(events, [binaryEvent(whole)]);
  });

  test("a closed one's handlers run when the others are served, once, error before close", async () => {
    let isServing = false;
    const told: string[] = [];
    const hostile = Array.from({ length: 16 }, () => {
      const one = made(
        {},
        {
          error: () => void told.push(`error, ${isServing ? "in" : "after"} another's turn`),
          close: () => void told.push("close"),
        },
      );
      readNothing(LARGEST_BLOCK - 16)(one);
      return one;
    });
    const honest = made();
    isServing = true;
    honest.receive(honest.peer.text("frag", false), honest.peer.more("mented"));
    const newest = hostile[15]!.connection;
    assert.is(newest.readyState, 3, "it is closed at once");
    assert.is(newest.send("x"), false);
    isServing = false;
    assert.equal(told, []);
    await settled();
    assert.equal(told, ["error, after another's turn", "close"]);
    assert.equal(honest.events, [textEvent("fragmented")]);
  });

  test.run();
}
