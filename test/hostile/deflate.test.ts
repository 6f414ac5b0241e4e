// Unfinished compressed messages at an endpoint: fragments of one octet, and many connections that share their streams.

import * as assert from "uvu/assert";
import { PerMessageDeflate } from "../../bindings/deflate/permessage-deflate.ts";
import { zlibProvider } from "../../bindings/runtime/zlib.ts";
import { deflated, extensionOf, noise, RSV1, Watched } from "../deflate/support.ts";
import { Peer } from "../support/peer.ts";
import { connectionTo, nowhere } from "./floods.ts";
import { growthOf, NOISE } from "./memory.ts";
import { hostileKernels, kernelSuite } from "./on-kernels.ts";

const peer = new Peer("server");

for (const tested of hostileKernels) {
  const test = kernelSuite("compression", tested);

  test("a compressed message in 100,000 fragments of one octet arrives, and holds twice its octets (§5.4)", () => {
    const message = noise(99_000);
    const payload = deflated(message);
    for (const peerContextTakeover of [true, false]) {
      const deflate = new PerMessageDeflate({ peerContextTakeover }, zlibProvider());
      const received: (string | Uint8Array)[] = [];
      const connection = connectionTo(nowhere, {
        extension: extensionOf(deflate, "server"),
        handlers: { message: (_, data) => void received.push(data) },
      });
      const { all } = growthOf(() => {
        connection.receive(peer.frame(2, payload.subarray(0, 1), { rsv: RSV1, fin: false }));
        for (let at = 1; at < payload.length; at++) connection.receive(peer.more(payload.subarray(at, at + 1), false));
        return connection;
      });
      assert.ok(all <= 2 * payload.length + NOISE, `${all} octets held`);
      connection.receive(peer.more(""));
      assert.is(received.length, 1);
      assert.ok(Buffer.from(message).equals(received[0] as Uint8Array));
      connection.terminate();
    }
  });

  test("1,000 connections with an unfinished compressed message make no inflater each in shared mode (RFC 7692 §7.1.1)", () => {
    const provider = new Watched(zlibProvider());
    const deflate = new PerMessageDeflate({ contextTakeover: false, peerContextTakeover: false, provider });
    const payload = deflated(noise(1000));
    let count = 0;
    const connections = Array.from({ length: 1000 }, () =>
      connectionTo(nowhere, {
        extension: extensionOf(deflate, "server"),
        handlers: { message: () => void count++ },
      }),
    );
    for (const connection of connections)
      connection.receive(peer.frame(2, payload.subarray(0, 900), { rsv: RSV1, fin: false }));
    assert.is(provider.inflaters.length, 0);
    for (const connection of connections) connection.receive(peer.more(payload.subarray(900)));
    assert.is(count, 1000);
    assert.is(provider.inflaters.length, 1);
    assert.equal(provider.faults, []);
    for (const connection of connections) connection.terminate();
  });

  test.run();
}
