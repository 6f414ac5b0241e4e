// What the peer and the transport do while a connection waits for its turn: what they say comes behind what waits, in its
// place. turns.test.ts says how long turns are.

import * as assert from "uvu/assert";
import { heldOctets } from "../../bindings/connection/budget.ts";
import { builtOnKernel } from "../support/current-kernel.ts";
import { kernels } from "../support/kernels.ts";
import { concat, filled } from "../support/octets.ts";
import { octetByOctet } from "../support/peer.ts";
import { closeEvent } from "./support.ts";
import { LARGE_LENGTH, land, numbers, RECORDS_PER_LOOK, type Turning, textsOf, turning } from "./turns-support.ts";

for (const tested of kernels) {
  const test = builtOnKernel("turns and the transport", tested);

  test("a violation in what waits is told in its place (§7.1.7)", () => {
    for (let before = 0; before <= 2 * RECORDS_PER_LOOK; before++) {
      const { peer, connection, events, runAll } = turning();
      connection.receive(concat(numbers(peer, 0, before), peer.frame(3), numbers(peer, 0, 50)));
      runAll();
      assert.equal(events, [...textsOf(0, before), "error WS_RESERVED_OPCODE"]);
    }
  });

  test("the peer's Close in what waits is answered in its place (§5.5.1)", () => {
    for (let before = 0; before <= 2 * RECORDS_PER_LOOK; before++) {
      const { peer, connection, events, transport, turn, runAll } = turning();
      connection.receive(concat(numbers(peer, 0, before), peer.close(1000, "bye"), peer.text("never")));
      if (before >= RECORDS_PER_LOOK) assert.is(connection.readyState, 1);
      runAll();
      assert.equal(peer.read(transport.octets).events, [closeEvent(1000)]);
      connection.receiveEnd();
      assert.equal(events, [...textsOf(0, before), "close 1000 bye"]);
      assert.is(turn.isAwaited, false);
    }
  });

  test("the end of input waits for what came before it", () => {
    const { peer, connection, events, turn } = turning();
    connection.receive(numbers(peer, 0, 70));
    connection.receiveEnd();
    assert.is(events.length, RECORDS_PER_LOOK);
    turn.end();
    assert.is(events.length, 2 * RECORDS_PER_LOOK);
    turn.end();
    assert.equal(events, [...textsOf(0, 70), "close 1006"]);
    assert.is(turn.isAwaited, false);
  });

  test("the transport is gone while it waits: everything that came is told before close", () => {
    for (const last of ["nothing", "Close", "violation", "hold"] as const) {
      const reset = new Error("reset");
      const end: Turning = turning({}, { message: () => last === "hold" && end.connection.gate.hold() });
      const { peer, connection, events, turn } = end;
      const tail = last === "Close" ? peer.close(1000) : last === "violation" ? peer.frame(3) : new Uint8Array(0);
      connection.receive(concat(numbers(peer, 0, 50), numbers(peer, 50, 1000), tail));
      connection.receive(numbers(peer, 1000, 1001));
      connection.transportClosed(reset);
      while (connection.gate.release());
      turn.end();
      const isOpen = last === "nothing" || last === "hold";
      const texts = textsOf(0, isOpen ? 1001 : 1000);
      const rest = { nothing: ["close 1006"], hold: ["close 1006"], Close: ["close 1000"], violation: [] }[last];
      const error = last === "violation" ? ["error WS_RESERVED_OPCODE", "close 1006"] : [];
      assert.equal(events, [...texts, ...error, ...rest], last);
      assert.is(heldOctets(), 0);
    }
  });

  test("what comes while it waits comes after, and does not make it wait twice", () => {
    const { peer, connection, events, turn, transport, runAll } = turning();
    connection.receive(numbers(peer, 0, 40));
    for (const octet of octetByOctet(numbers(peer, 40, 60))) connection.receive(octet);
    assert.is(events.length, RECORDS_PER_LOOK);
    turn.end();
    runAll();
    assert.equal(events, textsOf(0, 60));
    assert.equal(transport.calls, ["pause", "resume"]);
  });

  test("a transport that answers at once brings what waits for the next turn, which comes once", () => {
    for (const ended of ["time", "chunks"] as const) {
      const end = turning({}, { message: (context) => context.send("answer") }, ended === "time" ? 1 : 1000);
      const { peer, connection, transport, data, turn, runAll } = end;
      const { write } = transport;
      let count = 0;
      const last = ended === "time" ? 20 : 23; // the fourth chunk's answer is the first that is answered
      transport.write = (octets, more) => {
        if (++count <= last && count >= last - 19) connection.receive(peer.text("at once"));
        return write.call(transport, octets, more);
      };
      let most = 0;
      const { add } = turn.tickEnd;
      turn.tickEnd.add = (waiting) => {
        most = Math.max(most, ++inOneTurn);
        add.call(turn.tickEnd, waiting);
      };
      let inOneTurn = 0;
      if (ended === "time") connection.receive(numbers(peer, 0, RECORDS_PER_LOOK));
      else for (let index = 0; index < 4; index++) land(end, peer.binary(filled(LARGE_LENGTH, 1)));
      for (; turn.isAwaited; inOneTurn = 0, turn.end());
      runAll();
      assert.is(data.length, (ended === "time" ? RECORDS_PER_LOOK : 4) + 20);
      assert.is(most, 1, "one turn is waited for");
      assert.is(transport.calls.filter((call) => call === "pause").length, 1);
    }
  });

  test("a transport that breaks while the turn's output is written leaves nothing undelivered", () => {
    const end = turning({}, { message: (context) => context.send("answer") });
    const { peer, connection, transport, events, turn } = end;
    transport.write = () => {
      connection.transportClosed(new Error("reset"));
      return false;
    };
    connection.receive(numbers(peer, 0, 100));
    turn.end();
    assert.equal(events, [...textsOf(0, 100), "close 1006"]);
    assert.is(heldOctets(), 0);
  });

  test.run();
}
