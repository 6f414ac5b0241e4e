// Messages that are sent part by part: their frames, what waits behind them, how fast parts are asked for, and what ends them.

import { Readable } from "node:stream";
import * as assert from "uvu/assert";
import { heldOctets } from "../../bindings/connection/budget.ts";
import type { MessagePart, MessageSource } from "../../bindings/connection/outgoing.ts";
import { builtOnKernel } from "../support/current-kernel.ts";
import { kernels } from "../support/kernels.ts";
import { filled, hex, utf8 } from "../support/octets.ts";
import { textOfEvent } from "../support/peer.ts";
import { binaryEvent, closeEvent, endpoint, FakeTick, goneOn, settled, textEvent } from "./support.ts";

const KIB = 1024;

/** A source whose parts come when the test says so. */
class Tap {
  private resolve: (step: IteratorResult<MessagePart, undefined>) => void = () => {};
  private reject: (error: unknown) => void = () => {};
  askedCount = 0;
  returnedCount = 0;

  give(value: MessagePart): void {
    this.resolve({ done: false, value });
  }

  end(): void {
    this.resolve({ done: true, value: undefined });
  }

  break(error: unknown): void {
    this.reject(error);
  }

  [Symbol.asyncIterator](): AsyncIterator<MessagePart, undefined> {
    return {
      next: () => {
        this.askedCount++;
        return new Promise((resolve, reject) => {
          this.resolve = resolve;
          this.reject = reject;
        });
      },
      return: () => {
        this.returnedCount++;
        return Promise.resolve({ done: true, value: undefined });
      },
    };
  }
}

/** What becomes of a promise: what it gave, or "UsageError WS_…" of what it was rejected with. */
function outcomeOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.catch((error: unknown) => {
    const { name, message, code } = error as { name: string; message: string; code?: string };
    return `${name} ${code ?? message}`;
  });
}

