// What the application does while a connection waits for its turn, and in handlers of a later one: it pauses, holds, loops,
// closes, terminates, throws. turns.test.ts says how long turns are.

import * as assert from "uvu/assert";
import { heldOctets } from "../../bindings/connection/budget.ts";
import { Inbox, type Message } from "../../bindings/connection/inbox.ts";
import { builtOnKernel } from "../support/current-kernel.ts";
import { kernels } from "../support/kernels.ts";
import { concat } from "../support/octets.ts";
import { closeEvent, settled } from "./support.ts";
import { numbers, RECORDS_PER_LOOK, type Turning, textsOf, turning } from "./turns-support.ts";

for (const tested of kernels) {
  const test = builtOnKernel("turns and handlers", tested);

  test("a pause by the turn's last message outlasts it, and its end goes on", () => {
    for (const pausedAt of [RECORDS_PER_LOOK - 2, RECORDS_PER_LOOK - 1]) {
      const { peer, connection, transport, events, turn, runAll } = turning(
        {},
        { message: (context, data) => data === `${pausedAt}` && context.pause() },
      );
      connection.receive(numbers(peer, 0, 100));
      assert.equal(events, textsOf(0, pausedAt + 1));
      turn.end();
      turn.end();
      assert.is(events.length, pausedAt + 1, "a turn ends no pause");
      assert.ok(!transport.calls.includes("resume"));
      connection.resume();
      assert.ok(events.length > pausedAt + 1);
      runAll();
      assert.equal(events, textsOf(0, 100));
      assert.is(transport.calls.at(-1), "resume");
    }
  });

  test("pause and resume while it waits for its turn change nothing of when that comes", () => {
    const { peer, connection, transport, events, turn } = turning();
    connection.receive(numbers(peer, 0, 40));
    connection.pause();
    connection.resume();
    assert.is(events.length, RECORDS_PER_LOOK);
    assert.equal(transport.calls, ["pause", "pause"], "others come first");
    turn.end();
    assert.equal(events, textsOf(0, 40));
    assert.equal(transport.calls, ["pause", "pause", "resume"]);
  });

  test("a pause that begins while it waits holds the rest back until resume", () => {
    const { peer, connection, transport, events, turn } = turning();
    connection.receive(numbers(peer, 0, 40));
    connection.pause();
    turn.end();
    assert.is(events.length, RECORDS_PER_LOOK);
    assert.is(turn.isAwaited, false);
    connection.receive(numbers(peer, 40, 50));
    connection.resume();
    assert.equal(events, textsOf(0, 50));
    assert.is(transport.calls.at(-1), "resume");
  });

  test("pause and resume within one handler of a later turn lose nothing", () => {
    const { peer, connection, transport, events, runAll } = turning(
      {},
      {
        message(context) {
          context.pause();
          context.resume();
        },
      },
    );
    connection.receive(numbers(peer, 0, 100));
    assert.is(events.length, RECORDS_PER_LOOK, "a handler that pauses and resumes has one turn as others have");
    runAll();
    assert.equal(events, textsOf(0, 100));
    assert.is(transport.calls.at(-1), "resume");
  });

  test("an end that waited behind a turn ends a connection that fails meanwhile", () => {
    const { peer, connection, transport, sent, turn } = turning();
    connection.receive(numbers(peer, 0, 100));
    connection.receiveEnd();
    connection.run(() => {
      throw new Error("meanwhile");
    });
    assert.is(connection.readyState, 3, "nothing more can come");
    assert.equal(sent(), [closeEvent(1011)]);
    assert.ok(transport.calls.includes("destroy"));
    turn.end();
  });

  test("a hold that is in force when the turn begins does not leave the transport stopped", () => {
    for (const releasedBefore of [true, false]) {
      const end: Turning = turning({ role: "client" }, { message: () => end.connection.gate.hold() });
      const { connection, events, transport, turn } = end;
      const chunk = numbers(end.peer, 0, 100);
      connection.receive(chunk);
      while (end.turn.isAwaited === false) assert.ok(connection.gate.release(), "the first turn");
      assert.is(events.length, RECORDS_PER_LOOK);
      assert.is(connection.gate.isHeld, true);
      if (releasedBefore) assert.is(connection.gate.release(), false, "nothing comes before the next turn");
      assert.is(events.length, RECORDS_PER_LOOK);
      for (let count = 0; turn.isAwaited || connection.gate.isHeld; count++) {
        assert.ok(count < 1000, "it ends");
        turn.end();
        while (connection.gate.release());
      }
      assert.equal(events, textsOf(0, 100));
      assert.is(transport.calls.at(-1), "resume");
    }
  });

  test("messages that are told one by one count for one turn, as if they were told at once", () => {
    const end: Turning = turning({ role: "client" }, { message: () => end.connection.gate.hold() }, 2);
    const { connection, events, turn } = end;
    connection.receive(numbers(end.peer, 0, 1000));
    for (let turnCount = 1; turn.isAwaited || connection.gate.isHeld; turnCount++, turn.end()) {
      while (connection.gate.release());
      assert.is(events.length, Math.min(1000, turnCount * 2 * RECORDS_PER_LOOK));
    }
    assert.equal(events, textsOf(0, 1000));
  });

  test("a loop has every message in order, and lets others have their turn", async () => {
    let inbox: Inbox;
    const end = turning({ role: "client" }, { message: (_, data) => inbox.put(data as Message) });
    const { connection, peer, turn } = end;
    inbox = new Inbox(connection.gate, (run) => void Promise.resolve().then(() => process.nextTick(run)));
    const got: Message[] = [];
    const loop = (async () => {
      for await (const message of inbox.iterate()) {
        got.push(message);
        if (message === "299") break;
      }
    })();
    connection.receive(numbers(peer, 0, 300));
    let turnCount = 1;
    for (; got.length < 300; turnCount++, turn.end()) {
      await settled();
      assert.is(got.length, Math.min(300, turnCount * RECORDS_PER_LOOK));
      assert.ok(turnCount < 20);
    }
    await loop;
    assert.ok(got.every((text, index) => text === `${index}`));
    turn.end();
    assert.is(end.transport.calls.at(-1), "resume");
    assert.is(heldOctets(), 0);
  });

  test("close while it waits: what came before the peer's Close is still told", () => {
    const { peer, connection, events, transport, runAll } = turning();
    connection.receive(concat(numbers(peer, 0, 100), peer.close(1000)));
    connection.close(1001);
    runAll();
    assert.equal(events, textsOf(0, 100));
    assert.equal(peer.read(transport.octets).events, [closeEvent(1001)]);
    connection.receiveEnd();
    assert.is(events.at(-1), "close 1000");
  });

  test("terminate drops what waits, between turns and in one", () => {
    for (const inside of [true, false]) {
      const { peer, connection, events, transport, turn } = turning(
        {},
        { message: (context, data) => inside && data === "40" && context.terminate() },
      );
      connection.receive(numbers(peer, 0, 100));
      if (inside) turn.end();
      else connection.terminate();
      turn.end();
      turn.end();
      assert.equal(events, [...textsOf(0, inside ? 41 : RECORDS_PER_LOOK), "close 1006"]);
      assert.equal(transport.calls, ["pause", "destroy"]);
      assert.is(heldOctets(), 0);
    }
  });

  test("a handler that throws in a later turn fails the connection, and the peer's FIN is still seen (§7.1.7)", () => {
    const { peer, connection, events, transport, turn, runAll } = turning(
      {},
      {
        message(_, data) {
          if (data === "40") throw new Error("boom");
        },
      },
    );
    connection.receive(numbers(peer, 0, 100));
    assert.is(turn.isAwaited, true);
    runAll();
    assert.equal(events, [...textsOf(0, 41), "error Error: boom"]);
    assert.equal(peer.read(transport.octets).events, [closeEvent(1011)]);
    assert.equal(transport.calls, ["pause", "end", "resume"]);
    connection.receiveEnd();
    assert.is(events.at(-1), "close 1006");
    assert.is(heldOctets(), 0);
  });

  test("a promise that rejects while it waits fails the connection, and the peer's FIN is still seen", async () => {
    for (const endsBefore of [false, true]) {
      const { peer, connection, events, transport, runAll } = turning(
        {},
        { message: (_, data) => (data === "5" ? Promise.reject(new Error("late")) : undefined) },
      );
      connection.receive(numbers(peer, 0, 100));
      if (endsBefore) connection.receiveEnd();
      await settled();
      const closed = endsBefore ? ["close 1006"] : []; // nothing more can come, and the Close is out
      assert.equal(events, [...textsOf(0, RECORDS_PER_LOOK), "error Error: late", ...closed]);
      assert.is(heldOctets(), 0);
      runAll();
      assert.is(transport.calls.includes("resume"), !endsBefore);
      if (!endsBefore) connection.receiveEnd();
      connection.transportClosed();
      assert.equal(events.slice(RECORDS_PER_LOOK + 1), ["close 1006"]);
    }
  });

  test.run();
}
