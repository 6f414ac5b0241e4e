// A transport that throws is a transport that has failed: its own connection closes and loses what was unsent, whoever
// called, and no other connection notices.

import * as assert from "uvu/assert";
import { heldOctets } from "../../bindings/connection/budget.ts";
import { Connection } from "../../bindings/connection/connection.ts";
import { BORROW_LENGTH } from "../../bindings/connection/outbox.ts";
import { ConnectionSettings } from "../../bindings/connection/settings.ts";
import { builtOnKernel } from "../support/current-kernel.ts";
import { kernels } from "../support/kernels.ts";
import { filled } from "../support/octets.ts";
import { Peer } from "../support/peer.ts";
import { type Endpoint, endpoint, FakeTick, FakeTransport, settled, textEvent, uncaughtIn } from "./support.ts";

const fault = new Error("the transport's own");
const throwing = (): never => {
  throw fault;
};

for (const tested of kernels) {
  const test = builtOnKernel("a transport that throws", tested);

  test("from write fails its connection with 1006, whoever makes it write", async () => {
    const causes: Record<string, (one: Endpoint, send: (data: string | Uint8Array) => void) => void> = {
      "a send": (_, send) => send("x"),
      "a large send": (_, send) => send(filled(BORROW_LENGTH, 1)),
      "a batch": ({ connection }, send) => connection.run(() => ["a", "b", filled(BORROW_LENGTH, 1)].forEach(send)),
      "a pong": ({ connection, peer }) => connection.receive(peer.ping("p")),
      "a Close": ({ connection }) => connection.close(1000),
    };
    for (const [cause, act] of Object.entries(causes)) {
      for (const role of ["server", "client"] as const) {
        const base = heldOctets();
        const one = endpoint({ role });
        one.transport.write = throwing;
        const told: unknown[] = [];
        let sendCount = 0;
        act(one, (data) => {
          sendCount++;
          one.connection.send(data, (error) => told.push(error));
        });
        assert.equal(one.events.slice(-2), ["error Error: the transport's own", "close 1006"], cause);
        assert.is(one.errors[0], fault);
        assert.is(one.connection.readyState, 3);
        assert.is(one.connection.bufferedAmount, 0);
        assert.is(heldOctets(), base);
        assert.equal(one.transport.calls, ["destroy"]);
        one.tick.end();
        one.connection.flush();
        one.connection.writeCompleted();
        await settled();
        assert.equal(told, Array(sendCount).fill(fault), `${cause}: each done is told the error, once`);
        assert.is(heldOctets(), base);
      }
    }
  });

  test("from a later write, after being behind, takes all that waited with it", async () => {
    const base = heldOctets();
    const { connection, transport, tick, events } = endpoint();
    transport.takes = false;
    const told: unknown[] = [];
    for (const data of ["first", "second", filled(BORROW_LENGTH, 1), filled(BORROW_LENGTH, 2), "last"]) {
      connection.send(data, (error) => told.push(error));
    }
    const { write } = transport;
    let writes = 0;
    transport.write = (octets, more) => (writes++ === 2 ? throwing() : write.call(transport, octets, more));
    connection.writeCompleted();
    tick.end();
    await settled();
    assert.is(writes, 3, "nothing is written to a transport that threw");
    assert.equal(told, [undefined, fault, fault, fault, fault]);
    assert.equal(events, ["error Error: the transport's own", "close 1006"]);
    assert.is(connection.bufferedAmount, 0);
    assert.is(heldOctets(), base);
  });

  test("where nobody listens for errors, is uncaught and not thrown at whoever called", async () => {
    const peer = new Peer("server");
    const acts: ((connection: Connection) => void)[] = [
      (connection) => connection.send("x"),
      (connection) => connection.receive(peer.ping("p")),
      (connection) => connection.close(1000),
    ];
    for (const act of acts) {
      const transport = new FakeTransport();
      transport.write = throwing;
      const connection = new Connection({ role: "server", transport });
      assert.equal(await uncaughtIn(() => act(connection)), [fault]);
      assert.is(connection.readyState, 3);
    }
  });

  test("keeps no other connection from the tick's end", () => {
    const tick = new FakeTick();
    const closed: number[] = [];
    const settings = new ConnectionSettings<number>(
      { role: "server", handlers: { error() {}, close: (context) => closed.push(context) } },
      tick.tickEnd,
    );
    const transports = [0, 1, 2].map(() => new FakeTransport());
    const connections = transports.map((transport, context) => new Connection(settings, { transport, context }));
    for (const connection of connections) {
      connection.send("at once");
      connection.send("at the tick's end");
    }
    transports[1]!.write = throwing;
    tick.end();
    assert.equal(
      transports.map(({ writes }) => writes.length),
      [2, 1, 2],
    );
    assert.equal(closed, [1]);
    connections[0]!.send("next tick");
    assert.is(transports[0]!.writes.length, 3);
  });

  test("whatever throws at the tick's end is uncaught, and what is behind it is flushed", async () => {
    const tick = new FakeTick();
    const flushed: string[] = [];
    tick.tickEnd.add({ goOn: () => void flushed.push("first") });
    tick.tickEnd.add({ goOn: throwing });
    tick.tickEnd.add({ goOn: () => void flushed.push("last") });
    assert.equal(await uncaughtIn(() => tick.end()), [fault]);
    assert.equal(flushed, ["first", "last"]);
  });

  test("from end or destroy is uncaught, and the connection closes", async () => {
    for (const failing of ["end", "destroy"] as const) {
      const { connection, transport, peer, events } = endpoint();
      transport[failing] = throwing;
      const caught = await uncaughtIn(() => {
        connection.receive(peer.text("before"));
        connection.receive(peer.close(1000));
        connection.receiveEnd();
        connection.transportClosed();
      });
      assert.equal(caught, [fault], failing);
      assert.equal(events, [textEvent("before"), "close 1000"]);
      assert.is(connection.readyState, 3);
    }
  });

  test.run();
}
