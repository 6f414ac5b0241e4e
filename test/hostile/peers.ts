// What the tests of handshakes and processes share: a test that hangs fails instead, octets one a chunk, and the honest client
// who must notice nothing.

import * as assert from "uvu/assert";
import { clientFrame, RawClient, type RawPeer, turns } from "../node/support.ts";
import { concat, utf8 } from "../support/octets.ts";

/** What no test comes near, on any machine: it only turns waiting for ever into a failure. */
const HANGING_MS = 20_000;

/**
 * A test's body that fails where it would never end.
 *
 * @param body  may say where it is, for the failure's sake
 */
export function ending(
  body: (at: (where: string) => void) => unknown,
  hangingMs: number = HANGING_MS,
): () => Promise<void> {
  return async () => {
    let place = "";
    let timer: NodeJS.Timeout | undefined;
    const hanging = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`it waits for what does not come${place}`)), hangingMs);
    });
    try {
      await Promise.race([body((where) => (place = `, at: ${where}`)), hanging]);
    } finally {
      clearTimeout(timer);
    }
  };
}

/** Sends octets one a chunk, as far as a socket keeps them apart. */
export async function sendOctets(peer: RawPeer, octets: Uint8Array): Promise<void> {
  peer.socket.setNoDelay(true);
  for (const octet of octets) {
    if (peer.isClosed || peer.socket.destroyed) return;
    peer.socket.write(Uint8Array.of(octet));
    await turns(1);
  }
}

/** An honest client of a server that echoes: it talks before, between and after what others do. */
export class HonestClient {
  private readonly client: RawClient;
  private count = 0;

  private constructor(client: RawClient) {
    this.client = client;
  }

  static async open(port: number): Promise<HonestClient> {
    const honest = new HonestClient(await RawClient.open(port));
    await honest.echo();
    return honest;
  }

  /** Sends a message and waits until it is back. */
  async echo(): Promise<void> {
    const text = `honest ${this.count++}`;
    this.client.send(clientFrame(1, text));
    const frames = await this.client.frameCount(this.count);
    assert.is(frames.length, this.count);
    assert.is(Buffer.from(frames.at(-1)!.payload).toString(), text);
  }

  leave(): void {
    this.client.destroy();
  }
}

/** A whole life: a handshake of its own, an echo, the closing handshake. */
export async function visit(port: number): Promise<void> {
  const client = await RawClient.open(port);
  client.send(clientFrame(1, "a visit"));
  const [echo] = await client.frameCount(1);
  assert.is(Buffer.from(echo!.payload).toString(), "a visit");
  client.send(clientFrame(8, Uint8Array.of(0x03, 0xe8))); // Close, 1000
  await client.ended();
  client.socket.end();
  await client.closed();
  assert.is(client.error, null);
}

/** Octets of text and frames together. */
export function packet(...parts: readonly (string | Uint8Array)[]): Uint8Array {
  return concat(...parts.map((part) => (typeof part === "string" ? utf8(part) : part)));
}
