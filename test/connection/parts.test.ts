// The parts of a connection are let go when it is idle, and made anew for what comes then. Nobody may notice.

import * as assert from "uvu/assert";
import { heldOctets } from "../../bindings/connection/budget.ts";
import { Inbox } from "../../bindings/connection/inbox.ts";
import { BORROW_LENGTH } from "../../bindings/connection/outbox.ts";
import type { InboundExtension } from "../../bindings/connection/pieces.ts";
import type { PeerError } from "../../bindings/errors/classes.ts";
import { builtOnKernel, poison } from "../support/current-kernel.ts";
import { kernels } from "../support/kernels.ts";
import { concat, filled, hex } from "../support/octets.ts";
import { closeEvent, type Endpoint, endpoint, FakeTick, settled, textEvent } from "./support.ts";

/** The parts that a connection has. */
function partsOf({ connection }: Pick<Endpoint, "connection">): string[] {
  const parts = connection as unknown as Record<string, unknown>;
  const names = ["theReceiver", "theSender", "theGate", "theAccount"];
  assert.ok(
    names.every((name) => name in parts),
    "the names are those of parts.ts",
  );
  return names.filter((name) => parts[name] !== null).map((name) => name.slice(3).toLowerCase());
}

/** Two looks with nothing between them: the second finds the connection quiet. */
function quiet({ connection, clock }: Pick<Endpoint, "connection" | "clock">): void {
  connection.tick(clock.ms);
  connection.tick(clock.ms);
}

