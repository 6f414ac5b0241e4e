// What a peer, or a mistake of the application, must not do to a process that runs on wsimd/ws: memory, ends and losses. Each was seen
// to go wrong. That ws does the same is not asked here; where it is, a scenario says so.

import { once } from "node:events";
import { request as requestHttp } from "node:http";
import { connect, type Socket } from "node:net";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { encodeFrame, Opcode } from "../../bindings/index.ts";
import { Receiver, Sender, WebSocket, WebSocketServer } from "../../bindings/ws/index.ts";
import { transportsOf } from "../node/support.ts";
import { requestText } from "./wire.ts";

const test = suite("ws / hostile");

const MIB = 1024 * 1024;

type Server = InstanceType<typeof WebSocketServer>;
type ServerOptions = ConstructorParameters<typeof WebSocketServer>[0];

interface Pair {
  readonly server: Server;
  readonly served: WebSocket;
  readonly peer: Socket;
}

/** A server, one of its WebSockets, and the bare socket at its other end. */
async function open(options: ServerOptions = {}): Promise<Pair> {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1", ...options });
  await once(server, "listening");
  const peer = connect((server.address() as { port: number }).port, "127.0.0.1");
  peer.on("error", () => {});
  peer.write(requestText());
  const [served] = await once(server, "connection");
  await once(peer, "readable");
  peer.read();
  return { server, served, peer };
}

async function close({ server, served, peer }: Pair): Promise<void> {
  peer.destroy();
  served.terminate();
  await new Promise((resolve) => server.close(resolve));
}

const fromClient = (opcode: number, payload: string | Uint8Array): Uint8Array =>
  encodeFrame(opcode, payload, { role: "client" });

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
}

for (const [name, throws] of [
  ["one event a turn", false],
  ["a listener that throws", true],
] as const) {
  test(`${name}: a peer that is faster is not read from, and its messages arrive`, async () => {
    const pair = await open({ allowSynchronousEvents: throws });
    let count = 0;
    const caught: unknown[] = [];
    const keep = (error: unknown): number => caught.push(error);
    if (throws) process.on("uncaughtException", keep);
    pair.served.on("message", () => {
      count++;
      if (throws) throw new Error("mine");
    });
    const total = 300_000;
    const frame = fromClient(Opcode.Text, "0123456789");
    const all = Buffer.concat(Array.from({ length: total }, () => frame));
    pair.peer.write(all);
    await turns(300);
    const { bytesRead } = pair.served._socket as Socket;
    assert.ok(count > 50, `${count} messages in 300 turns`);
    assert.ok(bytesRead < MIB, `${bytesRead} octets were read for ${count} messages`);
    if (throws) process.off("uncaughtException", keep);
    assert.is(caught.length, throws ? count : 0);
    await close(pair);
  });
}

test("what had come while it was paused is told before the close, when the peer is gone", async () => {
  const pair = await open();
  const seen: string[] = [];
  pair.served.on("message", (data) => {
    seen.push(String(data));
    if (seen.length === 1) pair.served.pause();
  });
  pair.served.on("close", () => seen.push("close"));
  pair.peer.write(Buffer.concat(["1", "2", "3"].map((text) => fromClient(Opcode.Text, text))));
  await once(pair.served, "message");
  pair.peer.resetAndDestroy();
  const closed = once(pair.served, "close");
  while (pair.served.readyState === WebSocket.OPEN) {
    pair.served.send("are you there?"); // a paused socket sees a reset where it writes
    await turns(1);
  }
  await closed;
  assert.equal(seen, ["1", "2", "3", "close"]);
  await close(pair);
});

for (const transport of transportsOf("wasm")) {
  test(`what had come while it was paused is told once when the peer does not answer a Close / ${transport}`, async () => {
    const before = process.env.WSIMD_TRANSPORT;
    process.env.WSIMD_TRANSPORT = transport;
    const pair = await open({ closeTimeout: 50 }).finally(() => {
      if (before === undefined) delete process.env.WSIMD_TRANSPORT;
      else process.env.WSIMD_TRANSPORT = before;
    });
    const seen: string[] = [];
    pair.served.on("message", (data) => seen.push(String(data)));
    pair.served.pause();
    pair.peer.write(Buffer.concat(["1", "2"].map((text) => fromClient(Opcode.Text, text))));
    await turns(20);
    pair.served.close();
    await once(pair.served, "close");
    assert.ok(["", "1,2"].includes(seen.join()), seen.join()); // as far as it was read
    await close(pair);
  });
}

