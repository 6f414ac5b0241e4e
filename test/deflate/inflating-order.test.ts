// What comes while a message is inflated elsewhere waits for it, in order: messages, control frames, the end and the loss of
// the transport; and whatever else ends a connection meanwhile. RFC 6455 §5.4, §5.5, §7.1.

import * as assert from "uvu/assert";
import { binaryEvent, closeEvent, FakeTick, settled, textEvent } from "../connection/support.ts";
import { builtOnKernel } from "../support/current-kernel.ts";
import { kernels } from "../support/kernels.ts";
import { concat, utf8 } from "../support/octets.ts";
import { type DeflateEndpoint, deflated, deflateEndpoint, providers } from "./support.ts";

/** So much that every provider inflates it elsewhere, and in more than one step. */
const slowText = "x".repeat(500_000);
const slow = deflated(slowText);
const slowEvent = `text ${slowText.length} octets`;

/** A context that a slow message has filled. */
const before = utf8(slowText);
const small = deflated("small", { before });

for (const tested of kernels) {
  for (const { label, make } of providers) {
    const test = builtOnKernel(`inflating elsewhere, ${label}`, tested);

    /** A server's connection whose slow message is being inflated. */
    function pending(...args: Parameters<typeof deflateEndpoint> extends [unknown, ...infer Rest] ? Rest : never) {
      const made = deflateEndpoint(make(), ...args);
      made.connection.receive(made.compressed(1, slow));
      assert.is(made.provider.pending, 1);
      assert.equal(made.events, []);
      return made;
    }

    /** Waits until the connection does not wait any more, and that it misused no stream. */
    async function over({ provider }: DeflateEndpoint, kept = 0): Promise<void> {
      await provider.quiet();
      await settled();
      provider.check(kept);
    }

    test("messages and control frames behind it wait, in its own chunk and in later ones (§5.4)", async () => {
      const meant = [
        slowEvent,
        "ping 31",
        textEvent("plain"),
        textEvent("small"),
        "pong 32",
        binaryEvent(utf8("!")),
        "close 1000 bye",
      ];
      for (const isOneChunk of [true, false]) {
        const made = deflateEndpoint(make());
        const { peer, compressed, connection, events, transport } = made;
        const frames = [
          compressed(1, slow),
          peer.ping("1"),
          peer.text("plain"),
          compressed(1, small),
          peer.pong("2"),
          peer.binary("!"),
          peer.close(1000, "bye"),
        ];
        if (isOneChunk) connection.receive(concat(...frames));
        else for (const frame of frames) connection.receive(frame);
        assert.equal(events, []);
        assert.equal(made.sent(), [], "no pong before the message that came before the ping");
        await made.provider.quiet();
        assert.equal(events, meant.slice(0, -1));
        assert.equal(made.sent(), ["pong 31", closeEvent(1000)]);
        assert.ok(transport.calls.includes("end"));
        connection.receiveEnd();
        assert.equal(events, meant);
        await over(made);
      }
    });

    test("a ping between its fragments is answered behind what came before it (§5.4)", async () => {
      const made = deflateEndpoint(make());
      const { peer, compressed, connection, events } = made;
      const half = slow.length >>> 1;
      connection.receive(concat(peer.text("0"), compressed(1, slow.subarray(0, half), false)));
      connection.receive(concat(peer.ping("1"), peer.more(slow.subarray(half)), peer.ping("2")));
      await made.provider.quiet();
      assert.equal(events, [textEvent("0"), "ping 31", slowEvent, "ping 32"]);
      assert.equal(made.sent(), ["pong 31", "pong 32"]);
    });

    test("the transport is stopped meanwhile, and goes on with delivery", async () => {
      const { transport, provider, events } = pending();
      assert.equal(transport.calls, ["pause"]);
      await provider.quiet();
      assert.equal(events, [slowEvent]);
      assert.is(transport.calls.at(-1), "resume");
    });

    test("several slow messages follow each other", async () => {
      const made = deflateEndpoint(make());
      const { compressed, peer, events } = made;
      const second = deflated(slowText, { before });
      await made.hear(concat(compressed(1, slow), peer.ping("1"), compressed(1, second), peer.ping("2")));
      await made.provider.quiet();
      assert.equal(events, [slowEvent, "ping 31", slowEvent, "ping 32"]);
    });

    test("the transport's end is told behind it (§7.1.4)", async () => {
      const made = pending();
      made.connection.receive(made.peer.text("last"));
      made.connection.receiveEnd();
      assert.equal(made.events, []);
      await over(made);
      assert.equal(made.events, [slowEvent, textEvent("last"), "close 1006"]);
    });

    test("the transport's loss is told behind it, with its end before or without (§7.1.4)", async () => {
      for (const hasEnded of [true, false]) {
        const made = pending();
        const { connection, events, peer } = made;
        connection.receive(peer.text("last"));
        if (hasEnded) connection.receiveEnd();
        connection.transportClosed(new Error("reset"));
        assert.equal(events, []);
        await over(made);
        assert.equal(events, [slowEvent, textEvent("last"), "close 1006"], `ended: ${hasEnded}`);
        assert.is(connection.readyState, 3);
      }
    });

    test("the loss waits for a second slow message too, which came before it", async () => {
      const made = pending();
      const { connection, events, compressed } = made;
      connection.receive(compressed(1, deflated(slowText, { before })));
      connection.transportClosed();
      await over(made);
      assert.equal(events, [slowEvent, slowEvent, "close 1006"]);
    });

    test("pause holds it back, and resume brings it, once it is inflated or before", async () => {
      const early = pending();
      early.connection.pause();
      early.connection.resume();
      assert.equal(early.events, []);
      assert.not(early.transport.calls.includes("resume"), "the transport waits for the inflater yet");
      await early.provider.quiet();
      assert.equal(early.events, [slowEvent]);
      assert.is(early.transport.calls.at(-1), "resume");

      const late = pending();
      late.connection.pause();
      late.connection.receive(late.peer.ping("1"));
      await late.provider.quiet();
      assert.equal(late.events, []);
      assert.is(late.transport.calls.at(-1), "pause");
      late.connection.resume();
      await late.provider.quiet();
      assert.equal(late.events, [slowEvent, "ping 31"]);
      assert.is(late.transport.calls.at(-1), "resume");
    });

    test("a pause in its handler holds back what comes behind it", async () => {
      const made = pending({}, {}, { message: (connection) => connection.pause() });
      made.connection.receive(concat(made.peer.ping("1"), made.compressed(1, small)));
      await made.provider.quiet();
      assert.equal(made.events, [slowEvent]);
      made.connection.resume();
      await made.provider.quiet();
      assert.equal(made.events, [slowEvent, "ping 31", textEvent("small")]);
    });

    test("a hold, of a shell that takes one message at a time, keeps it and the transport's loss behind it", async () => {
      const made = pending();
      const { connection, events } = made;
      const { gate } = connection;
      gate.hold();
      connection.receive(made.peer.text("last"));
      connection.transportClosed();
      await made.provider.quiet();
      assert.equal(events, []);
      while (gate.isHeld) gate.release();
      await over(made);
      assert.equal(events, [slowEvent, textEvent("last"), "close 1006"]);
    });

    test("a transport that is lost during a pause has nothing more to tell but `close`: as for plain messages", async () => {
      const made = pending();
      made.connection.pause();
      made.connection.transportClosed();
      await over(made);
      assert.equal(made.events, ["close 1006"]);
    });

    test("terminate ends it: nothing is delivered, and its stream is closed when it stands still", async () => {
      const made = pending();
      made.connection.receive(made.peer.text("dropped"));
      made.connection.terminate();
      assert.equal(made.events, ["close 1006"]);
      await over(made);
      assert.equal(made.events, ["close 1006"]);
    });

    test("close is sent at once, and what was on its way is still delivered (§7.1.2)", async () => {
      const made = pending();
      made.connection.close(1000, "bye");
      made.tick.end();
      assert.equal(made.sent(), [closeEvent(1000, "bye")]);
      made.connection.receive(concat(made.compressed(1, small), made.peer.close(1000)));
      await made.provider.quiet();
      made.connection.receiveEnd();
      assert.equal(made.events, [slowEvent, textEvent("small"), "close 1000"]);
      await over(made);
    });

    test("a handler that throws fails its connection alone with 1011, and nothing behind it is told (§7.4.1)", async () => {
      const made = pending(
        {},
        {},
        {
          message() {
            throw Object.assign(new Error("thrown"), { code: "THROWN" });
          },
        },
      );
      made.connection.receive(made.peer.text("dropped"));
      await made.provider.quiet();
      assert.equal(made.events, [slowEvent, "error THROWN"]);
      assert.equal(made.sent(), [closeEvent(1011)]);
      assert.equal(made.transport.calls.slice(-2), ["end", "resume"], "to see the peer's FIN");
      made.connection.receiveEnd();
      await over(made);
      assert.is(made.events.at(-1), "close 1006");
    });

    test("a handler may feed another connection, whose messages are inflated too", async () => {
      const other = deflateEndpoint(make());
      const made = pending(
        {},
        {},
        {
          message() {
            other.connection.receive(concat(other.compressed(1, slow), other.compressed(1, small)));
          },
        },
      );
      made.connection.receive(concat(made.compressed(1, small), made.peer.text("plain")));
      await made.provider.quiet();
      await other.provider.quiet();
      await made.provider.quiet();
      assert.equal(made.events, [slowEvent, textEvent("small"), textEvent("plain")]);
      assert.is(other.events[0], slowEvent);
    });

    test("a handler that feeds its own connection is told of that behind what came before", async () => {
      let isFed = false;
      const made: DeflateEndpoint = deflateEndpoint(
        make(),
        {},
        {},
        {
          message(connection) {
            if (isFed) return;
            isFed = true;
            connection.receive(made.peer.text("fed"));
          },
        },
      );
      made.connection.receive(concat(made.compressed(1, slow), made.compressed(1, small)));
      await made.provider.quiet();
      assert.equal(made.events, [slowEvent, textEvent("small"), textEvent("fed")]);
    });

    test("a failure meanwhile lets the transport go on, for the peer's FIN (§7.1.7)", async () => {
      const made = pending();
      made.connection.run(() => {
        throw new Error("elsewhere");
      });
      assert.equal(made.sent(), [closeEvent(1011)]);
      assert.is(made.transport.calls.filter((call) => call !== "end").at(-1), "resume");
      made.connection.receive(made.peer.text("discarded"));
      made.connection.receiveEnd();
      assert.equal(made.events, ["error Error: elsewhere", "close 1006"]);
      await over(made);
    });

    test("a failure behind the transport's loss closes the connection at once", async () => {
      const made = pending();
      made.connection.transportClosed();
      made.connection.run(() => {
        throw new Error("elsewhere");
      });
      await over(made);
      assert.equal(made.events, ["error Error: elsewhere", "close 1006"]);
    });

    test("turns: it ends one, and a turn that is over is waited for as well", async () => {
      const next = new FakeTick();
      const made = deflateEndpoint(make(), {}, {}, {}, { nextTurn: next.tickEnd, stepMs: 1 });
      const { connection, compressed, peer, events, transport } = made;
      connection.receive(concat(compressed(1, slow), peer.text("1"), peer.text("2")));
      for (let round = 0; round < 50 && events.length < 3; round++) {
        await made.provider.quiet();
        next.end();
      }
      assert.equal(events, [slowEvent, textEvent("1"), textEvent("2")]);
      await made.provider.quiet();
      next.end();
      assert.is(transport.calls.at(-1), "resume");
      connection.terminate();
      await over(made);
    });

    test.run();
  }
}
