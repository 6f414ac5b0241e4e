// Compressed messages that inflate to a thousand times their octets, and messages that do not inflate, to a running server. Its
// resident memory is bounded by the limit for each connection and a constant: pages of the collector, scratch and sockets.

import * as assert from "uvu/assert";
import { connect } from "../../bindings/node/index.ts";
import { deflated, flushed, noise } from "../deflate/support.ts";
import { closeCodeOf, RawClient, turns, until, upgradeRequest, withServer } from "../node/support.ts";
import { frame } from "../support/frames.ts";
import { concat, hex } from "../support/octets.ts";
import { MIB } from "./memory.ts";
import { hostileServerSuite } from "./on-kernels.ts";
import { Helper, withHelpers } from "./processes.ts";

const test = hostileServerSuite("compression: a running server");

/** What the octets of a limit may cost while they come out: the blocks they are kept in, and what the collector has not seen. */
const FACTOR = 2;
const CONSTANT = 32 * MIB;

const maskingKey = new Uint8Array(4);

/** Frames of a client whose first has RSV1. */
function compressedFrames(payload: Uint8Array, fragmentLength = payload.length): Uint8Array {
  const frames: Uint8Array[] = [];
  for (let at = 0; at < payload.length; at += fragmentLength) {
    const part = payload.subarray(at, at + fragmentLength);
    const fin = at + fragmentLength >= payload.length;
    frames.push(frame({ opcode: at === 0 ? 2 : 0, rsv: at === 0 ? 4 : 0, fin, maskingKey, payload: part }));
  }
  return concat(...frames);
}

/** 1 GiB of zeros, in about 1 MiB. */
function bomb(): Uint8Array {
  const part = flushed(new Uint8Array(2 ** 24), { level: 9 });
  return concat(...Array.from({ length: 64 }, () => part)).subarray(0, -4);
}

/** A client that may compress. */
async function opened(port: number): Promise<RawClient> {
  const client = new RawClient(port);
  client.send(upgradeRequest({ "Sec-WebSocket-Extensions": "permessage-deflate" }));
  const { head } = await client.answer();
  assert.match(head, "permessage-deflate");
  return client;
}

/** Runs the server with a limit, and says by how much its resident memory grew at most while `attack` lasted. */
async function growthUnder(limit: number, attack: (port: number) => Promise<void>): Promise<number> {
  const helper = new Helper("deflate-server", { WSIMD_HOSTILE_LIMIT: String(limit) });
  return withHelpers([helper], async () => {
    const port = await helper.ask<number>("start");
    const honest = await connect(`ws://127.0.0.1:${port}`, { perMessageDeflate: true });
    const echoes = honest[Symbol.asyncIterator]();
    const echo = async (text: string): Promise<void> => {
      honest.send(text);
      assert.equal(await echoes.next(), { done: false, value: text });
    };
    await echo("before ".repeat(5000));
    const before = await helper.ask<number>("most");
    const attacked = attack(port);
    await echo("meanwhile ".repeat(5000));
    await attacked;
    await echo("after ".repeat(5000));
    const growth = (await helper.ask<number>("most")) - before;
    while ((await helper.ask<number>("openCount")) !== 1) await turns(); // the honest one is left
    honest.terminate();
    await helper.ask("close");
    assert.is(await helper.leave(), 0);
    assert.is(helper.stderr, "");
    return growth;
  });
}

/** Sends octets, and reads why the connection was failed. */
async function failedWith(client: RawClient, octets: Uint8Array): Promise<number> {
  client.send(octets);
  const frames = await client.frameCount(1);
  client.socket.end();
  await client.closed();
  assert.is(frames.length, 1);
  return closeCodeOf(frames[0]!);
}

test("1 MiB that inflates to 1 GiB is stopped at the limit with 1009, which its sender reads (§10.4)", async () => {
  const octets = compressedFrames(bomb());
  const limit = 4 * MIB;
  const growth = await growthUnder(limit, async (port) => {
    assert.is(await failedWith(await opened(port), octets), 1009);
  });
  assert.ok(growth <= FACTOR * limit + CONSTANT, `${growth} octets more`);
});

test("1 MiB that inflates to 1 GiB in fragments is stopped at the limit with 1009 (§10.4)", async () => {
  const limit = 4 * MIB;
  for (const fragmentLength of [1000, 65_536]) {
    const octets = compressedFrames(bomb(), fragmentLength);
    const growth = await growthUnder(limit, async (port) => {
      assert.is(await failedWith(await opened(port), octets), 1009);
    });
    assert.ok(growth <= FACTOR * limit + CONSTANT, `fragments of ${fragmentLength}: ${growth} octets more`);
  }
});

test("the same on 100 connections at once costs the limit for each, and others are served (§10.4)", async () => {
  const octets = compressedFrames(bomb());
  const limit = 1.25 * MIB; // more than what is sent, which is looked at too
  const growth = await growthUnder(limit, async (port) => {
    const clients = await Promise.all(Array.from({ length: 100 }, () => opened(port)));
    const codes = await Promise.all(clients.map((client) => failedWith(client, octets)));
    assert.equal(new Set(codes), new Set([1009]));
  });
  assert.ok(growth <= FACTOR * 100 * limit + CONSTANT, `${growth} octets more`);
});

/** Payloads that are no message, with what the peer is told. */
const wrong: Readonly<Record<string, readonly [payload: Uint8Array, closeCode: number]>> = {
  corrupt: [hex("ff ff"), 1007],
  "corrupt behind 100,000 octets": [concat(flushed(noise(100_000)), hex("ff ff")), 1007],
  "cut short": [deflated(noise(1000)).subarray(0, 500), 1007],
  "trailing octets": [hex("f3 48 cd c9 c9 07 00 ff"), 1007],
  "reaching behind its window": [deflated(noise(300), { before: noise(300) }), 1007],
};

test("what does not inflate fails its connection with 1007, and no other (RFC 7692 §7.2.2)", async () => {
  for (const peerContextTakeover of [true, false]) {
    const options = { perMessageDeflate: { peerContextTakeover } };
    await withServer({ ...options, message: (socket, data) => void socket.send(data) }, async ({ port, server }) => {
      const honest = await opened(port);
      for (const [name, [payload, closeCode]] of Object.entries(wrong)) {
        if (name === "cut short" && peerContextTakeover) continue; // which shows with what comes then
        assert.is(await failedWith(await opened(port), compressedFrames(payload)), closeCode, name);
      }
      const empty = frame({ opcode: 1, rsv: 4, maskingKey });
      assert.is(await failedWith(await opened(port), empty), 1007, "without an octet");
      honest.send(compressedFrames(deflated("Hello")));
      const [answer] = await honest.frameCount(1);
      assert.is(new TextDecoder().decode(answer!.payload), "Hello");
      honest.destroy();
      await until(() => server.sockets.size === 0);
    });
  }
});

test.run();
