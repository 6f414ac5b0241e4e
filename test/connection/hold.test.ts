// What a shell does between one message and the next: `hold` stops delivery within one turn of the event loop, and `release`
// delivers one event at a time, in the peer's order.

import * as assert from "uvu/assert";
import { builtOnKernel } from "../support/current-kernel.ts";
import { kernels } from "../support/kernels.ts";
import { concat } from "../support/octets.ts";
import { type Endpoint, endpoint, settled, textEvent } from "./support.ts";

/** A client's endpoint that holds after every event it is told. */
function holding(): Endpoint {
  const end: Endpoint = endpoint(
    { role: "client" },
    {
      message: () => end.connection.gate.hold(),
      ping: () => end.connection.gate.hold(),
      pong: () => end.connection.gate.hold(),
    },
  );
  return end;
}

/** Releases until nothing is left. */
function releaseAll({ connection }: Endpoint): void {
  let count = 0;
  while (connection.gate.release()) assert.ok(++count < 1000, "release does not end");
}

for (const tested of kernels) {
  const test = builtOnKernel("hold", tested);

  test("stops after the message being delivered; each release delivers the next, and the last says so", () => {
    const end = holding();
    const { peer, connection, events } = end;
    end.receive(concat(peer.text("a"), peer.text("b"), peer.text("c")));
    assert.equal(events, [textEvent("a")]);
    assert.is(connection.gate.release(), true);
    assert.equal(events, [textEvent("a"), textEvent("b")]);
    assert.is(connection.gate.release(), true);
    assert.equal(events, [textEvent("a"), textEvent("b"), textEvent("c")]);
    assert.is(connection.gate.release(), false, "nothing is left");
    end.receive(peer.text("d"));
    assert.is(events.length, 4);
    connection.gate.release();
  });

  test("keeps order across chunks that come meanwhile, and across large messages", () => {
    const end = holding();
    const { peer, events } = end;
    const large = "x".repeat(150_000);
    end.receive(concat(peer.text("a"), peer.text("b")), concat(peer.text(large), peer.text("c")), peer.text("d"));
    assert.is(events.length, 1);
    releaseAll(end);
    assert.equal(events, [textEvent("a"), textEvent("b"), "text 150000 octets", textEvent("c"), textEvent("d")]);
  });

  test("control frames wait in their place, and a ping is answered when it is told (§5.5.2)", () => {
    const end = holding();
    const { peer, connection, events } = end;
    end.receive(concat(peer.text("a"), peer.ping("p"), peer.pong("q"), peer.text("b")));
    assert.equal(events, [textEvent("a")]);
    assert.equal(end.sent(), []);
    connection.gate.release();
    assert.equal(events.slice(1), ["ping 70"]);
    connection.gate.release();
    assert.equal(events.slice(2), ["pong 71"]);
    connection.gate.release();
    assert.equal(events.slice(3), [textEvent("b")]);
    assert.is(connection.gate.release(), false);
    assert.equal(end.sent(), ["pong 70"]);
  });

  test("keeps output back until the hold is over, and then it leaves as one write", () => {
    const end = holding();
    const { peer, connection, transport } = end;
    end.receive(concat(peer.text("a"), peer.text("b")));
    connection.send("1");
    end.tick.end();
    assert.is(transport.writes.length, 0);
    connection.gate.release();
    connection.send("2");
    assert.is(transport.writes.length, 0);
    connection.gate.release();
    assert.is(transport.writes.length, 1);
    assert.equal(end.sent(), [textEvent("1"), textEvent("2")]);
  });

  test("tells the transport nothing of it", () => {
    const end = holding();
    end.receive(concat(end.peer.text("a"), end.peer.text("b")));
    releaseAll(end);
    assert.equal(end.transport.calls, []);
  });

  test("the application's pause outlasts a hold, and its resume does not end one", () => {
    const end = holding();
    const { peer, connection, events, transport } = end;
    end.receive(concat(peer.text("a"), peer.text("b"), peer.text("c")));
    connection.pause();
    assert.is(connection.isPaused, true);
    assert.is(connection.gate.release(), false, "the hold is over, the pause is not");
    assert.equal(events, [textEvent("a")]);
    connection.resume();
    assert.equal(events, [textEvent("a"), textEvent("b")]);
    connection.pause();
    connection.resume();
    assert.is(connection.isPaused, false);
    assert.equal(events, [textEvent("a"), textEvent("b")], "b is still being dealt with");
    releaseAll(end);
    assert.equal(events, [textEvent("a"), textEvent("b"), textEvent("c")]);
    assert.equal(transport.calls, ["pause", "resume", "pause", "resume"]);
  });

  test("a violation waits behind what is held (§7.1.7)", () => {
    const end = holding();
    const { peer, connection, events } = end;
    end.receive(concat(peer.text("a"), peer.text("b"), peer.frame(3)));
    assert.equal(events, [textEvent("a")]);
    connection.gate.release();
    assert.equal(events.slice(1), [textEvent("b")]);
    assert.is(connection.gate.release(), false);
    assert.equal(events.slice(2), ["error WS_RESERVED_OPCODE"]);
  });

  test("a Close waits behind what is held, and its answer too (§5.5.1)", () => {
    const end = holding();
    const { peer, connection, events } = end;
    end.receive(concat(peer.text("a"), peer.text("b"), peer.close(1000)));
    connection.gate.release();
    assert.is(connection.readyState, 1);
    assert.is(connection.gate.release(), false);
    assert.is(connection.readyState, 2);
    assert.equal(end.sent(), ["close 03 e8"]);
    end.connection.receiveEnd();
    assert.equal(events, [textEvent("a"), textEvent("b"), "close 1000"]);
  });

  test("EOF waits behind what is held", () => {
    const end = holding();
    const { peer, connection, events } = end;
    end.receive(concat(peer.text("a"), peer.text("b")));
    connection.receiveEnd();
    assert.equal(events, [textEvent("a")]);
    connection.gate.release();
    assert.equal(events, [textEvent("a"), textEvent("b")]);
    assert.is(connection.gate.release(), false);
    assert.equal(events, [textEvent("a"), textEvent("b"), "close 1006"]);
  });

  test("the transport's end waits behind what is held, and its error is not lost", () => {
    const end = holding();
    const { peer, connection, events } = end;
    const reset = new Error("reset");
    end.receive(concat(peer.text("a"), peer.text("b")));
    connection.transportClosed(reset);
    assert.is(connection.readyState, 1);
    connection.gate.release();
    assert.equal(events, [textEvent("a"), textEvent("b")]);
    assert.is(connection.gate.release(), false);
    assert.equal(events, [textEvent("a"), textEvent("b"), "close 1006"]);
    assert.is(connection.closeReport!.error, reset);
    assert.is(connection.closeReport!.first, "peer");
  });

  test("terminate inside drops what is held; close is told last, once", () => {
    const end = holding();
    const { peer, connection, events } = end;
    end.receive(concat(peer.text("a"), peer.text("b"), peer.close(1000)));
    connection.terminate();
    assert.equal(events, [textEvent("a")]);
    assert.is(connection.gate.release(), false);
    assert.equal(events, [textEvent("a"), "close 1006"]);
    connection.transportClosed();
    assert.is(connection.gate.release(), false);
    assert.is(events.length, 2);
  });

  test("a handler that throws between fails the connection, and close comes last", async () => {
    const boom = new Error("boom");
    const end: Endpoint = endpoint(
      { role: "client" },
      {
        message() {
          end.connection.gate.hold();
          throw boom;
        },
      },
    );
    const { peer, connection, events } = end;
    end.receive(concat(peer.text("a"), peer.text("b")));
    while (connection.gate.release());
    await settled();
    assert.equal(end.sent(), ["close 03 f3"]);
    connection.transportClosed();
    assert.equal(events, [textEvent("a"), "error Error: boom", "close 1006"]);
  });

  test("a transport that answers at once holds anew while the last release writes", () => {
    const end = holding();
    const { peer, connection, transport, events } = end;
    const { write } = transport;
    transport.write = (octets, more) => {
      const isTaken = write.call(transport, octets, more);
      if (events.length < 5) connection.receive(peer.text(`${events.length}`));
      return isTaken;
    };
    end.receive(peer.text("0"));
    let count = 0;
    do {
      connection.send("answer");
      assert.ok(++count < 100, "release does not end");
    } while (connection.gate.release());
    assert.equal(
      events,
      ["0", "1", "2", "3", "4"].map((text) => textEvent(text)),
    );
    assert.is(connection.gate.isHeld, false);
    assert.is(end.sent().length, count);
  });

  test("a release from within a release ends the hold once: what is sent afterwards leaves", async () => {
    const end: Endpoint = endpoint(
      { role: "client" },
      { message: () => end.connection.gate.hold(), ping: () => void end.connection.gate.release() },
    );
    const { peer, connection } = end;
    end.receive(concat(peer.text("a"), peer.ping("p")));
    assert.is(connection.gate.release(), false);
    connection.send("x");
    end.tick.end();
    assert.equal(end.sent(), ["pong 70", textEvent("x")]);
    connection.terminate();
    assert.is(end.events.at(-1), "close 1006");
  });

  test("hold twice is hold once, and release without hold is nothing", () => {
    const end = endpoint({ role: "client" });
    const { peer, connection } = end;
    assert.is(connection.gate.release(), false);
    connection.gate.hold();
    connection.gate.hold();
    connection.send("x");
    assert.is(end.transport.writes.length, 0);
    assert.is(connection.gate.release(), false);
    assert.equal(end.sent(), [textEvent("x")]);
    end.receive(peer.text("a"));
    assert.equal(end.events, [textEvent("a")]);
  });

  test.run();
}