test("an upgrade is not let in by a verifyClient that is no function", async () => {
  assert.throws(() => new WebSocketServer({ noServer: true, verifyClient: "yes" as never }), /verifyClient/);
  const server = new WebSocketServer({ noServer: true });
  server.options = { ...server.options, verifyClient: "later" as never };
  const request = requestHttp({ host: "127.0.0.1", port: 1 }).on("error", () => {});
  const headers = {
    upgrade: "websocket",
    "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
    "sec-websocket-version": "13",
  };
  const asked = { method: "GET", url: "/", headers, socket: {} } as never;
  const pair = await open();
  assert.throws(() => server.handleUpgrade(asked, pair.peer, Buffer.alloc(0), () => {}), /verifyClient/);
  request.destroy();
  await close(pair);
});

test("limits: a fraction of an octet is cut off, and what is no limit is an error at once", async () => {
  const pair = await open({ maxPayload: 3.7 });
  pair.served.on("error", () => {});
  const seen: unknown[] = [];
  pair.served.on("message", (data) => seen.push(String(data)));
  const closed = new Promise<void>((resolve) => pair.served.on("close", () => resolve(void seen.push("close"))));
  pair.peer.write(Buffer.concat([fromClient(Opcode.Text, "abc"), fromClient(Opcode.Text, "abcd")]));
  pair.peer.resume();
  await closed;
  assert.equal(seen, ["abc", "close"]);
  await close(pair);
  for (const maxPayload of [Number.NaN, -1, 0.5, "64kb", null])
    assert.throws(() => new WebSocketServer({ noServer: true, maxPayload: maxPayload as never }), /maxPayload/);
});

test("nothing follows a Close: what waited for a Blob is lost, with an error, when the peer has closed", async () => {
  const pair = await open();
  const lost: (string | undefined)[] = [];
  pair.served.send(Buffer.alloc(32 * MIB)); // more than a kernel takes: the connection lives on behind it
  const blob = new Blob(["blob"]);
  let read = (): void => {};
  const reading = new Promise<void>((resolve) => {
    read = resolve;
  });
  blob.arrayBuffer = () => reading.then(() => new ArrayBuffer(4));
  pair.served.send(blob, (error) => lost.push(error?.message));
  pair.served.send("after", (error) => lost.push(error?.message));
  pair.peer.write(fromClient(Opcode.Close, Uint8Array.of(3, 232)));
  while (pair.served.readyState === WebSocket.OPEN) await turns(1);
  read();
  while (lost.length < 2) await turns(1);
  let tail = Buffer.alloc(0);
  pair.peer.on("data", (chunk) => {
    tail = Buffer.concat([tail, chunk]).subarray(-16);
  });
  await once(pair.served, "close");
  assert.is(tail.toString("hex"), `${"00".repeat(12)}880203e8`);
  assert.ok(
    lost.every((message) => message?.startsWith("WebSocket is not open")),
    lost.join(),
  );
  await close(pair);
});

test("one event a turn, also behind a listener that has thrown", async () => {
  const pair = await open({ allowSynchronousEvents: false });
  const keep = (): void => {};
  process.on("uncaughtException", keep);
  let turn = 0;
  let isOver = false;
  const count = (): void => {
    turn++;
    if (!isOver) setImmediate(count);
  };
  count();
  const seen: number[] = [];
  pair.served.on("message", () => {
    seen.push(turn);
    if (seen.length === 2) throw new Error("mine");
  });
  pair.peer.write(Buffer.concat(Array.from({ length: 6 }, () => fromClient(Opcode.Text, "x"))));
  while (seen.length < 6) await turns(1);
  isOver = true;
  process.off("uncaughtException", keep);
  assert.is(new Set(seen).size, 6, seen.join());
  await close(pair);
});

test("a reason that is not UTF-8 is refused before anything has changed (§5.5.1)", async () => {
  const pair = await open();
  assert.throws(() => pair.served.close(1000, Buffer.of(0xff)), /UTF-8/);
  assert.is(pair.served.readyState, WebSocket.OPEN);
  await close(pair);
});

