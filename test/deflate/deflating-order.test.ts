// What is sent behind a message whose compression takes time waits for it, in order, and counts as unsent: messages, pings,
// pongs, the Close. RFC 6455 §5.4, §5.5.1; and what becomes of it all when the connection ends.

import * as assert from "uvu/assert";
import { heldOctets } from "../../bindings/connection/budget.ts";
import type { Connection } from "../../bindings/connection/connection.ts";
import { prepareMessage } from "../../bindings/connection/prepared.ts";
import { closeEvent, endpoint, settled } from "../connection/support.ts";
import { builtOnKernel } from "../support/current-kernel.ts";
import { kernels } from "../support/kernels.ts";
import { filled, utf8 } from "../support/octets.ts";
import { type DeflateEndpoint, deflateEndpoint, framesOf, inflatedBy, providers, words } from "./support.ts";

/** Longer than what any provider compresses before `send` returns. */
const SLOW = 60_000;
const slow = words(SLOW);

for (const tested of kernels) {
  for (const { label, make } of providers) {
    const test = builtOnKernel(`deflating elsewhere, ${label}`, tested);

    /** A connection that compresses a slow message. */
    function pending(...args: Parameters<typeof deflateEndpoint> extends [unknown, ...infer Rest] ? Rest : never) {
      const made = deflateEndpoint(make(), ...args);
      made.connection.send(slow);
      assert.is(made.provider.pending, 1);
      assert.is(made.transport.writes.length, 0);
      return made;
    }

    const opcodesOf = ({ transport, peer }: DeflateEndpoint): number[] =>
      framesOf(transport.octets, peer.role === "client").map(({ opcode }) => opcode);

    test("nothing overtakes it: messages of all kinds, pings, pongs, the Close (§5.4)", async () => {
      for (const role of ["server", "client"] as const) {
        const made = pending({}, { role });
        const { connection, peer, tick, provider } = made;
        connection.ping("1");
        connection.send("plain");
        connection.send(words(1000));
        connection.send(utf8(words(40_000)), { compress: false });
        connection.send(prepareMessage(utf8(words(40_000))));
        connection.receive(peer.ping("2"));
        connection.send(slow);
        connection.pong();
        connection.close(1000, "bye");
        assert.is(made.transport.writes.length, 0, role);
        tick.end();
        await provider.quiet();
        tick.end();
        assert.equal(opcodesOf(made), [1, 9, 1, 1, 2, 2, 10, 1, 10, 8], role);
        connection.terminate();
        await provider.quiet();
        provider.check();
      }
    });

    test("all of it is read, and what waited as it was when it was sent (§7.2.1)", async () => {
      const made = pending();
      const { connection, provider, tick } = made;
      const octets = Buffer.from(words(20_000));
      connection.send(octets);
      octets.fill(0);
      const small = Buffer.from("small");
      connection.send(small);
      connection.ping(small);
      small.fill(0);
      connection.send(slow);
      await provider.quiet();
      tick.end();
      const texts = inflatedBy(made).map(({ payload }) => new TextDecoder().decode(payload));
      assert.equal(
        texts.map((text) => text.length),
        [SLOW, 20_000, 5, 5, SLOW],
      );
      assert.ok(texts[0] === slow && texts[1] === words(20_000) && texts[4] === slow);
      assert.equal(texts.slice(2, 4), ["small", "small"]);
    });

    test("what waits is in bufferedAmount, and held, until the transport has it", async () => {
      const held = heldOctets();
      const made = pending();
      const { connection, transport, provider } = made;
      assert.is(connection.bufferedAmount, SLOW);
      connection.send("λλλ");
      connection.ping("no message");
      connection.send(filled(10_000, 1));
      assert.is(connection.bufferedAmount, SLOW + 6 + 10_000);
      assert.ok(heldOctets() - held >= 10_000);
      transport.takes = false;
      await provider.quiet();
      assert.is(connection.bufferedAmount, SLOW + 6 + 10_000, "exact, the compressor included");
      transport.takes = true;
      connection.writeCompleted();
      made.tick.end();
      assert.is(connection.bufferedAmount, 0);
      assert.is(heldOctets(), held);
    });

    test("maxBufferedAmount counts it, `send` says so, and `drain` follows", async () => {
      const made = deflateEndpoint(make(), {}, { maxBufferedAmount: 100_000 });
      const { connection, provider, events } = made;
      assert.is(connection.send(slow), false, "more than half");
      assert.is(connection.send("small"), false);
      assert.equal(events, []);
      await provider.quiet();
      made.tick.end();
      assert.equal(events, ["drain"]);
      assert.ok(connection.send("small"));
    });

    test("what would pass maxBufferedAmount drops the connection, with all that waits", async () => {
      const made = deflateEndpoint(make(), {}, { maxBufferedAmount: 100_000 });
      const { connection, provider, events } = made;
      const told: string[] = [];
      const tell = (name: string) => (error?: unknown) => told.push(`${name} ${(error as { code?: string })?.code}`);
      connection.send(slow, tell("current"));
      connection.send(words(30_000), tell("waiting"));
      connection.send(words(30_000), tell("too much"));
      await settled();
      assert.equal(events, ["error WS_BUFFERED_AMOUNT", "close 1006"]);
      assert.equal(told.sort(), [
        "current WS_BUFFERED_AMOUNT",
        "too much WS_BUFFERED_AMOUNT",
        "waiting WS_BUFFERED_AMOUNT",
      ]);
      assert.is(made.transport.writes.length, 0);
      await provider.quiet();
      provider.check();
    });

    test("done is told once, in order, when the transport has each message", async () => {
      const made = pending();
      const { connection, provider, tick } = made;
      const told: string[] = [];
      connection.send("1", () => told.push("1"));
      connection.send(slow, () => told.push("2"));
      connection.send(words(1000), () => told.push("3"));
      connection.send(filled(50_000, 7), { compress: false }, () => told.push("4"));
      tick.end();
      assert.equal(told, []);
      await provider.quiet();
      tick.end();
      await settled();
      assert.equal(told, ["1", "2", "3", "4"]);
    });

    test("terminate drops all of it: every done learns why, once, and the stream is closed when it stands still", async () => {
      const held = heldOctets();
      const made = pending();
      const { connection, provider, transport, events } = made;
      const told: unknown[] = [];
      for (const data of ["small", slow, words(1000)])
        connection.send(data, (error) => told.push((error as { code?: string })?.code));
      connection.terminate();
      await settled();
      assert.equal(told, ["WS_NOT_OPEN", "WS_NOT_OPEN", "WS_NOT_OPEN"]);
      assert.equal(events, ["close 1006"]);
      assert.is(connection.bufferedAmount, 0);
      await provider.quiet();
      assert.is(transport.writes.length, 0);
      assert.is(heldOctets(), held);
      provider.check();
    });

    test("the transport's loss does the same", async () => {
      const made = pending();
      let told = 0;
      made.connection.send("small", () => told++);
      made.connection.transportClosed();
      await settled();
      await made.provider.quiet();
      assert.is(told, 1);
      assert.equal(made.events, ["close 1006"]);
      made.provider.check();
    });

    test("a Close waits for it, and the end of the transport for both (§5.5.1, §7.1.1)", async () => {
      const made = pending();
      const { connection, peer, transport, provider } = made;
      connection.receive(peer.close(1000));
      assert.not(transport.calls.includes("end"));
      assert.is(transport.writes.length, 0);
      await provider.quiet();
      made.tick.end();
      assert.equal(opcodesOf(made), [1, 8]);
      assert.ok(transport.calls.includes("end"));
      connection.receiveEnd();
      assert.equal(made.events, ["close 1000"]);
      provider.check();
    });

    test("a failed connection's Close comes behind it too (§7.1.7)", async () => {
      const made = pending();
      made.connection.receive(made.peer.frame(3));
      await made.provider.quiet();
      made.tick.end();
      assert.equal(opcodesOf(made), [1, 8]);
      assert.is(made.events[0], "error WS_RESERVED_OPCODE");
      const close = framesOf(made.transport.octets, false).at(-1)!;
      assert.equal(close.payload, Uint8Array.of(3, 234), closeEvent(1002));
    });

    test("a drain handler, or a done, may send more: it comes behind what waited", async () => {
      const handlers = { drain: (connection: Connection) => void connection.send("drained") };
      const made = deflateEndpoint(make(), {}, { maxBufferedAmount: 100_000 }, handlers);
      made.connection.send(slow, () => made.connection.send("done"));
      made.connection.send("waiting");
      for (let round = 0; round < 3; round++) {
        await made.provider.quiet();
        made.tick.end();
      }
      const texts = inflatedBy(made).map(({ payload }) => new TextDecoder().decode(payload));
      assert.equal(texts.slice(1).sort(), ["done", "drained", "waiting"]);
      assert.is(texts[1], "waiting");
    });

    test("an idle connection lets go of what it needs no more, and keeps its context (§7.1.1.1)", async () => {
      const made = deflateEndpoint(make(), {}, { idleTimeoutMs: 1e6 });
      const { connection, provider, tick, clock } = made;
      for (let round = 0; round < 2; round++) {
        connection.send(words(600));
        await provider.quiet();
        tick.end();
        for (const ms of [1, 2, 3]) connection.tick(clock.ms + round * 10 + ms);
        const { theSender, theReceiver } = connection as unknown as { theSender: unknown; theReceiver: unknown };
        assert.equal([theSender, theReceiver], [null, null]);
      }
      const [first, second] = inflatedBy(made);
      assert.ok(second!.wireLength < first!.wireLength / 2, `${first!.wireLength}, ${second!.wireLength}`);
      assert.is(provider.deflaters.length, 1);
    });

    test("an idle connection that compresses yet lets go of nothing", async () => {
      const made = pending({}, { idleTimeoutMs: 1e6 });
      for (const ms of [1, 2, 3]) made.connection.tick(made.clock.ms + ms);
      await made.provider.quiet();
      made.tick.end();
      assert.equal(opcodesOf(made), [1]);
    });

    test("what waits behind it is let go where others need the memory more", async () => {
      const maxProcessBuffered = 100_000;
      const made = pending({}, { maxProcessBuffered });
      made.connection.send(words(20_000));
      const other = endpoint({ maxProcessBuffered });
      other.receive(other.peer.binary(filled(50_000, 1), false));
      await settled();
      assert.equal(made.events, ["error WS_PROCESS_BUFFERED", "close 1006"]);
      other.receive(other.peer.more("end"));
      assert.is(other.events.length, 1, "whoever held less goes on");
      await made.provider.quiet();
      made.provider.check();
      assert.is(heldOctets(), 0);
    });

    test.run();
  }
}
