// Timeouts without timers: the shell asks when the next look is due, and brings the time. The idle ping and close, and the
// end of a closing handshake that the peer does not finish. RFC 6455 §7.1.1, §5.5.2.

import * as assert from "uvu/assert";
import { builtOnKernel } from "../support/current-kernel.ts";
import { kernels } from "../support/kernels.ts";
import { closeEvent, type Endpoint, endpoint, textEvent } from "./support.ts";

/** Lets time pass to `ms` after the start, and looks. */
function tickAt({ connection, clock }: Endpoint, ms: number): void {
  clock.ms = 1000 + ms;
  connection.tick(clock.ms);
}

for (const tested of kernels) {
  const test = builtOnKernel("timeouts", tested);

  test("a silent connection is pinged at half of idleTimeoutMs and closed with 1001 at its end", () => {
    const one = endpoint({ idleTimeoutMs: 10_000, closeTimeoutMs: 3000 });
    const { connection, sent, events, transport, tick } = one;
    assert.is(connection.nextDeadlineMs, 1000 + 5000);
    tickAt(one, 4999);
    assert.equal(sent(), []);
    tickAt(one, 5000);
    assert.equal(sent(), ["ping "]);
    assert.is(connection.nextDeadlineMs, 1000 + 10_000);
    tickAt(one, 7000);
    tickAt(one, 9999);
    assert.equal(sent(), ["ping "], "one ping");
    tick.end();
    tickAt(one, 10_000);
    assert.equal(sent(), ["ping ", closeEvent(1001, "idle timeout")]);
    assert.is(connection.readyState, 2);
    assert.is(connection.nextDeadlineMs, 1000 + 13_000);
    tickAt(one, 12_999);
    assert.equal(events, []);
    tickAt(one, 13_000);
    assert.equal(events, ["close 1006"]);
    assert.equal(transport.calls, ["destroy"]);
    assert.is(connection.nextDeadlineMs, Infinity);
    tickAt(one, 20_000);
    assert.is(events.length, 1);
  });

  test("a peer that takes what it is sent is not silent, however slowly; one that takes nothing is", () => {
    const one = endpoint({ idleTimeoutMs: 10_000 });
    const { connection, transport, events } = one;
    const given = Object.assign(transport, { unsentLength: 100_000 });
    transport.takes = false;
    connection.send("x".repeat(100_000));
    let ms = 0;
    for (; given.unsentLength > 1000; given.unsentLength -= 1000, ms += 4000) tickAt(one, ms);
    assert.is(connection.readyState, 1);
    for (const end = ms + 20_000; ms < end; ms += 4000) tickAt(one, ms);
    assert.is(connection.readyState, 2, "nothing was taken for the whole timeout");
    assert.equal(connection.closeReport?.sent, { code: 1001, reason: "idle timeout" });
    assert.equal(events, []);
  });

  test("any octet from the peer ends the silence, as of the next look", () => {
    const one = endpoint({ idleTimeoutMs: 10_000 });
    const { connection, sent, peer, receive } = one;
    for (let round = 1; round <= 5; round++) {
      receive(peer.text("x").subarray(0, 1), peer.text("x").subarray(1));
      tickAt(one, round * 5000);
      assert.is(connection.nextDeadlineMs, 1000 + round * 5000 + 5000);
    }
    assert.equal(sent(), []);
    tickAt(one, 30_000);
    assert.equal(sent(), ["ping "]);
    receive(peer.pong());
    tickAt(one, 35_000);
    assert.is(connection.nextDeadlineMs, 1000 + 40_000, "the pong answered: the next ping is half a timeout away");
    one.tick.end();
    tickAt(one, 40_000);
    assert.equal(sent(), ["ping ", "ping "]);
  });

  test("a look that comes late does what is due then: a close needs no ping before it", () => {
    const late = endpoint({ idleTimeoutMs: 10_000 });
    tickAt(late, 60_000);
    assert.equal(late.sent(), [closeEvent(1001, "idle timeout")]);
    const heard = endpoint({ idleTimeoutMs: 10_000 });
    heard.receive(heard.peer.pong());
    tickAt(heard, 60_000);
    assert.equal(heard.sent(), []);
  });

  test("the defaults are two minutes of silence and five seconds to close; Infinity is no timeout", () => {
    const { connection } = endpoint();
    assert.is(connection.nextDeadlineMs, 1000 + 60_000);
    connection.close(1000);
    assert.is(connection.nextDeadlineMs, 1000 + 5000);
    const endless = endpoint({ idleTimeoutMs: Infinity });
    assert.is(endless.connection.nextDeadlineMs, Infinity);
    tickAt(endless, 1e12);
    assert.equal(endless.sent(), []);
  });

  test("while paused a connection is not idle; after that it has a whole timeout", () => {
    const one = endpoint({ idleTimeoutMs: 10_000 });
    const { connection, sent } = one;
    connection.pause();
    assert.is(connection.nextDeadlineMs, Infinity);
    tickAt(one, 100_000);
    assert.equal(sent(), []);
    connection.resume();
    tickAt(one, 100_001);
    assert.equal(sent(), []);
    assert.is(connection.nextDeadlineMs, 1000 + 105_001);
  });

  test("a Close that is not answered is waited for closeTimeoutMs, whatever else comes (§7.1.1)", () => {
    const one = endpoint({ closeTimeoutMs: 2000 });
    const { connection, events, peer, receive, transport } = one;
    tickAt(one, 500);
    connection.close(1000);
    assert.is(connection.nextDeadlineMs, 1000 + 2500);
    receive(peer.text("still here"));
    tickAt(one, 2499);
    assert.equal(events, [textEvent("still here")]);
    tickAt(one, 2500);
    assert.equal(events, [textEvent("still here"), "close 1006"]);
    assert.equal(transport.calls, ["destroy"]);
  });

  test("a closing handshake whose transport does not end is dropped, with the code that came", () => {
    for (const role of ["server", "client"] as const) {
      for (const local of [false, true]) {
        const one = endpoint({ role, closeTimeoutMs: 2000 });
        if (local) one.connection.close(4000);
        one.receive(one.peer.close(1000, "bye"));
        tickAt(one, 1999);
        assert.equal(one.events, []);
        tickAt(one, 2000);
        assert.equal(one.events, ["close 1000 bye"]);
        assert.is(one.transport.calls[one.transport.calls.length - 1], "destroy");
      }
    }
  });

  test("a failed connection discards input until the end of the transport, or closeTimeoutMs (§7.1.7)", () => {
    const one = endpoint({ closeTimeoutMs: 2000 });
    const { connection, peer, events, transport } = one;
    connection.receive(peer.frame(3));
    connection.receive(peer.text("discarded"));
    assert.is(connection.nextDeadlineMs, 1000 + 2000);
    tickAt(one, 2000);
    assert.equal(events, ["error WS_RESERVED_OPCODE", "close 1006"]);
    assert.equal(transport.calls, ["end", "destroy"]);
  });

  test("output that the transport does not take delays no deadline", () => {
    const one = endpoint({ closeTimeoutMs: 2000 });
    one.transport.takes = false;
    one.connection.send("stuck");
    one.connection.receiveEnd();
    assert.is(one.connection.nextDeadlineMs, 1000 + 2000);
    tickAt(one, 2000);
    assert.equal(one.events, ["close 1006"]);
    assert.is(one.connection.bufferedAmount, 0);
  });

  test("a paused connection whose transport is behind is pinged, closed and dropped if nothing is taken", () => {
    const one = endpoint({ idleTimeoutMs: 10_000, closeTimeoutMs: 3000 });
    const { connection, transport, events } = one;
    transport.takes = false;
    connection.pause();
    connection.send("stuck");
    tickAt(one, 1);
    assert.is(connection.nextDeadlineMs, 1001 + 5000);
    tickAt(one, 5001);
    assert.is(connection.bufferedAmount, 5);
    assert.is(connection.readyState, 1);
    assert.is(connection.nextDeadlineMs, 1001 + 10_000);
    tickAt(one, 10_000);
    assert.is(connection.readyState, 1);
    tickAt(one, 10_001);
    assert.is(connection.readyState, 2);
    tickAt(one, 13_001);
    assert.equal(events, ["close 1006"]);
    assert.equal(transport.calls, ["pause", "destroy"]);
    assert.equal(connection.closeReport?.sent, { code: 1001, reason: "idle timeout" });
  });

  test("what a transport that is behind takes is progress: each time a whole timeout begins", () => {
    for (const paused of [true, false]) {
      const one = endpoint({ idleTimeoutMs: 10_000 });
      const { connection, transport } = one;
      transport.takes = false;
      if (paused) connection.pause();
      connection.send("0");
      tickAt(one, 1);
      for (let round = 1; round <= 5; round++) {
        connection.send(`${round}`);
        connection.writeCompleted();
        tickAt(one, round * 4900);
        assert.is(connection.readyState, 1);
        assert.is(connection.nextDeadlineMs, 1000 + round * 4900 + 5000);
      }
    }
  });

  test("a paused connection with nothing unsent has no deadline, before and after its transport was behind", () => {
    const one = endpoint({ idleTimeoutMs: 10_000 });
    const { connection, transport } = one;
    transport.takes = false;
    connection.send("x");
    connection.pause();
    assert.ok(connection.nextDeadlineMs < Infinity);
    connection.writeCompleted();
    assert.is(connection.nextDeadlineMs, Infinity);
    tickAt(one, 1e6);
    assert.is(connection.readyState, 1);
    assert.is(connection.nextDeadlineMs, Infinity);
  });

  test("a transport that falls behind after a long pause has a whole timeout, whether or not the clock ticked", () => {
    for (const ticks of [[], [1], [1, 50_000], [99_999]]) {
      const one = endpoint({ idleTimeoutMs: 10_000 });
      const { connection, transport } = one;
      connection.pause();
      for (const ms of ticks) tickAt(one, ms);
      one.clock.ms = 1000 + 100_000;
      transport.takes = false;
      connection.send("x");
      tickAt(one, 100_001);
      assert.is(connection.readyState, 1, `ticks at ${ticks}`);
      assert.is(connection.nextDeadlineMs, 1000 + 105_001);
      tickAt(one, 110_000);
      assert.is(connection.readyState, 1);
      tickAt(one, 110_001);
      assert.is(connection.readyState, 2);
    }
  });

  test("an idle connection lets go of the memory that its small messages shared", () => {
    const one = endpoint({ idleTimeoutMs: 10_000 });
    const bufferOf = (index: number): unknown => (one.data[index] as Uint8Array).buffer;
    one.receive(one.peer.binary("a"));
    one.receive(one.peer.binary("b"));
    assert.is(bufferOf(0), bufferOf(1), "they share");
    tickAt(one, 5000);
    tickAt(one, 10_000);
    assert.equal(one.sent(), ["ping "]);
    one.receive(one.peer.binary("c"));
    assert.is.not(bufferOf(2), bufferOf(0));
  });

  test.run();
}
