// The parts of a connection are let go when it is idle, and made anew for what comes then. Nobody may notice: not output that
// waits, not a handler, not whatever ends the connection. parts-input.test.ts has what comes in.

import * as assert from "uvu/assert";
import { heldOctets } from "../../bindings/connection/budget.ts";
import { BORROW_LENGTH } from "../../bindings/connection/outbox.ts";
import { builtOnKernel } from "../support/current-kernel.ts";
import { kernels } from "../support/kernels.ts";
import { concat, filled } from "../support/octets.ts";
import { partsOf, quiet } from "./parts-support.ts";
import { closeEvent, type Endpoint, endpoint, FakeTick, settled, textEvent } from "./support.ts";

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

  test.run();
}
