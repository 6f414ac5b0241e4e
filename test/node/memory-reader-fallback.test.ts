// Sockets that cannot be read into linear memory, in a process whose others are: they are left as they were, and read by `data`
// events.

import { Socket as NetSocket } from "node:net";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { currentKernel } from "../../bindings/kernel/select.ts";
import { isPossible, memoryReader, readInto } from "../../bindings/node/memory-reader.ts";
import { netOf } from "./internals.ts";
import { clientFrame, RawClient, until, withServer } from "./support.ts";

const fallback = suite("read into memory");

/** A sink that keeps what it is told, and where from. */
class Told {
  readonly events: string[] = [];
  landed(region: Uint8Array, length: number): void {
    this.events.push(`landed ${Buffer.from(region.subarray(0, length)).toString()}`);
  }
  arrived(chunk: Uint8Array): void {
    this.events.push(`arrived ${Buffer.from(chunk).toString()}`);
  }
  ended(): void {
    this.events.push("ended");
  }
  closed(error: unknown): void {
    this.events.push(`closed ${error}`);
  }
}

class Own extends NetSocket {}

/** Sockets of a server that are not what is expected, by what is done to them before they are read. */
const surprises: readonly (readonly [what: string, surprise: (stream: NetSocket) => void])[] = [
  ["a class of its own", (stream) => void Object.setPrototypeOf(stream, Own.prototype)],
  [
    "a handle that has no useUserBuffer",
    (stream) =>
      Object.defineProperty((stream as unknown as { _handle: object })._handle, "useUserBuffer", { value: undefined }),
  ],
  ["octets that were read before", (stream) => stream.unshift("early ")],
  [
    "somebody else's buffer",
    (stream) => {
      const isBuffer = (name: symbol): boolean => name.description === "kBuffer";
      const name = Object.getOwnPropertySymbols(stream).find(isBuffer)!;
      let value: unknown;
      Object.defineProperty(stream, name, { get: () => value, set: (next) => (value = next) });
    },
  ],
];

for (const [what, surprise] of isPossible ? surprises : []) {
  fallback(`a socket with ${what} is read by data events, from the first octet to its end`, async () => {
    await withServer({ transport: "memory" }, async ({ server, port }) => {
      const told = new Told();
      const net = netOf(server);
      net.removeAllListeners("connection");
      net.on("connection", (stream: NetSocket) => {
        surprise(stream);
        memoryReader(currentKernel())(stream, told);
        stream.on("end", () => stream.end());
      });
      const client = new RawClient(port);
      client.socket.end("octets");
      await client.closed();
      await until(() => told.events.at(-1)?.startsWith("closed") === true);
      const heard = told.events.filter((event) => event.startsWith("arrived")).map((event) => event.slice(8));
      assert.is(heard.join(""), `${what.startsWith("octets") ? "early " : ""}octets`);
      assert.equal(told.events.slice(-2), ["ended", "closed undefined"]);
      assert.is(
        told.events.some((event) => event.startsWith("landed")),
        false,
      );
    });
  });
}

fallback("a socket that cannot be read so stays as it was", () => {
  const callback = (): void => {};
  const region = new Uint8Array(8);
  const described = (stream: NetSocket): unknown =>
    Reflect.ownKeys(stream).map((name) => [name, Reflect.get(stream, name)]);
  const decoding = new NetSocket();
  decoding.setEncoding("utf8");
  const handle = new NetSocket();
  Object.defineProperty(handle, "_handle", { value: {} });
  for (const stream of [new NetSocket(), new Own(), decoding, handle]) {
    const before = described(stream);
    assert.is(readInto(stream, region, callback), false);
    assert.equal(described(stream), before);
  }
});

fallback("a server takes a socket that cannot be read into memory as any other", async () => {
  await withServer({ message: (socket, data) => void socket.send(data) }, async ({ server, port }) => {
    let count = 0;
    netOf(server).prependListener("connection", (stream: NetSocket) => {
      if (count++ % 2 === 0) Object.setPrototypeOf(stream, Own.prototype);
    });
    const clients = await Promise.all(Array.from({ length: 6 }, () => RawClient.open(port)));
    for (const [index, client] of clients.entries()) client.send(clientFrame(1, `one ${index}`, false));
    for (const client of clients) client.send(clientFrame(0, " two"));
    for (const [index, client] of clients.entries()) {
      assert.is(Buffer.from((await client.frameCount(1))[0]!.payload).toString(), `one ${index} two`);
      client.destroy();
    }
  });
});

fallback.run();