test("a queue of many behind a Blob goes out in order, and in time that grows with it", async () => {
  const pair = await open();
  let count = 0;
  const total = 50_000;
  pair.served.send(new Blob(["first"]));
  for (let index = 1; index < total; index++) pair.served.send("x");
  await new Promise<void>((resolve) => {
    pair.peer.on("data", (chunk) => {
      count += chunk.length;
      if (count === 7 + (total - 1) * 3) resolve();
    });
  });
  assert.is(pair.served.bufferedAmount, 0);
  await close(pair);
});

test("a timeout that the application set on the socket is put off by what is sent", async () => {
  const pair = await open();
  let timeouts = 0;
  const socket = pair.served._socket as Socket;
  socket.setTimeout(200, () => timeouts++);
  pair.peer.resume();
  for (let count = 0; count < 10; count++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    pair.served.send("still here");
  }
  assert.is(timeouts, 0);
  await close(pair);
});

test("what was sent goes before what the application does with the socket itself", async () => {
  const pair = await open();
  const octets: Buffer[] = [];
  pair.peer.on("data", (chunk) => octets.push(chunk));
  pair.served.send("A");
  pair.served.send("B");
  pair.served._socket!.end();
  await once(pair.peer, "end");
  assert.is(Buffer.concat(octets).toString("latin1"), "\x81\x01A\x81\x01B");
  await close(pair);
});

test("a stream of a WebSocket whose peer ended without a Close finishes, and closes", async () => {
  const { createWebSocketStream } = await import("../../bindings/ws/index.ts");
  const pair = await open();
  const stream = createWebSocketStream(pair.served);
  const seen: string[] = [];
  for (const name of ["end", "finish", "close"]) stream.on(name, () => seen.push(name));
  stream.on("end", () => stream.end()).resume();
  pair.peer.end();
  await once(stream, "close");
  assert.equal(seen, ["end", "finish", "close"]);
  await close(pair);
});

test("callbacks come in the order of what was sent, also of what was sent too late", async () => {
  const pair = await open();
  const seen: string[] = [];
  const note = (name: string) => (error?: Error | null) => seen.push(error ? `${name} too late` : name);
  pair.served.send("a", note("a"));
  pair.served.send("b", note("b"));
  pair.served.close();
  pair.served.send("c", note("c"));
  pair.served.ping("d", undefined, note("d"));
  while (seen.length < 4) await turns(1);
  assert.equal(seen, ["a", "b", "c too late", "d too late"]);
  await close(pair);
});

test("a Receiver that is ended has told all that was written to it, also where that had to be inflated", async () => {
  const { PerMessageDeflate } = await import("../../bindings/ws/index.ts");
  const deflate = new PerMessageDeflate({ isServer: true });
  deflate.accept([{}]);
  const octets = Buffer.alloc(400_000, "many words, ");
  const compressed = await new Promise<Buffer>((resolve, reject) =>
    deflate.compress(octets, true, (error, made) => (error ? reject(error) : resolve(made!))),
  );
  const receiver = new Receiver({ extensions: { "permessage-deflate": deflate } });
  const seen: string[] = [];
  receiver.on("message", (data: Buffer) => seen.push(`message ${data.length}`));
  receiver.on("conclude", () => seen.push("conclude"));
  receiver.on("finish", () => seen.push("finish"));
  for (const frame of [
    Sender.frame(compressed, { opcode: 2, fin: true, rsv1: true }),
    Sender.frame("text", { opcode: 1, fin: true }),
    Sender.frame("", { opcode: 8, fin: true }),
  ])
    receiver.write(Buffer.concat(frame));
  if (!receiver.writableEnded) receiver.end();
  await once(receiver, "finish");
  assert.equal(seen, ["message 400000", "message 4", "conclude", "finish"]);
  deflate.cleanup();
});

test("a connection that has been busy and is quiet keeps no more than one that never was", async () => {
  const pair = await open();
  pair.served.on("message", (data, isBinary) => pair.served.send(data, { binary: isBinary }));
  pair.peer.write(fromClient(Opcode.Text, "once"));
  await once(pair.peer, "data");
  const connection = pair.served._receiver as { rest(): void; theReceiver: unknown; theSender: unknown };
  assert.not(connection.theReceiver === null);
  await turns(2);
  connection.rest();
  assert.is(connection.theReceiver, null);
  assert.is(connection.theSender, null);
  await close(pair);
});

test.run();