for (const tested of kernels) {
  const test = builtOnKernel("sendStream", tested);

  test("sends a frame for each part and an empty last one (§5.4)", async () => {
    const end = endpoint();
    const sent = end.connection.sendStream(["He", "l", "lo"]);
    await goneOn(end);
    assert.is(await sent, true);
    // 01: text; 00: continuation; 80: continuation, FIN
    assert.equal(end.transport.octets, hex("01 02 48 65 00 01 6c 00 02 6c 6f 80 00"));
  });

  test("a message without parts is empty; its first part says what it is, unless `binary` does", async () => {
    const end = endpoint();
    const octets = [hex("61"), "b"];
    for (const [source, options] of [
      [[], {}],
      [[], { binary: false }],
      [octets, {}],
      [["a", hex("62")], {}],
      [octets, { binary: false }],
      [["a"], { binary: true }],
    ] as readonly (readonly [MessageSource, object])[]) {
      const sent = end.connection.sendStream(source, options);
      await goneOn(end);
      assert.is(await sent, true);
    }
    assert.equal(end.sent(), [
      binaryEvent(hex("")),
      textEvent(""),
      binaryEvent(hex("61 62")),
      textEvent("ab"),
      textEvent("ab"),
      binaryEvent(hex("61")),
    ]);
  });

  test("a client masks each frame (§5.1)", async () => {
    const end = endpoint({ role: "client" });
    const sent = end.connection.sendStream(["a".repeat(10), "b".repeat(70_000)]);
    await goneOn(end);
    assert.is(await sent, true);
    assert.is(textOfEvent(end.sent()[0]!), "a".repeat(10) + "b".repeat(70_000));
  });

  test("what is sent meanwhile waits behind it, but for pongs, and pings that nothing waits before (§5.4, §5.5)", async () => {
    const end = endpoint();
    const tap = new Tap();
    const sent = end.connection.sendStream(tap);
    await goneOn(end);
    tap.give("1");
    await goneOn(end);
    end.connection.ping("a");
    end.connection.send("message");
    end.connection.ping("b");
    end.receive(end.peer.ping("c"));
    end.connection.close(1000);
    await goneOn(end);
    const before = end.peer.read(end.transport.octets).events;
    assert.equal(before, ["ping 61", "pong 63"]);
    assert.is(end.connection.bufferedAmount, 7, "the message that waits");
    tap.give("2");
    await goneOn(end);
    tap.end();
    await goneOn(end);
    assert.is(await sent, true);
    assert.equal(end.sent(), [...before, textEvent("12"), textEvent("message"), "ping 62", closeEvent(1000)]);
  });

  test("two streams go one after the other", async () => {
    const end = endpoint();
    const first = new Tap();
    const second = new Tap();
    const sent = [end.connection.sendStream(first), end.connection.sendStream(second)];
    await goneOn(end);
    assert.equal([first.askedCount, second.askedCount], [1, 0]);
    first.end();
    await goneOn(end);
    second.give("x");
    await goneOn(end);
    second.end();
    await goneOn(end);
    assert.equal(await Promise.all(sent), [true, true]);
    assert.equal(end.sent(), [binaryEvent(hex("")), textEvent("x")]);
  });

  test("parts are asked for as the transport takes them: at most 64 KiB and a part are unsent", async () => {
    const end = endpoint();
    let asked = 0;
    end.transport.takes = false;
    const sent = end.connection.sendStream(
      (function* () {
        while (asked < 100) yield filled(8 * KIB, ++asked);
      })(),
    );
    await goneOn(end);
    assert.is(asked, 8);
    for (let count = 0; count < 200; count++) {
      end.connection.writeCompleted();
      await settled();
      end.tick.end();
      assert.ok(end.connection.bufferedAmount <= 72 * KIB);
    }
    assert.is(await sent, true);
    assert.is(end.peer.read(end.transport.octets).events.length, 1);
  });

  test("a large part is borrowed until the next is asked for", async () => {
    const end = endpoint();
    const part = filled(64 * KIB, 1);
    let asked = 0;
    end.transport.takes = false;
    const sent = end.connection.sendStream(
      (function* () {
        for (asked = 1; asked <= 3; asked++) yield part.fill(asked);
      })(),
    );
    await goneOn(end);
    assert.is(asked, 1);
    assert.is(end.transport.given[1]!.buffer, part.buffer, "it was not copied");
    for (let count = 0; count < 10; count++) {
      end.connection.writeCompleted();
      await goneOn(end);
    }
    assert.is(await sent, true);
    assert.is(heldOctets(), 0);
  });

  test("a character may be cut between two strings, or between octets", async () => {
    const end = endpoint();
    const euro = utf8("€");
    const sent = end.connection.sendStream(["a\ud83d", "\ude00", euro.subarray(0, 1), euro.subarray(1), "\ud83d"]);
    await goneOn(end);
    assert.is(await sent, true);
    assert.equal(end.sent(), [textEvent("a😀€\ufffd")], "a lone surrogate is U+FFFD");
  });

  test("octets that are no text: rejected; before the first frame the connection goes on, after it fails with 1011", async () => {
    const end = endpoint();
    const { connection } = end;
    assert.is(await outcomeOf(connection.sendStream([hex("ff")], { binary: false })), "UsageError WS_ARGUMENT");
    connection.send("fine");
    await goneOn(end);
    assert.equal(end.sent(), [textEvent("fine")]);
    const cut = outcomeOf(connection.sendStream(["x", hex("c3")]));
    connection.send("never");
    await goneOn(end);
    assert.is(await cut, "UsageError WS_ARGUMENT");
    assert.equal(end.events, ["error WS_ARGUMENT"]);
    assert.equal(end.sent().at(-1), closeEvent(1011));
    assert.not(end.sent().includes(textEvent("never")));
  });

  test("a source that throws: the same, and `error` is told once, also where a handler awaited it", async () => {
    const end = endpoint(
      {},
      {
        message: (connection) => connection.sendStream(broken()),
      },
    );
    async function* broken(): AsyncGenerator<string> {
      yield "x";
      throw new RangeError("the disk is gone");
    }
    end.receive(end.peer.text("go"));
    await goneOn(end);
    assert.equal(end.events, [textEvent("go"), "error RangeError: the disk is gone"]);
    assert.equal(end.sent(), [closeEvent(1011)]);
  });

  for (const [what, how, sentClose] of [
    ["is lost", (end) => end.connection.transportClosed(), undefined],
    ["is terminated", (end) => end.connection.terminate(), undefined],
    ["fails", (end) => end.receive(end.peer.more("x")), 1002],
    ["is closed by the peer", (end) => end.receive(end.peer.close(1000)), 1000],
  ] as readonly (readonly [string, (end: ReturnType<typeof endpoint>) => void, number | undefined])[]) {
    test(`gives false where the connection ${what}, at once, and its source is told`, async () => {
      const end = endpoint();
      const tap = new Tap();
      const waits = new Tap();
      const sent = [end.connection.sendStream(tap), end.connection.sendStream(waits)];
      await goneOn(end);
      tap.give("1");
      await goneOn(end);
      how(end);
      await goneOn(end);
      assert.equal(await Promise.all(sent), [false, false]);
      assert.equal([tap.returnedCount, waits.askedCount], [1, 0]);
      assert.equal(end.sent(), sentClose === undefined ? [] : [closeEvent(sentClose)], "no Close waits behind it");
      assert.is(heldOctets(), 0);
    });
  }

  test("gives false where the connection is not open, and asks the source for nothing", async () => {
    const end = endpoint();
    const tap = new Tap();
    end.connection.close();
    assert.is(await end.connection.sendStream(tap), false);
    assert.is(tap.askedCount, 0);
  });

  test("what is no source is a UsageError, and so is a part that is neither text nor octets", async () => {
    const end = endpoint();
    for (const source of ["text", hex("01"), new ArrayBuffer(1), null, undefined, 7, {}]) {
      assert.is(await outcomeOf(end.connection.sendStream(source as never)), "UsageError WS_ARGUMENT", String(source));
    }
    assert.is(await outcomeOf(end.connection.sendStream([1] as never)), "UsageError WS_ARGUMENT");
    assert.is(await outcomeOf(end.connection.sendStream([], { Binary: true } as never)), "UsageError WS_OPTION");
    assert.equal(end.sent(), []);
    assert.is(end.connection.readyState, 1);
  });

  test("a message that is received as a stream passes through as it is, without being decoded", async () => {
    const end = endpoint({}, { stream: (connection, message) => connection.sendStream(message) });
    const text = "é€😀".repeat(10 * KIB);
    end.receive(end.peer.text(text), end.peer.binary(filled(70 * KIB, 3)), end.peer.text(""));
    await goneOn(end);
    const [first, second, third] = end.sent();
    assert.ok(textOfEvent(first!) === text);
    assert.ok(second === `binary${" 03".repeat(70 * KIB)}`);
    assert.is(third, textEvent(""));
    assert.is(heldOctets(), 0, "every block was given back");
  });

  test("what a loop is lent is valid until it asks for more, and then used again", async () => {
    const lent: Uint8Array[] = [];
    const copies: Buffer[] = [];
    const end = endpoint(
      {},
      {
        async stream(_, message) {
          for await (const part of message.lend()) {
            lent.push(part);
            copies.push(Buffer.from(part));
            await settled();
          }
        },
      },
    );
    end.receive(end.peer.binary(filled(100 * KIB, 1), false), end.peer.more(filled(300 * KIB, 2)));
    await goneOn(end);
    assert.equal(Buffer.concat(copies), Buffer.concat([filled(100 * KIB, 1), filled(300 * KIB, 2)]));
    assert.ok(new Set(lent.map(({ buffer }) => buffer)).size < lent.length, "memory was lent again");
    assert.is(heldOctets(), 0);
  });

  test("a ping that asks for a sign of life waits behind nothing (§5.5.2)", async () => {
    const end = endpoint({ idleTimeoutMs: 1000 });
    const { connection, clock } = end;
    const tap = new Tap();
    const sent = connection.sendStream(tap);
    await goneOn(end);
    tap.give("1");
    await goneOn(end);
    connection.send("waits");
    connection.tick(clock.ms + 600);
    await goneOn(end);
    assert.equal(end.sent(), ["ping "]);
    connection.terminate();
    assert.is(await sent, false);
  });

  test("octets between two halves of a character leave it two of U+FFFD; a string within one is no text", async () => {
    const end = endpoint();
    const mixed = end.connection.sendStream(["a\ud83d", utf8("-"), "\ude00b"]);
    await goneOn(end);
    assert.is(await mixed, true);
    assert.equal(end.sent(), [textEvent("a\ufffd-\ufffdb")]);
    assert.is(
      await outcomeOf(end.connection.sendStream([hex("e2 82"), "x", hex("ac")], { binary: false })),
      "UsageError WS_ARGUMENT",
    );
  });

  test("parts that are there at once are sent in turns, as long as others are to be served", async () => {
    const turns = new FakeTick();
    const end = endpoint({}, {}, { nextTurn: turns.tickEnd, stepMs: 0.1 });
    let asked = 0;
    const sent = end.connection.sendStream(
      (function* () {
        while (asked < 100) yield `${++asked}`;
      })(),
    );
    await goneOn(end);
    assert.ok(asked < 10, `${asked} in the first turn`);
    assert.is(turns.isAwaited, true);
    while (turns.isAwaited) {
      turns.end();
      await goneOn(end);
    }
    assert.is(await sent, true);
    assert.is(asked, 100);
  });

  test("what waits behind it counts with what it takes to keep it", async () => {
    const end = endpoint({ maxBufferedAmount: 100_000 });
    const { connection } = end;
    const sent = connection.sendStream(new Tap());
    await goneOn(end);
    let count = 0;
    while (connection.readyState === 1 && count < 10_000) {
      connection.send("x");
      count++;
    }
    assert.ok(count < 1000, `${count} of one octet`);
    assert.equal(end.events, ["error WS_BUFFERED_AMOUNT", "close 1006"]);
    assert.is(await sent, false);
    assert.is(heldOctets(), 0);
  });

  test("a stream of Node's that is not read, or not to its end, is destroyed", async () => {
    const end = endpoint();
    const { connection } = end;
    const sources = Array.from({ length: 3 }, () => new Readable({ read() {} }));
    const sent = sources.slice(0, 2).map((source) => connection.sendStream(source));
    await goneOn(end);
    sources[0]!.push("part");
    await goneOn(end);
    connection.terminate();
    await goneOn(end);
    assert.equal(await Promise.all([...sent, connection.sendStream(sources[2]!)]), [false, false, false]);
    assert.equal(
      sources.map(({ destroyed }) => destroyed),
      [true, true, true],
    );
  });

  test.run();
}
