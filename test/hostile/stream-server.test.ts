// A message of 1 GiB passes through a server that needs hardly more memory for it than when it is idle, also where nobody reads
// what comes back for a while.

import { once } from "node:events";
import * as assert from "uvu/assert";
import { RawClient, upgradeRequest } from "../node/support.ts";
import { frame } from "../support/frames.ts";
import { MIB } from "./memory.ts";
import { hostileServerSuite } from "./on-kernels.ts";
import { Helper, withHelpers } from "./processes.ts";

const test = hostileServerSuite("streams: a running server");

const LENGTH = 1024 * MIB;
const CHUNK = 65_536;
/** Read by events, every 64 KiB are a Buffer of Node's own, which the collector frees when it likes: from Node 24 on later than before. */
const byEvents = Number.parseInt(process.versions.node, 10) < 24 ? 64 : 112;
const mostGrowth = (): number => (process.env.WSIMD_TRANSPORT === "data" ? byEvents : 24) * MIB;

/** How long the client does not read what comes back. */
const UNREAD_MS = 500;

/** With a masking key of zeros octets go out as they are. */
const maskingKey = new Uint8Array(4);

/** Octets of frames' payloads, and the first octets of the frames, of a server's answer that is not kept. */
class Counter {
  length = 0;
  readonly firsts = new Set<number>();
  isWhole = false;
  private left = 0;
  private header: number[] = [];

  take(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length; ) {
      if (this.left !== 0) {
        const taken = Math.min(this.left, chunk.length - at);
        this.left -= taken;
        this.length += taken;
        at += taken;
        continue;
      }
      this.header.push(chunk[at++]!);
      this.readHeader();
    }
  }

  private readHeader(): void {
    const { header } = this;
    const extended = header.length < 2 ? 0 : header[1] === 126 ? 2 : header[1] === 127 ? 8 : 0;
    if (header.length < 2 + extended) return;
    this.firsts.add(header[0]!);
    this.left = extended === 0 ? header[1]! : header.slice(2).reduce((sum, octet) => sum * 256 + octet, 0);
    if (header[0]! & 0x80) this.isWhole = true;
    this.header = [];
  }
}

/** Sends a message of LENGTH octets, and waits for all of it to come back. */
async function echoed(port: number, opcode: number, chunk: Uint8Array): Promise<Counter> {
  const client = new RawClient(port);
  client.send(upgradeRequest());
  await client.answer();
  const { socket } = client;
  const counter = new Counter();
  socket.removeAllListeners("data");
  const isBack = new Promise<void>((resolve, reject) => {
    socket.on("close", () => reject(new Error("the server closed")));
    socket.on("data", (octets: Buffer) => {
      counter.take(octets);
      if (counter.isWhole) resolve();
    });
  });
  socket.pause(); // whoever does not stop reading from it would have all of it by then
  setTimeout(() => socket.resume(), UNREAD_MS);
  socket.write(frame({ opcode, maskingKey, announced: BigInt(LENGTH) }));
  for (let sent = 0; sent < LENGTH; sent += CHUNK) if (!socket.write(chunk)) await once(socket, "drain");
  await isBack;
  client.destroy();
  return counter;
}

test("1 GiB passes through as it arrives, binary and text, with at most 24 MiB more resident memory", async () => {
  for (const [opcode, octet] of [
    [2, 0xff],
    [1, 0x61],
  ] as const) {
    const helper = new Helper("stream-server");
    await withHelpers([helper], async () => {
      const port = await helper.ask<number>("start");
      await helper.ask("idle");
      const counter = await echoed(port, opcode, new Uint8Array(CHUNK).fill(octet));
      assert.is(counter.length, LENGTH);
      assert.equal(counter.firsts, new Set([opcode, 0x00, 0x80]), "one message in frames");
      const growth = await helper.ask<number>("growth");
      assert.ok(growth <= mostGrowth(), `${(growth / MIB).toFixed(1)} MiB more`);
      await helper.ask("close");
      assert.is(await helper.leave(), 0);
      assert.is(helper.stderr, "");
    });
  }
});

test.run();
