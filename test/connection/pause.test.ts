// pause and resume: delivery stops after the message being delivered; what was decoded, what was not and what comes
// meanwhile is delivered later, in order, and a violation waits its turn.

import * as assert from "uvu/assert";
import { heldOctets } from "../../bindings/connection/budget.ts";
import { Connection } from "../../bindings/connection/connection.ts";
import { builtOnKernel, poison } from "../support/current-kernel.ts";
import { kernels } from "../support/kernels.ts";
import { concat, filled } from "../support/octets.ts";
import { octetByOctet, Peer } from "../support/peer.ts";
import { closeEvent, copiedBy, endpoint, settled, textEvent } from "./support.ts";

const texts = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, index) => textEvent(`${from + index}`));

for (const tested of kernels) {
  const test = builtOnKernel("pause", tested);

  test("delivery stops after the message whose handler pauses, and goes on where it stopped", () => {
    for (const count of [10, 256, 257, 700]) {
      for (const stop of [0, 5, 9]) {
        const { connection, peer, events, transport } = endpoint(
          {},
          { message: (context, data) => data === `${stop}` && context.pause() },
        );
        connection.receive(concat(...Array.from({ length: count }, (_, index) => peer.text(`${index}`))));
        assert.equal(events, texts(0, stop + 1), `paused at ${stop} of ${count}`);
        assert.is(connection.isPaused, true);
        poison(tested.kernel);
        connection.resume();
        assert.equal(events, texts(0, count));
        assert.is(connection.isPaused, false);
        assert.equal(transport.calls, ["pause", "resume"]);
      }
    }
  });

  test("a handler that pauses at every message gets each one once, whatever comes meanwhile", () => {
    const { connection, peer, events } = endpoint({}, { message: (context) => context.pause() });
    connection.receive(concat(...Array.from({ length: 600 }, (_, index) => peer.text(`${index}`))));
    connection.receive(concat(peer.text("600"), peer.text("601").subarray(0, 3)));
    for (let count = 1; connection.isPaused && count < 1000; count++) {
      assert.is(events.length, count);
      poison(tested.kernel);
      connection.resume();
    }
    assert.equal(events, texts(0, 601), "and a frame that is not whole is no message");
  });

  test("what arrives while paused waits, in chunks of any size, and comes before what arrives later", () => {
    for (const cut of [octetByOctet, (octets: Uint8Array) => [octets]]) {
      const { connection, peer, events, receive } = endpoint();
      const stream = concat(peer.text("0"), peer.text("1"), peer.ping("p"), peer.text("2"));
      connection.pause();
      receive(...cut(stream));
      assert.equal(events, []);
      poison(tested.kernel);
      connection.resume();
      receive(peer.text("3"));
      assert.equal(events, [textEvent("0"), textEvent("1"), "ping 70", textEvent("2"), textEvent("3")]);
    }
  });

  test("a chunk larger than the input region, paused in its midst, keeps its rest", () => {
    let pauses = 0;
    const { connection, peer, data } = endpoint(
      {},
      {
        message: (context) => {
          pauses++;
          context.pause();
        },
      },
    );
    const payloads = Array.from({ length: 12 }, (_, index) => filled(30_000 + index, index));
    connection.receive(concat(...payloads.map((payload) => peer.binary(payload))), { mayOverwrite: true });
    while (connection.isPaused) {
      poison(tested.kernel);
      connection.resume();
    }
    assert.is(pauses, 12);
    data.forEach((message, index) => {
      assert.is(Buffer.compare(message as Uint8Array, payloads[index]!), 0);
    });
  });

  test("a violation waits behind the pause, and so do the messages before it", () => {
    const { connection, peer, events, sent, transport } = endpoint(
      {},
      { message: (context, data) => data === "0" && context.pause() },
    );
    connection.receive(concat(peer.text("0"), peer.text("1"), peer.frame(3), peer.text("never")));
    assert.equal(events, texts(0, 1));
    assert.equal(sent(), []);
    assert.is(connection.readyState, 1);
    connection.resume();
    assert.equal(events, [...texts(0, 2), "error WS_RESERVED_OPCODE"]);
    assert.equal(sent(), [closeEvent(1002)]);
    connection.receiveEnd();
    assert.equal(events.slice(3), ["close 1006"]);
    assert.equal(transport.calls, ["pause", "end", "resume", "destroy"]);
  });

  test("a violation right behind the message whose handler pauses waits too, and in chunks that come paused", () => {
    const { connection, peer, events } = endpoint({}, { message: (context) => context.pause() });
    connection.receive(concat(peer.text("0"), peer.frame(3)));
    connection.receive(peer.text("1"));
    assert.equal(events, texts(0, 1));
    connection.resume();
    assert.equal(events, [...texts(0, 1), "error WS_RESERVED_OPCODE"]);
  });

  test("the end of input waits behind what came before it", () => {
    const { connection, peer, events, transport } = endpoint();
    connection.pause();
    connection.receive(concat(peer.text("0"), peer.close(1000, "bye")));
    connection.receiveEnd();
    assert.equal(events, []);
    assert.is(connection.readyState, 1);
    connection.resume();
    assert.equal(events, [textEvent("0"), "close 1000 bye"]);
    assert.equal(transport.calls, ["pause", "end", "destroy"]);
  });

  test("the end of input waits through every pause behind it", () => {
    const { connection, peer, events } = endpoint({}, { message: (context) => context.pause() });
    connection.receive(concat(peer.text("0"), peer.text("1"), peer.text("2")));
    connection.receiveEnd();
    for (let count = 1; count < 4; count++) {
      assert.equal(events, texts(0, count));
      connection.resume();
    }
    assert.equal(events, [...texts(0, 3), "close 1006"]);
  });

  test("terminate while paused drops what waits, and tells close", () => {
    const { connection, peer, events, transport } = endpoint();
    connection.pause();
    connection.receive(concat(peer.text("0"), peer.frame(3)));
    connection.terminate();
    connection.resume();
    connection.receiveEnd();
    assert.equal(events, ["close 1006"]);
    assert.equal(transport.calls, ["pause", "destroy"]);
  });

  test("terminate in a resumed delivery keeps nothing of what was held back", () => {
    const { connection, peer, events } = endpoint(
      {},
      { message: (context, data) => (data === "0" ? context.pause() : context.terminate()) },
    );
    connection.receive(concat(...Array.from({ length: 300 }, (_, index) => peer.text(`${index}`))));
    connection.resume();
    assert.equal(events, [...texts(0, 2), "close 1006"]);
    const { backlog } = (connection as unknown as { receiver: { backlog: { isEmpty: boolean } } }).receiver;
    assert.is(backlog.isEmpty, true);
  });

  test("pausing twice, resuming twice and resuming what is not paused is one pause or none", () => {
    const { connection, transport, events, peer } = endpoint();
    connection.resume();
    connection.pause();
    connection.pause();
    connection.receive(peer.text("0"));
    connection.resume();
    connection.resume();
    assert.equal(transport.calls, ["pause", "resume"]);
    assert.equal(events, texts(0, 1));
    connection.terminate();
    connection.pause();
    assert.equal(transport.calls, ["pause", "resume", "destroy"]);
  });

  test("sending, pinging and closing go on while paused", () => {
    const { connection, peer, sent, events, clock } = endpoint();
    connection.pause();
    connection.send("out");
    connection.flush();
    connection.close(1000);
    connection.flush();
    connection.receive(peer.close(1000));
    assert.equal(sent(), [textEvent("out"), closeEvent(1000)]);
    assert.equal(events, []);
    clock.ms = connection.nextDeadlineMs;
    connection.tick(clock.ms);
    assert.equal(events, ["close 1006"], "the peer's Close was never looked at");
  });

  test("a connection that fails while paused takes input again, to discard it until the end (§7.1.7)", async () => {
    const { connection, peer, events, transport, sent } = endpoint(
      {},
      {
        message: async (context) => {
          context.pause();
          throw new Error("async");
        },
      },
    );
    connection.receive(concat(peer.text("0"), peer.text("1")));
    await settled();
    assert.equal(events, [textEvent("0"), "error Error: async"]);
    assert.equal(sent(), [closeEvent(1011)]);
    assert.equal(
      transport.calls.filter((call) => call !== "end"),
      ["pause", "resume"],
    );
    connection.pause();
    connection.receive(peer.text("2"));
    connection.receiveEnd();
    assert.equal(events.slice(2), ["close 1006"]);
    assert.ok(!transport.calls.slice(2).includes("pause"));
  });

  test("pausing what has failed, or what the peer has closed, does not keep the transport's end from being seen", () => {
    for (const last of ["frame", "close"] as const) {
      for (const role of ["server", "client"] as const) {
        const { connection, peer, transport, events } = endpoint({ role });
        connection.receive(last === "frame" ? peer.frame(3) : peer.close(1000));
        connection.pause();
        assert.ok(!transport.calls.includes("pause"), "nothing is delivered any more: there is nothing to pause");
        connection.receiveEnd();
        assert.is(events[events.length - 1], last === "frame" ? "close 1006" : "close 1000");
      }
    }
  });

  test("what waits behind a pause counts against maxProcessBuffered (1009)", () => {
    const { connection, peer, events, sent } = endpoint({ maxProcessBuffered: 8192 });
    connection.pause();
    let most = 0;
    for (let count = 0; count < 10; count++) {
      connection.receive(peer.text("a".repeat(1000)));
      most = Math.max(most, heldOctets());
    }
    assert.ok(most >= 4000 && most <= 8192, `it is charged: ${most}`);
    assert.equal(events, ["error WS_PROCESS_BUFFERED"]);
    assert.equal(sent(), [closeEvent(1009)]);
    assert.is(heldOctets(), 0, "and let go");
  });

  test("a pause by the last message of a region, with more of the chunk behind it, loses nothing", () => {
    const { inputCapacity } = tested.kernel;
    for (const mayOverwrite of [false, true]) {
      const { connection, peer, data } = endpoint(
        {},
        { message: (context, message) => message[0] === "!" && context.pause() },
      );
      const length = 1024 - 8; // with its header 1 KiB
      const count = inputCapacity / 1024;
      const frames = Array.from({ length: count * 2 + 3 }, (_, index) =>
        peer.text(`${(index + 1) % count === 0 ? "!" : "."}${index}`.padEnd(length)),
      );
      assert.is(frames[0]!.length * count, inputCapacity);
      connection.receive(concat(...frames), { mayOverwrite });
      assert.is(data.length, count);
      assert.is(connection.isPaused, true);
      connection.resume();
      assert.is(data.length, count * 2);
      connection.resume();
      assert.equal(
        data.map((text) => Number.parseInt((text as string).slice(1), 10)),
        Array.from(frames, (_, index) => index),
      );
    }
  });

  for (const way of ["pauses", "feeds another connection"] as const) {
    test(`a huge chunk whose handler ${way} at every message arrives in order, at a cost that grows as its length`, () => {
      for (const mayOverwrite of [false, true]) {
        const costs = [1, 2].map((mebibytes) => {
          const other = endpoint();
          const pong = other.peer.pong("p");
          let next = 0;
          let isRight = true;
          const peer = new Peer("server");
          const one = new Connection({
            role: "server",
            handlers: {
              message(context, data) {
                isRight &&= Number.parseInt(data as string, 10) === next++;
                if (way === "pauses") context.pause();
                else other.connection.receive(pong);
              },
            },
          });
          const count = mebibytes * 1024;
          const chunk = new Uint8Array(count * 1024);
          for (let index = 0; index < count; index++) chunk.set(peer.text(`${index}`.padEnd(1024 - 8)), index * 1024);
          const copied = copiedBy(() => {
            one.receive(chunk, { mayOverwrite });
            while (one.isPaused) one.resume();
          });
          assert.is(next, count);
          assert.ok(isRight, "in order");
          return copied;
        });
        assert.ok(costs[0]! >= 2 ** 20, "copies are counted");
        assert.ok(costs[1]! <= 2.2 * costs[0]!, `twice as much costs ${costs[1]! / costs[0]!} times as much`);
      }
    });
  }

  test.run();
}