for (const tested of kernels) {
  const test = builtOnKernel("parts", tested);

  test("none is there before it is needed, and none after a quiet tick", () => {
    const end = endpoint({}, { message: (context, data) => context.send(data) });
    const { connection, peer, tick } = end;
    assert.equal(partsOf(end), []);
    quiet(end);
    assert.is(connection.byteOffset, 0);
    assert.is(connection.bufferedAmount, 0);
    assert.is(connection.isPaused, false);
    assert.equal(partsOf(end), [], "looking makes none");
    for (let round = 1; round <= 3; round++) {
      end.receive(peer.text("a"), peer.ping("p"), peer.binary(filled(100_000, 1)));
      connection.send("b");
      connection.pause();
      connection.resume();
      assert.equal(partsOf(end), ["receiver", "sender", "gate", "account"]);
      tick.end();
      connection.tick(end.clock.ms);
      assert.equal(partsOf(end).length, 4, "octets came since the last look");
      connection.tick(end.clock.ms);
      assert.equal(partsOf(end), [], `round ${round}`);
      assert.is(end.events.length, 3 * round);
      assert.is(end.sent().length, 4 * round);
    }
    assert.is(heldOctets(), 0);
  });

  test("whatever a chunk cuts goes on behind a quiet tick: headers, payloads, text, messages, control frames", () => {
    const plain = endpoint();
    const { peer } = plain;
    const frames = [
      peer.text("é€😀", false),
      peer.ping("ping"),
      peer.more("", false),
      peer.more("ü".repeat(70)),
      peer.binary("", false),
      peer.pong("pong"),
      peer.more(""),
      peer.text(""),
      peer.binary(filled(200, 1)),
      peer.close(1000, "bye"),
    ];
    const stream = concat(...frames);
    plain.receive(stream);
    plain.connection.receiveEnd();
    const between = new Set([0, ...ends(frames, [3, 6, 7, 8])]); // behind a whole message, or before anything
    for (let cut = 0; cut < stream.length; cut++) {
      const end = endpoint();
      end.receive(stream.subarray(0, cut));
      end.tick.end();
      quiet(end);
      assert.is(partsOf(end).includes("receiver"), !between.has(cut), `cut at ${cut}`);
      assert.is(end.connection.byteOffset <= cut, true);
      poison(tested.kernel);
      end.receive(stream.subarray(cut));
      end.connection.receiveEnd();
      assert.equal(end.events, plain.events, `cut at ${cut}`);
      assert.equal(end.sent(), plain.sent());
      assert.is(end.connection.byteOffset, plain.connection.byteOffset);
    }
  });

  /** Where those frames end. */
  function ends(frames: readonly Uint8Array[], indexes: readonly number[]): number[] {
    return indexes.map((last) => frames.slice(0, last + 1).reduce((sum, { length }) => sum + length, 0));
  }

  test("octet by octet with a quiet tick behind each", () => {
    const plain = endpoint();
    const { peer } = plain;
    const stream = concat(peer.text("ü€😀".repeat(50)), peer.text("a", false), peer.ping("x"), peer.more("€"));
    plain.receive(stream);
    const end = endpoint();
    for (const octet of stream) {
      end.receive(Uint8Array.of(octet));
      end.tick.end();
      quiet(end);
    }
    assert.equal(end.events, plain.events);
    assert.equal(partsOf(end), []);
  });

  test("byteOffset goes on, and an error names its place in the whole stream", () => {
    const faults = [
      { octets: (end: Endpoint) => end.peer.frame(3), octetAt: undefined },
      { octets: (end: Endpoint) => end.peer.text(hex("61 62 ff")), octetAt: 8 },
      {
        octets: (end: Endpoint) => end.peer.binary("x", true).map((octet, at) => (at === 1 ? octet & 127 : octet)),
        octetAt: undefined,
      },
    ];
    for (const { octets, octetAt } of faults) {
      const end = endpoint();
      const { connection, peer, errors } = end;
      let length = 0;
      for (const text of ["one", "two", "three"]) {
        const frame = peer.text(text);
        end.receive(frame);
        length += frame.length;
        quiet(end);
        assert.is(connection.byteOffset, length);
        assert.equal(partsOf(end), []);
      }
      end.receive(octets(end));
      const error = errors[0] as PeerError & { byteOffset?: number; octetOffset?: number };
      assert.is(error.byteOffset, length);
      assert.is(error.octetOffset, octetAt === undefined ? undefined : length + octetAt);
    }
  });

  test("a message before which nothing of it came does not continue the one before (§5.4)", () => {
    const end = endpoint();
    end.receive(end.peer.text("a"));
    quiet(end);
    end.receive(end.peer.more("b"));
    assert.equal(end.events, [textEvent("a"), "error WS_CONTINUATION_UNEXPECTED"]);
  });

  test("a pause outlasts any number of ticks, with what came and what comes", () => {
    const end = endpoint();
    const { connection, peer, events } = end;
    connection.pause();
    for (let round = 0; round < 3; round++) {
      end.receive(peer.text(`${round}`));
      quiet(end);
      quiet(end);
    }
    assert.equal(events, []);
    assert.is(connection.isPaused, true);
    connection.resume();
    assert.equal(events, ["0", "1", "2"].map(textEvent));
    quiet(end);
    assert.equal(partsOf(end), []);
    connection.pause();
    quiet(end);
    end.receive(peer.text("3"));
    assert.is(events.length, 3);
    connection.resume();
    assert.is(events.length, 4);
  });

  test("a stall and a hold outlast ticks too", () => {
    for (const kind of ["stall", "hold"] as const) {
      const end = endpoint({ role: "client" });
      const { connection, peer, events } = end;
      connection.gate[kind]();
      quiet(end);
      end.receive(peer.text("a"));
      quiet(end);
      assert.equal(events, []);
      connection.send("out");
      if (kind === "stall") connection.resume();
      else while (connection.gate.release());
      end.tick.end();
      assert.equal(events, [textEvent("a")]);
      assert.equal(end.sent(), [textEvent("out")]);
      quiet(end);
      assert.equal(partsOf(end), []);
    }
  });

  test("who keeps messages keeps the gate, and hears what becomes of the connection", async () => {
    const end = endpoint({ role: "client" });
    const { connection, peer } = end;
    const inbox = new Inbox(connection.gate, queueMicrotask);
    quiet(end);
    assert.ok(partsOf(end).includes("gate"));
    assert.is(connection.gate.keeper, inbox);
    inbox.put("kept");
    await settled();
    quiet(end);
    assert.ok(heldOctets() > 0, "what waits is charged");
    end.receive(peer.text("a"));
    quiet(end);
    const loop = inbox.iterate();
    assert.equal(await loop.next(), { done: false, value: "kept" });
    assert.is(heldOctets(), 0);
  });

  test("unsent output outlasts ticks; done and drain are told when it leaves", async () => {
    for (const data of ["text", filled(100, 1), filled(BORROW_LENGTH, 1)]) {
      const end = endpoint({ maxBufferedAmount: 3 * data.length });
      const { connection, transport, events } = end;
      const told: unknown[] = [];
      transport.takes = false;
      connection.send(data, undefined, (error) => told.push(error));
      assert.is(
        connection.send(data, undefined, (error) => told.push(error)),
        false,
      );
      end.tick.end();
      const held = heldOctets();
      assert.ok(held > 0);
      for (let round = 0; round < 3; round++) quiet(end);
      assert.equal(partsOf(end), ["sender", "account"]);
      assert.is(connection.bufferedAmount, 2 * data.length);
      assert.is(heldOctets(), held);
      connection.writeCompleted();
      connection.writeCompleted();
      await settled();
      assert.equal(told, [undefined, undefined]);
      assert.equal(events, ["drain"]);
      assert.is(end.sent().length, 2);
      quiet(end);
      assert.equal(partsOf(end), []);
      assert.is(heldOctets(), 0);
    }
  });

  test("what waits for the end of the tick leaves then, be there a quiet look before", () => {
    const end = endpoint();
    const { connection, transport, tick } = end;
    connection.send("first");
    quiet(end);
    connection.send("second");
    quiet(end);
    assert.is(transport.writes.length, 1);
    tick.end();
    assert.equal(end.sent(), ["first", "second"].map(textEvent));
    quiet(end);
    assert.equal(partsOf(end), []);
  });

  test("what no transport takes waits for output, whatever ticks come before and between", () => {
    const end = endpoint();
    const { Connection } = { Connection: end.connection.constructor } as typeof import("../../bindings/index.ts");
    const connection = new Connection({ role: "server", now: () => 0 });
    const place = { connection: connection as never, clock: { ms: 0 } };
    for (const first of [true, false]) {
      const output = connection.output();
      quiet(place);
      connection.send("a");
      connection.send(filled(BORROW_LENGTH, 1));
      connection.send("b");
      quiet(place);
      const parts: Uint8Array[] = [];
      for (const part of output) {
        parts.push(Uint8Array.from(part));
        quiet(place);
      }
      assert.is(end.peer.read(concat(...parts)).events.length, 3, `${first}`);
      quiet(place);
      assert.equal(partsOf(place), []);
    }
  });

  test("ticks inside every handler, and inside every write, change nothing", () => {
    const plain = talk(false);
    const ticked = talk(true);
    assert.equal(ticked.events, plain.events);
    assert.equal(ticked.sent(), plain.sent());
    assert.is(ticked.connection.byteOffset, plain.connection.byteOffset);
    assert.is(heldOctets(), 0);
  });

  /** A conversation with everything in it. */
  function talk(ticks: boolean): Endpoint {
    const look = (): void => void (ticks && quiet(end));
    const turn = new FakeTick();
    const end: Endpoint = endpoint(
      { maxBufferedAmount: 5000 },
      {
        message(context, data) {
          look();
          context.send(data);
          look();
          if (data === "pause") context.pause();
          look();
        },
        ping: look,
        pong: look,
        drain: look,
        error: look,
        close: look,
      },
      { nextTurn: turn.tickEnd, stepMs: 0.25 },
    );
    const { connection, transport, peer } = end;
    const { write } = transport;
    transport.write = (octets, more) => {
      look();
      return write.call(transport, octets, more);
    };
    const step = (act: () => void): void => {
      act();
      look();
      while (turn.isAwaited) turn.end();
      look();
      end.tick.end();
      look();
    };
    step(() => end.receive(concat(peer.text("a"), peer.ping("p"), peer.pong("q"), peer.text("b", false))));
    step(() => end.receive(concat(peer.ping(""), peer.more("c"), peer.text("pause"), peer.text("behind"))));
    step(() => end.receive(peer.text("queued").subarray(0, 3)));
    step(() => connection.resume());
    step(() => end.receive(concat(...Array.from({ length: 500 }, (_, index) => peer.pong(`${index}`)))));
    transport.takes = false;
    step(() => connection.send("x".repeat(2000)));
    step(() => connection.send("y".repeat(2000)));
    step(() => connection.writeCompleted());
    step(() => connection.writeCompleted());
    transport.takes = true;
    step(() => connection.terminate());
    return end;
  }

  test("a quiet tick while a turn is waited for keeps what waits", () => {
    const turn = new FakeTick();
    const end = endpoint({}, {}, { nextTurn: turn.tickEnd, stepMs: 0.25 });
    const texts = Array.from({ length: 100 }, (_, index) => `${index}`);
    end.receive(concat(...texts.map((text) => end.peer.text(text))));
    for (; turn.isAwaited; turn.end()) quiet(end);
    assert.equal(end.events, texts.map(textEvent));
    quiet(end);
    assert.equal(partsOf(end), []);
  });

  test("a connection that was quiet ends as any other", () => {
    const ways: Record<string, [(end: Endpoint) => void, string]> = {
      terminate: [({ connection }) => connection.terminate(), "close 1006"],
      "the transport's end": [({ connection }) => connection.transportClosed(), "close 1006"],
      EOF: [({ connection }) => connection.receiveEnd(), "close 1006"],
      "the peer's Close": [
        (end) => {
          end.receive(end.peer.close(1001));
          end.connection.receiveEnd();
        },
        "close 1001",
      ],
      "our Close": [
        (end) => {
          end.connection.close(1000);
          quiet(end);
          assert.equal(end.sent().slice(1), [closeEvent(1000)]);
          end.receive(end.peer.close(1000));
          end.connection.receiveEnd();
        },
        "close 1000",
      ],
    };
    for (const [name, [act, last]] of Object.entries(ways)) {
      const end = endpoint({}, { message: (context, data) => context.send(data) });
      const frame = end.peer.text("a");
      end.receive(frame);
      end.tick.end();
      quiet(end);
      assert.equal(partsOf(end), []);
      act(end);
      assert.equal(end.events, [textEvent("a"), last], name);
      assert.ok(end.connection.byteOffset >= frame.length, name);
      quiet(end);
      end.receive(end.peer.text("late"));
      assert.is(end.events.length, 2, "nothing is told after close");
      end.connection.pause();
      end.connection.resume();
      assert.is(end.connection.send("late"), false);
    }
  });

  test("what the peer sends behind its Close is not looked at, whatever ticks come between", () => {
    const end = endpoint();
    end.receive(end.peer.close(1000));
    quiet(end);
    end.receive(end.peer.text("late"), end.peer.frame(3));
    assert.equal(end.events, []);
    end.connection.receiveEnd();
    assert.equal(end.events, ["close 1000"]);
  });

  test("silence is counted as before", () => {
    const end = endpoint({ idleTimeoutMs: 1000 });
    const { connection, clock, peer } = end;
    end.receive(peer.text("a"));
    quiet(end);
    assert.equal(partsOf(end), []);
    clock.ms += 500;
    assert.is(connection.nextDeadlineMs, clock.ms);
    connection.tick(clock.ms);
    assert.equal(end.sent(), ["ping "]);
    clock.ms += 500;
    connection.tick(clock.ms);
    assert.is(connection.readyState, 2);
  });

  test("an extension has a state of its own: its receiver stays", () => {
    let made = 0;
    const extension: InboundExtension = {
      allowedRsv: 4,
      consume(next) {
        made++;
        return { piece: next.piece.bind(next), drop: next.drop.bind(next) };
      },
    };
    const end = endpoint({}, {}, { extension });
    end.receive(end.peer.text("a"));
    quiet(end);
    assert.ok(partsOf(end).includes("receiver"));
    end.receive(end.peer.text("b"));
    assert.is(made, 1);
    assert.equal(end.events, ["a", "b"].map(textEvent));
  });

  test.run();
}
