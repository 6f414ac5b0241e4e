// The closing handshake, whoever starts it, and what each side hears. RFC 6455 §5.5.1, §7.1.

import * as assert from "uvu/assert";
import { Connection } from "../../bindings/connection/connection.ts";
import { builtOnKernel } from "../support/current-kernel.ts";
import { kernels } from "../support/kernels.ts";
import { concat } from "../support/octets.ts";
import { octetByOctet, Peer } from "../support/peer.ts";
import { closeEvent, endpoint, settled, textEvent } from "./support.ts";

const roles = ["server", "client"] as const;

for (const tested of kernels) {
  const test = builtOnKernel("closing handshake", tested);

  test("started by the peer: its code is repeated, its reason is not, and close is told both (§5.5.1)", () => {
    for (const role of roles) {
      for (const code of [
        1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999,
      ]) {
        const { connection, peer, events, sent, receive } = endpoint({ role });
        receive(peer.close(code, "tschüß"));
        assert.equal(sent(), [closeEvent(code)]);
        assert.is(connection.readyState, 2);
        assert.equal(events, [], "the transport is still there");
        connection.receiveEnd();
        assert.equal(events, [`close ${code} tschüß`]);
        assert.is(connection.readyState, 3);
        const report = { first: "peer", sent: { code, reason: "" }, received: { code, reason: "tschüß" } };
        const { first, sent: said, received } = connection.closeReport!;
        assert.equal({ first, sent: said, received }, report);
      }
    }
  });

  test("a Close without a code is answered without one, and told as 1005 (§7.1.5)", () => {
    const { connection, peer, events, sent } = endpoint();
    connection.receive(peer.close());
    connection.receiveEnd();
    assert.equal(sent(), [closeEvent()]);
    assert.equal(events, ["close 1005"]);
    assert.equal(connection.closeReport?.sent, { code: 1005, reason: "" });
  });

  test("started by us: the Close leaves at once, and the peer's code and reason are told (§7.1.2)", () => {
    for (const role of roles) {
      const { connection, peer, events, sent } = endpoint({ role });
      connection.close(4000, "enough");
      assert.is(connection.readyState, 2);
      assert.equal(sent(), [closeEvent(4000, "enough")]);
      connection.receive(peer.close(1000, "ok"));
      connection.receiveEnd();
      assert.equal(sent(), [closeEvent(4000, "enough")], "one Close is all that is ever sent");
      assert.equal(events, ["close 1000 ok"]);
      const { first, sent: said, received } = connection.closeReport!;
      assert.equal([first, said, received], ["local", { code: 4000, reason: "enough" }, { code: 1000, reason: "ok" }]);
    }
  });

  test("started by both at once: each takes the other's Close as the answer", () => {
    const server = endpoint({ role: "server" });
    const client = endpoint({ role: "client" });
    server.connection.close(1001);
    client.connection.close(1000);
    server.connection.receive(client.transport.octets);
    client.connection.receive(server.transport.octets);
    server.connection.receiveEnd();
    client.connection.receiveEnd();
    assert.equal([server.events, client.events], [["close 1000"], ["close 1001"]]);
    assert.equal([server.sent(), client.sent()], [[closeEvent(1001)], [closeEvent(1000)]]);
    assert.is(server.connection.closeReport?.first, "local");
    assert.is(client.connection.closeReport?.first, "local");
  });

  test("a transport that ends without a Close is 1006, and is ended back (§7.1.5)", () => {
    for (const role of roles) {
      const { connection, peer, events, transport, sent, receive } = endpoint({ role });
      receive(peer.text("last"), peer.text("cut").subarray(0, 3));
      connection.receiveEnd();
      assert.equal(events, [textEvent("last"), "close 1006"]);
      assert.equal(transport.calls, ["end", "destroy"]);
      assert.equal(sent(), []);
      assert.is(connection.closeReport?.first, "peer");
      assert.is(connection.closeReport?.received, null);
      const dropped = endpoint({ role });
      dropped.connection.transportClosed(new Error("reset"));
      dropped.connection.transportClosed();
      dropped.connection.receiveEnd();
      assert.equal(dropped.events, ["close 1006"]);
      assert.is(dropped.connection.closeReport?.first, "peer");
    }
  });

  test("what is sent right before the peer's end still leaves", () => {
    const { connection, transport, sent, events } = endpoint();
    transport.takes = false;
    connection.send("first");
    connection.send("second");
    connection.receiveEnd();
    assert.equal(transport.calls, []);
    assert.is(connection.readyState, 2);
    transport.takes = true;
    connection.writeCompleted();
    assert.equal(sent(), [textEvent("first"), textEvent("second")]);
    assert.equal(transport.calls, ["end", "destroy"]);
    assert.equal(events, ["close 1006"]);
  });

  test("terminate tells 1006, or what the peer's Close said, and who dropped the connection", () => {
    const { connection, events, transport, sent } = endpoint();
    connection.terminate();
    connection.terminate();
    assert.equal([events, transport.calls, sent()], [["close 1006"], ["destroy"], []]);
    assert.is(connection.closeReport?.first, "local");
    const closed = endpoint();
    closed.receive(closed.peer.close(1000, "bye"));
    closed.connection.terminate();
    assert.equal(closed.events, ["close 1000 bye"]);
  });

  test("frames after the peer's Close are ignored, whatever they are (§5.5.1)", () => {
    for (const split of [octetByOctet, (octets: Uint8Array) => [octets]]) {
      const { connection, peer, events, sent, receive } = endpoint();
      const after = [peer.ping("no"), peer.text("no"), peer.close(1001), peer.frame(3), peer.text(Uint8Array.of(0xff))];
      receive(...split(concat(peer.close(1000), ...after)));
      connection.receiveEnd();
      assert.equal(events, ["close 1000"]);
      assert.equal(sent(), [closeEvent(1000)]);
    }
  });

  test("a Close inside a fragmented message closes, and the message is dropped (§5.5)", () => {
    const { connection, peer, events, sent, receive } = endpoint();
    receive(peer.text("part", false), peer.close(1000), peer.more("rest"));
    connection.receiveEnd();
    assert.equal([events, sent()], [["close 1000"], [closeEvent(1000)]]);
  });

  test("after our Close messages are delivered and pings answered, until the peer's (§7.1.2)", () => {
    const { connection, peer, events, sent, receive } = endpoint();
    connection.close(1000);
    receive(
      peer.text("still"),
      peer.ping("p"),
      peer.text("he", false),
      peer.more("re"),
      peer.close(1000),
      peer.ping("q"),
    );
    assert.equal(events, [textEvent("still"), "ping 70", textEvent("here")]);
    assert.equal(sent(), [closeEvent(1000), "pong 70"]);
  });

  test("a wrong frame after our Close is an error, and no second Close", () => {
    const { connection, peer, events, sent, transport, receive } = endpoint({ role: "client" });
    connection.close(1000);
    receive(peer.frame(3), peer.close(1000));
    assert.equal([events, sent()], [["error WS_RESERVED_OPCODE"], [closeEvent(1000)]]);
    assert.equal(transport.calls, ["end"]);
    connection.receiveEnd();
    assert.equal(events[1], "close 1006");
  });

  test("a server ends the transport first, a client waits for that (§7.1.1)", () => {
    for (const local of [false, true]) {
      const server = endpoint({ role: "server" });
      if (local) server.connection.close(1000);
      assert.equal(server.transport.calls, []);
      server.receive(server.peer.close(1000));
      assert.equal(server.transport.calls, ["end"]);
      const client = endpoint({ role: "client" });
      if (local) client.connection.close(1000);
      client.receive(client.peer.close(1000));
      assert.equal(client.transport.calls, []);
      client.connection.receiveEnd();
      assert.equal(client.transport.calls, ["end", "destroy"]);
    }
  });

  test("those without a transport are told what to do with theirs", () => {
    const peer = new Peer("server");
    const told: string[] = [];
    const make = (): Connection =>
      new Connection({ role: "server", handlers: { close: () => void told.push("close") } });
    const closed = make();
    assert.is(closed.transportAction, "none");
    closed.receive(concat(peer.ping("p"), peer.close(1000)));
    assert.is(closed.transportAction, "none", "there is output to be written first");
    const written = [...closed.output()].map((octets) => Uint8Array.from(octets));
    assert.equal(peer.read(concat(...written)).events, ["pong 70", closeEvent(1000)]);
    assert.is(closed.transportAction, "end");
    closed.receiveEnd();
    assert.is(closed.transportAction, "destroy");
    assert.equal(told, ["close"]);
    const failed = make();
    failed.receive(peer.frame(3));
    for (const octets of failed.output()) assert.equal(peer.read(octets).events, [closeEvent(1002)]);
    assert.is(failed.transportAction, "end");
    const dropped = make();
    dropped.send("x");
    dropped.terminate();
    assert.is(dropped.transportAction, "destroy");
    assert.equal([...dropped.output()], []);
  });

  test("send, ping and pong after the end return false, discard, and tell done why", async () => {
    const { connection, sent } = endpoint();
    const told: unknown[] = [];
    connection.close(1000);
    const done = (error?: unknown): void => void told.push((error as { code: string }).code);
    assert.is(connection.send("late", done), false);
    assert.is(connection.send(new Uint8Array(3), { binary: true }, done), false);
    assert.is(connection.ping(), false);
    assert.is(connection.pong("x"), false);
    connection.terminate();
    assert.is(connection.send("later", done), false);
    connection.close(1001);
    assert.equal(told, [], "never before send returns");
    await settled();
    assert.equal(told, ["WS_NOT_OPEN", "WS_NOT_OPEN", "WS_NOT_OPEN"]);
    assert.equal(sent(), [closeEvent(1000)]);
    assert.is(connection.bufferedAmount, 0);
  });

  test.run();
}
