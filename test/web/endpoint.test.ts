// endpoint(): frames from the first octet on, in either role.

import * as assert from "uvu/assert";
import { Clock, endpoint } from "../../bindings/web/index.ts";
import { filled } from "../support/octets.ts";
import {
  assertUsage,
  clientFrame,
  closePayload,
  Ending,
  ends,
  isSame,
  kernelNames,
  Peer,
  serverFrame,
  settled,
  Timers,
  until,
  webSuite,
} from "./support.ts";

for (const kernel of kernelNames) {
  const test = webSuite("endpoint", kernel);

  test("two of them talk: both roles, iterated over, with what they were given", async () => {
    const [ours, theirs] = ends();
    const client = endpoint(ours, { role: "client", protocol: "frames", data: { name: "me" } });
    const server = endpoint(theirs, { role: "server" });
    assert.equal(
      [client.protocol, client.extensions, client.data, server.protocol],
      ["frames", [], { name: "me" }, ""],
    );
    const echoing = (async () => {
      for await (const message of server) server.send(message);
    })();
    client.send("é語😀");
    client.send(filled(700_000, 9));
    const received: (string | Uint8Array)[] = [];
    for await (const message of client) {
      received.push(message);
      if (received.length === 2) client.close(1000);
    }
    await echoing;
    assert.is(received[0], "é語😀");
    assert.ok(isSame(received[1] as Uint8Array, filled(700_000, 9)));
    assert.equal([client.closeReport!.error, server.closeReport!.error], [undefined, undefined]);
  });

  test("a loop may begin when it likes, in either role: what came before is kept", async () => {
    for (const role of ["server", "client"] as const) {
      const [ours, theirs] = ends();
      const socket = endpoint(ours, { role });
      const peer = new Peer(theirs);
      await peer.send((role === "server" ? clientFrame : serverFrame)(1, "early"));
      await settled();
      for await (const message of socket) {
        assert.is(message, "early");
        socket.terminate();
      }
    }
  });

  test("nothing is delivered before it has returned", async () => {
    const [ours, theirs] = ends();
    void new Peer(theirs).send(clientFrame(1, "early"));
    await settled();
    const order: string[] = [];
    const socket = endpoint(ours, { role: "server", message: () => void order.push("message") });
    order.push("returned");
    await until(() => order.length === 2);
    assert.equal(order, ["returned", "message"]);
    socket.terminate();
  });

  test("timeouts are those of the clock given, and nothing is left on it", async () => {
    const timers = new Timers();
    const [ours, theirs] = ends();
    const ending = new Ending();
    const clock = new Clock(timers);
    const socket = endpoint(ours, { role: "server", clock, closeTimeoutMs: 3000, close: ending.close });
    const peer = new Peer(theirs);
    socket.close(1000);
    await peer.frameCount(1);
    timers.advance(2999);
    assert.is(ending.code, 0);
    timers.advance(1);
    await ending.told();
    assert.equal([ending.code, timers.runningCount], [1006, 0]);
  });

  test("a close that answers the peer's takes its clock along", async () => {
    const timers = new Timers();
    const [ours, theirs] = ends();
    const ending = new Ending();
    endpoint(ours, { role: "server", clock: new Clock(timers), close: ending.close });
    const peer = new Peer(theirs);
    await peer.send(clientFrame(8, closePayload(1001, "leaving")));
    await peer.end();
    await ending.told();
    assert.equal([ending.code, ending.reason, timers.runningCount], [1001, "leaving", 0]);
  });

  test("options that are wrong are refused, and nothing is locked", async () => {
    const [ours] = ends();
    const wrong: readonly [object | undefined, RegExp][] = [
      [undefined, /options of endpoint/],
      [{}, /role must be "server" or "client"/],
      [{ role: "peer" }, /role must be/],
      [{ role: "server", protocol: 7 }, /protocol must be a string/],
      [{ role: "server", perMessageDeflate: true }, /perMessageDeflate/],
      [{ role: "server", maxMessageLength: "64kb" }, /maxMessageLength/],
      [{ role: "server", clock: {} }, /clock must be a Clock/],
      [{ role: "server", clock: null }, /clock must be a Clock/],
      [{ role: "server", message: "x" }, /message must be a function/],
    ];
    for (const [options, pattern] of wrong) await assertUsage(() => endpoint(ours, options as never), pattern);
    assert.equal([ours.readable.locked, ours.writable.locked], [false, false]);
  });

  test.run();
}
