// What floods of frames, and lengths declared, cost a running server. Wires stand in for sockets: they bring chunks as the
// test cuts them, and a process may have any number; they are read by `data` events, as every stream that is no socket of Node's.

import * as assert from "uvu/assert";
import type { Server, ServerOptions, Socket } from "../../bindings/node/index.ts";
import { clientFrame, RawClient, turns, until, withServer } from "../node/support.ts";
import { concat, filled } from "../support/octets.ts";
import { Peer } from "../support/peer.ts";
import { chunkings, flood, type Wire, wireTo } from "./floods.ts";
import { growthWhile, NOISE } from "./memory.ts";
import { hostileKernels, kernelServerSuite, kernelSuite } from "./on-kernels.ts";

const CONNECTIONS = 10_000;

for (const tested of hostileKernels) {
  const test = kernelSuite("frames: memory of a running server", tested);
  const peer = new Peer("server");

  /** Runs a server that keeps its latest message, and gives `use` a connection to it. */
  async function withWire(
    use: (wire: Wire, messages: (string | Uint8Array)[], server: Server<unknown>) => Promise<void>,
  ): Promise<void> {
    const messages: (string | Uint8Array)[] = [];
    const options: ServerOptions = { message: (_: Socket, data: string | Uint8Array) => void messages.push(data) };
    await withServer(
      options,
      async ({ server }) => {
        const wire = wireTo(server);
        await until(() => server.sockets.size === 1);
        await use(wire, messages, server);
      },
      tested.name,
    );
  }

  test("100,000 fragments of one octet hold at most twice their octets, and are one message (§5.4)", async () => {
    for (const chunking of chunkings) {
      await withWire(async (wire, messages) => {
        const { all } = await growthWhile(async () => {
          wire.receive(peer.binary("x", false));
          flood(peer.more("x", false), 100_000, chunking, (chunk) => wire.receive(chunk));
          await turns();
        });
        assert.ok(all <= 2 * 100_000 + NOISE, `${chunking}: ${all} octets held`);
        wire.receive(peer.more("x"));
        await until(() => messages.length === 1);
        assert.is(messages[0]!.length, 100_002, chunking);
      });
    }
  });

  test("a million empty fragments hold no more than ten (§5.4)", async () => {
    for (const chunking of chunkings) {
      await withWire(async (wire, messages) => {
        const held = async (count: number): Promise<number> => {
          const { all } = await growthWhile(async () => {
            wire.receive(peer.text("", false));
            flood(peer.more("", false), count, chunking, (chunk) => wire.receive(chunk));
            await turns();
          });
          wire.receive(peer.more("end"));
          await until(() => messages.length !== 0);
          assert.equal(messages.splice(0), ["end"]);
          return all;
        };
        await held(10);
        const ten = await held(10);
        // Through a stream, octets take long; memory.test.ts has a million of them without one.
        const million = await held(chunking === "one octet a chunk" ? 1e5 : 1e6);
        assert.ok(million <= ten + NOISE, `${chunking}: ${million} octets held, and ${ten} for ten`);
      });
    }
  });

  test("10,000 connections that declared 16 MiB and sent none of it hold what idle ones do (§10.4)", async () => {
    const held = async (octets: Uint8Array): Promise<{ all: number; arrayBuffers: number }> => {
      let result = { all: 0, arrayBuffers: 0 };
      await withServer(
        {},
        async ({ server }) => {
          result = await growthWhile(async () => {
            const wires = Array.from({ length: CONNECTIONS }, () => wireTo(server));
            await until(() => server.sockets.size === CONNECTIONS);
            for (const wire of wires) wire.receive(octets);
            await turns();
            return wires;
          });
        },
        tested.name,
      );
      return result;
    };
    const idle = await held(peer.pong());
    const waiting = await held(peer.frame(2, "", { announced: 2n ** 24n }));
    const each = (waiting.all - idle.all) / CONNECTIONS;
    assert.ok(each <= 300, `${each} octets more for each`);
    const buffers = waiting.arrayBuffers - idle.arrayBuffers;
    assert.ok(buffers <= NOISE, `${buffers} octets of buffers more`);
  });

  test.run();
}

for (const tested of hostileKernels) {
  const test = kernelServerSuite("frames: memory of a running server", tested);

  test("100,000 fragments of one octet over TCP are one message, whatever a packet holds (§5.4)", async () => {
    const messages: Uint8Array[] = [];
    await withServer(
      { message: (_: Socket, data: string | Uint8Array) => void messages.push(data as Uint8Array) },
      async ({ port }) => {
        const client = await RawClient.open(port, clientFrame(2, "", false));
        const fragments = concat(...Array.from({ length: 1000 }, () => clientFrame(0, "x", false)));
        for (let count = 0; count < 100; count++) client.send(fragments);
        client.send(clientFrame(0, ""));
        await until(() => messages.length === 1);
        assert.equal(messages[0], Buffer.from(filled(100_000, 0x78)));
        client.destroy();
      },
      tested.name,
    );
  });

  test.run();
}
