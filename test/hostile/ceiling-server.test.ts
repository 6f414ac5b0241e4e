// The process-wide ceiling of a running server, with sockets: heads, unfinished messages and unread output of many, and one
// honest client that goes on. Unix sockets, whose buffers in the kernel are small.

import { randomUUID } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { heldOctets } from "../../bindings/connection/budget.ts";
import { initSync } from "../../bindings/index.ts";
import type { Server, ServerOptions } from "../../bindings/node/index.ts";
import { assertTransport, clientFrame, closeCodeOf, kernelNames, RawClient, turns, until } from "../node/support.ts";
import { createServer } from "../support/adapter.ts";
import { filled } from "../support/octets.ts";
import { growthWhile, MIB, NOISE } from "./memory.ts";
import { hostileServerSuite } from "./on-kernels.ts";

const KIB = 1024;
const begun = clientFrame(2, filled(MIB, 1), false);

/** Octets that sockets take, both ends of each: what Node has read of it ahead, and its objects. */
const perSocket = (count: number): number => count * 80 * KIB;

/** An echo server whose ceiling is 4 MiB, on a Unix socket. */
async function withCeiling(
  kernel: "wasm" | "scalar",
  options: Partial<ServerOptions>,
  use: (path: string, server: Server) => Promise<void>,
): Promise<void> {
  initSync({ kernel });
  const server = createServer({
    maxProcessBuffered: 4 * MIB,
    message: (socket, data) => void socket.send(data),
    ...options,
  });
  initSync();
  const path = join(tmpdir(), `wsimd-${randomUUID()}.sock`);
  await server.listen({ path });
  assertTransport(server);
  try {
    await use(path, server);
  } finally {
    for (const socket of server.sockets) socket.terminate();
    await server.close();
  }
  assert.is(heldOctets(), 0, "everything was let go");
}

/** Sends a message in two fragments and waits for the answer. */
async function echoes(client: RawClient): Promise<void> {
  const { length } = client.frames;
  client.send(clientFrame(1, "frag", false), clientFrame(0, "mented"));
  const frames = await client.frameCount(length + 1);
  assert.is(Buffer.from(frames[length]!.payload).toString(), "fragmented");
}

for (const kernel of kernelNames) {
  const test = hostileServerSuite("the process-wide ceiling of a server", kernel);

  test("unfinished messages of 40 MiB hold 4; the closed are told 1009, and an honest client echoes all along", async () => {
    const errors = new Set<unknown>();
    const error = (_: unknown, { code }: { code?: string }): void => void errors.add(code);
    await withCeiling(kernel, { error } as ServerOptions, async (path) => {
      const honest = await RawClient.open(path);
      const { all, result: hostile } = await growthWhile(async () => {
        const clients: RawClient[] = [];
        for (let count = 0; count < 40; count++) {
          clients.push(await RawClient.open(path, begun));
          await echoes(honest);
          assert.ok(heldOctets() <= 4 * MIB + 64 * KIB, `${heldOctets()} octets are held`);
        }
        await until(() => clients.filter(({ frames }) => frames.length !== 0).length >= 36);
        return clients;
      });
      assert.ok(all <= 4 * MIB + perSocket(40) + NOISE, `${all} octets of memory`);
      const told = hostile.flatMap(({ frames }) => frames.map(closeCodeOf));
      assert.equal(new Set(told), new Set([1009]));
      assert.equal([...errors], ["WS_PROCESS_BUFFERED"]);
      await echoes(honest);
      for (const one of [honest, ...hostile]) one.destroy();
    });
  });

  test("replies of 32 MiB that nobody reads hold 4, and an honest client echoes all along", async () => {
    let replies = 0;
    // Few octets ask for many: it is the reply that has to find room, not the request.
    const message: ServerOptions["message"] = (socket, data) => {
      const isHostile = data === "much";
      socket.send(isHostile ? new Uint8Array(MIB) : data);
      if (isHostile) replies++;
    };
    await withCeiling(kernel, { message }, async (path, server) => {
      const honest = await RawClient.open(path);
      const { all, result: hostile } = await growthWhile(async () => {
        const clients: RawClient[] = [];
        for (let count = 0; count < 32; count++) {
          const one = await RawClient.open(path);
          clients.push(one);
          one.socket.pause();
          one.send(clientFrame(1, "much"));
          await until(() => replies > count);
          await turns();
          assert.ok(heldOctets() <= 4 * MIB, `${heldOctets()} octets are held`);
          if (count % 4 === 3) await echoes(honest); // what it asks for makes room too
        }
        await until(() => server.sockets.size <= 10);
        return clients;
      });
      assert.ok(heldOctets() >= 2 * MIB, `${heldOctets()} octets are held`);
      assert.ok(all <= 4 * MIB + perSocket(32) + NOISE, `${all} octets of memory`);
      await echoes(honest);
      for (const one of [honest, ...hostile]) one.destroy();
    });
  });

  test("unfinished heads of 6 MiB hold 4: the newest are dropped, and a whole one is answered", async () => {
    await withCeiling(kernel, {}, async (path) => {
      const hostile = Array.from({ length: 400 }, () => new RawClient(path));
      for (const one of hostile) one.send("GET / HTTP/1.1\r\nX: ", filled(16_300, 0x61));
      await until(() => hostile.filter(({ isClosed, isEnded }) => isClosed || isEnded).length >= 140);
      assert.ok(heldOctets() <= 4 * MIB, `${heldOctets()} octets are held`);
      assert.ok(heldOctets() >= 3 * MIB, `${heldOctets()} octets are held`);
      const honest = await RawClient.open(path);
      await echoes(honest);
      for (const one of [honest, ...hostile]) one.destroy();
    });
  });

  test("answers of 32 MiB to plain requests that nobody reads hold 4: the newest are dropped, and a whole one arrives", async () => {
    const page = "x".repeat(MIB);
    let answered = 0;
    const request: ServerOptions["request"] = () => {
      answered++;
      return { body: page };
    };
    await withCeiling(kernel, { request }, async (path) => {
      const honest = await RawClient.open(path);
      const hostile: RawClient[] = [];
      for (let count = 1; count <= 32; count++) {
        const one = new RawClient(path);
        one.socket.pause();
        one.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        hostile.push(one);
        await until(() => answered === count);
        if (count % 2 === 0) one.socket.end(); // whoever ends his half has not read the answer
        await turns();
        assert.ok(heldOctets() <= 4 * MIB, `${heldOctets()} octets are held`);
        await echoes(honest);
      }
      assert.ok(heldOctets() >= 3 * MIB, `${heldOctets()} octets are held`);
      const whole = hostile.map((one) => {
        one.socket.resume();
        return one.ended();
      });
      await Promise.all(whole);
      assert.is(hostile.filter(({ received }) => received.length > MIB).length, 3);
      for (const one of [honest, ...hostile]) one.destroy();
    });
  });

  test.run();
}
