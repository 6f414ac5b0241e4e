// Handlers that throw, or whose promises reject: that connection fails with 1011, `error` hears of it, nobody else does, and
// nothing is swallowed. RFC 6455 §7.4.1.

import * as assert from "uvu/assert";
import { Connection } from "../../bindings/connection/connection.ts";
import type { ConnectionHandlers } from "../../bindings/connection/settings.ts";
import { builtOnKernel } from "../support/current-kernel.ts";
import { kernels } from "../support/kernels.ts";
import { concat, filled } from "../support/octets.ts";
import { Peer } from "../support/peer.ts";
import { closeEvent, endpoint, settled, textEvent, uncaughtIn } from "./support.ts";

const fault = new Error("the handler's own");
const throwing = (): never => {
  throw fault;
};
const rejecting = (): Promise<never> => Promise.reject(fault);

for (const tested of kernels) {
  const test = builtOnKernel("exceptions", tested);

  for (const [way, fail] of [
    ["throws", throwing],
    ["rejects", rejecting],
  ] as const) {
    test(`a handler that ${way} fails its connection with 1011, after the messages before it (§7.4.1)`, async () => {
      for (const name of ["message", "ping", "pong"] as const) {
        const { connection, peer, events, errors, sent, transport } = endpoint({}, { [name]: fail });
        const uncaught = await uncaughtIn(() => connection.receive(peer[name === "message" ? "text" : name]("x")));
        assert.equal(uncaught, []);
        assert.is(events[1], "error Error: the handler's own");
        assert.is(errors[0], fault, "the very error");
        assert.ok(sent().includes(closeEvent(1011)));
        assert.equal(transport.calls, ["end"]);
        connection.receive(peer.text("later"));
        connection.receiveEnd();
        assert.equal(events.slice(2), ["close 1006"]);
      }
    });

    test(`without an error handler what is thrown or rejected is uncaught, once (handler ${way})`, async () => {
      const peer = new Peer("server");
      const closes: number[] = [];
      const handlers: ConnectionHandlers<unknown> = { message: fail, close: (_, code) => closes.push(code) };
      const connection = new Connection({ role: "server", handlers, write: () => {} });
      assert.equal(await uncaughtIn(() => connection.receive(peer.text("x"))), [fault]);
      connection.receiveEnd();
      assert.equal(closes, [1006]);
    });
  }

  test("what follows the throw in the batch is dropped, and other connections are as they were", () => {
    const good = endpoint();
    const bad = endpoint({}, { message: (_, data) => (data === "1" ? throwing() : good.receive(good.peer.text("x"))) });
    bad.receive(concat(...Array.from({ length: 600 }, (_, index) => bad.peer.text(`${index}`))), bad.peer.text("z"));
    assert.equal(bad.events, [textEvent("0"), textEvent("1"), "error Error: the handler's own"]);
    good.receive(good.peer.text("y"));
    assert.equal(good.events, [textEvent("x"), textEvent("y")]);
    const fresh = endpoint();
    fresh.receive(fresh.peer.binary(filled(300, 1)), fresh.peer.text("fresh"));
    assert.is(fresh.events.length, 2);
  });

  test("an error handler that throws or rejects is uncaught, and close is still told", async () => {
    for (const fail of [throwing, rejecting]) {
      const { connection, peer, events } = endpoint({}, { error: fail });
      assert.equal(await uncaughtIn(() => connection.receive(peer.frame(3))), [fault]);
      connection.receiveEnd();
      assert.equal(events, ["error WS_RESERVED_OPCODE", "close 1006"]);
    }
  });

  test("a close handler that throws or rejects is uncaught, and harms nothing", async () => {
    for (const fail of [throwing, rejecting]) {
      const { connection, events } = endpoint({}, { close: fail });
      const uncaught = await uncaughtIn(() => connection.terminate());
      assert.equal(uncaught, [fault]);
      assert.equal(events, ["close 1006"]);
    }
  });

  test("a drain handler that throws or rejects fails its connection with 1011 (§7.4.1)", async () => {
    for (const fail of [throwing, rejecting]) {
      const { connection, transport, events, sent } = endpoint({ maxBufferedAmount: 100 }, { drain: fail });
      transport.takes = false;
      connection.send("x".repeat(60));
      transport.takes = true;
      const uncaught = await uncaughtIn(() => connection.writeCompleted());
      assert.equal(uncaught, []);
      assert.equal(events, ["drain", "error Error: the handler's own"]);
      assert.is(sent().at(-1), closeEvent(1011));
    }
  });

  test("a peer's fault is never uncaught, whoever listens", async () => {
    const peer = new Peer("server");
    const faults = [peer.frame(3), peer.text(Uint8Array.of(0xff)), peer.frame(2, "", { announced: 2n ** 40n })];
    for (const frame of faults) {
      const connection = new Connection({ role: "server", handlers: {} });
      assert.equal(await uncaughtIn(() => connection.receive(frame)), []);
      assert.is(connection.readyState, 2);
    }
  });

  test("error comes before close, also where the transport closes at once", async () => {
    for (const fail of [throwing, rejecting]) {
      const { connection, peer, events, transport } = endpoint({}, { message: fail });
      transport.end = () => connection.transportClosed();
      connection.receive(peer.text("x"));
      await settled();
      assert.equal(events, [textEvent("x"), "error Error: the handler's own", "close 1006"]);
    }
  });

  test("a promise that rejects after the end still reaches error: it is not swallowed", async () => {
    const { connection, peer, events } = endpoint({}, { message: rejecting });
    connection.receive(peer.text("x"));
    connection.terminate();
    await settled();
    assert.equal(events, [textEvent("x"), "close 1006", "error Error: the handler's own"]);
  });

  test("several promises that reject send one Close, and each reaches error", async () => {
    const { receive, peer, events, sent } = endpoint({}, { message: rejecting });
    receive(concat(peer.text("1"), peer.text("2")));
    await settled();
    assert.is(events.filter((event) => event.startsWith("error")).length, 2);
    assert.equal(sent(), [closeEvent(1011)]);
  });

  test("whatever is thrown reaches error as it is", () => {
    for (const thrown of [undefined, null, 0, "text", Object.create(null)]) {
      const { receive, peer, errors } = endpoint(
        {},
        {
          message: () => {
            throw thrown;
          },
        },
      );
      receive(peer.text("x"));
      assert.is(errors.length, 1);
      assert.is(errors[0], thrown);
    }
  });

  test("run delivers a shell's own handler: its output leaves together, its throw fails the connection", async () => {
    const { connection, sent, transport, events, peer } = endpoint();
    connection.run(() => {
      connection.send("a");
      connection.send("b");
      assert.is(transport.writes.length, 0);
    });
    assert.is(transport.writes.length, 1);
    connection.run(() => {
      connection.receive(peer.text("nested"));
      connection.terminate();
      events.push("returned");
    });
    assert.equal(events, [textEvent("nested"), "returned", "close 1006"], "close is not told before it returns");
    assert.equal(sent(), [textEvent("a"), textEvent("b")]);
    const other = endpoint();
    other.connection.run(rejecting);
    other.connection.run(() => 5);
    await settled();
    assert.equal(other.sent(), [closeEvent(1011)]);
  });

  test.run();
}
