// Members that no documentation tells of and that packages use: socket.io, fastify, graphql-ws, livereload, puppeteer, mqtt
// and others were read for them.

import { once } from "node:events";
import { createServer } from "node:http";
import { Socket } from "node:net";
import { PassThrough, Writable } from "node:stream";
import { toHex } from "../../../support/octets.ts";
import type { Loose } from "../../implementations.ts";
import type { Scenarios } from "../../scenario.ts";
import { callback, closed, dial, drop, listen, pair, shut, turns, until } from "../../support.ts";
import { rawClient } from "../../wire.ts";

export const scenarios: Scenarios = {
  "_socket is the connection's socket": {
    covers: ["internals"],
    async run(scene) {
      const { client } = await pair(scene, {
        accept: (served, request) => {
          scene.log("server", served._socket === request.socket, served._socket instanceof Socket);
          scene.log("server", served._socket.remoteAddress, served._socket.remotePort > 0, served._socket.encrypted);
        },
        dialled: (client) => {
          scene.log("client", "connecting", client._socket, client._receiver, client._sender);
          client.on("open", () => {
            scene.log("client", client._socket instanceof Socket, client._socket.remoteAddress);
            scene.log("client", client._socket.unref() === client._socket, client._socket.ref() === client._socket);
          });
        },
      });
      client.close();
      await closed(client);
      scene.log("client", "still there after close", client._socket instanceof Socket, client._socket.destroyed);
    },
  },

  "the fields that tell the state": {
    covers: ["internals"],
    async run(scene) {
      const { served, client } = await pair(scene, { client: { perMessageDeflate: false, protocols: ["a"] } });
      for (const [actor, socket] of [
        ["server", served],
        ["client", client],
      ] as const) {
        const { _isServer, _readyState, _protocol, _extensions, _paused, _binaryType, _closeCode } = socket;
        scene.log(actor, { _isServer, _readyState, _protocol, _extensions, _paused, _binaryType, _closeCode });
        scene.log(actor, typeof socket._receiver, typeof socket._sender);
      }
      client.close(4000, "x");
      await Promise.all([closed(served), closed(client)]);
      for (const [actor, socket] of [
        ["server", served],
        ["client", client],
      ] as const) {
        const { _readyState, _closeCode, _closeMessage, _closeFrameReceived, _closeFrameSent } = socket;
        scene.log(actor, { _readyState, _closeCode, _closeMessage, _closeFrameReceived, _closeFrameSent });
      }
    },
  },

  "one frame made once, sent to many": {
    covers: ["Sender", "internals"],
    async run(scene) {
      const { wss, port } = await listen(scene, { perMessageDeflate: false });
      const served: Loose[] = [];
      wss.on("connection", (socket: Loose) => served.push(socket));
      const wires = [await rawClient(scene, port), await rawClient(scene, port)];
      await until(() => served.length === 2);
      const options = { readOnly: false, mask: false, rsv1: false, opcode: 1, fin: true };
      const list = scene.server.Sender.frame(Buffer.from("broadcast"), options);
      const before = list.map(toHex);
      for (const socket of served) {
        socket.send("first");
        scene.log(
          "server",
          socket._sender.sendFrame(list, (error: unknown) => scene.log("server", "sent", !error)),
        );
        socket._sender.sendFrame(list);
        socket.send("last");
      }
      for (const wire of wires) scene.log("peer", await wire.frames(4));
      await turns();
      scene.log("server", "unchanged", list.map(toHex).join() === before.join(), list.length);
    },
  },

  "setSocket() makes a WebSocket of any stream": {
    covers: ["internals"],
    sides: "client",
    async run(scene) {
      const { WebSocket } = scene.client;
      const made = new WebSocket(null, undefined, { isServer: false });
      scene.later(() => drop(made));
      scene.log("client", made.readyState, made._isServer, made.url, made.protocol);
      made._isServer = false;
      const sent = new PassThrough();
      const stream: Loose = Object.assign(new PassThrough(), {});
      stream._write = (chunk: Buffer, _: string, done: () => void) => {
        sent.write(chunk);
        done();
      };
      for (const name of ["open", "message", "ping", "close"]) made.on(name, callback(scene.log, "client", name));
      scene.log(
        "client",
        "returns",
        made.setSocket(stream, Buffer.from("8901", "hex"), { maxPayload: 0 }),
        made.readyState,
      );
      const came = once(made, "message");
      stream.push(Buffer.from("70", "hex")); // the rest of a ping that holds "p"
      stream.push(Buffer.from("81024869", "hex")); // text "Hi"
      await came;
      made.send("answer", { mask: false });
      await turns(3);
      const parts: Buffer[] = []; // how many there are is the stream's affair
      for (let part = sent.read() as Buffer | null; part !== null; part = sent.read() as Buffer | null)
        parts.push(part);
      scene.log("peer", Buffer.concat(parts));
      made.terminate();
      await closed(made);
    },
  },

  "setSocket() of a server's end": {
    covers: ["internals"],
    sides: "server",
    async run(scene) {
      const made = new scene.server.WebSocket(null, undefined, {});
      scene.later(() => drop(made));
      const written: Buffer[] = [];
      const stream: Loose = new PassThrough();
      stream._write = (chunk: Buffer, _: string, done: () => void) => {
        written.push(chunk);
        done();
      };
      made.setSocket(stream, Buffer.alloc(0), {});
      made.on("ping", callback(scene.log, "server", "ping, and no pong without autoPong"));
      const pinged = once(made, "ping");
      stream.push(Buffer.from("898000000000", "hex"));
      await pinged;
      made.send("Hi");
      await turns(3);
      scene.log("peer", Buffer.concat(written));
      made.terminate();
      scene.log("server", "close", ...(await closed(made)));
    },
  },

  "wss._server and wss.options": {
    covers: ["internals", "server.close"],
    sides: "server",
    async run(scene) {
      const { wss } = await listen(scene, { path: "/x" });
      scene.log("server", wss._server.listening, wss.options.path, wss.options.noServer);
      wss._server.close();
      wss.close();
      await once(wss, "close");
      scene.log("server", "after close", wss._server);
      const server = createServer();
      const attached = new scene.server.WebSocketServer({ server });
      scene.log("server", "given", attached._server === server, attached.options.server === server);
      attached.close();
      const alone = new scene.server.WebSocketServer({ noServer: true });
      scene.log("server", "none", alone._server);
      alone.close();
    },
  },

  "options written after construction count at the next upgrade": {
    covers: ["internals", "server option handleProtocols", "server option verifyClient", "option maxPayload"],
    sides: "server",
    async run(scene) {
      const { wss, port } = await listen(scene);
      wss.options.handleProtocols = (protocols: Set<string>) => [...protocols].pop();
      scene.log("peer", (await rawClient(scene, port, { "Sec-WebSocket-Protocol": "a, b" })).headLines().pop());
      wss.options.verifyClient = () => false;
      scene.log("peer", (await rawClient(scene, port)).headLines()[0]);
      wss.options.verifyClient = null;
      wss.options.maxPayload = 1;
      const connected = once(wss, "connection");
      const wire = await rawClient(scene, port);
      const [served] = (await connected) as Loose[];
      served.on("error", callback(scene.log, "server", "error"));
      wire.send("81 82 00 00 00 00 48 69");
      scene.log("peer", await wire.rest());
      wire.end();
      await closed(served);
    },
  },

  "without its own listeners a server still closes": {
    covers: ["server.close", "internals"],
    async run(scene) {
      const { wss, client, served } = await pair(scene);
      wss.removeAllListeners();
      served.removeAllListeners();
      client.removeAllListeners();
      client.once("close", callback(scene.log, "client", "close"));
      await new Promise<void>((resolve) => {
        wss.close((error: unknown) => {
          scene.log("server", "closed", error);
          resolve();
        });
        client.close(1000, "x");
      });
      await until(() => client.readyState === 3);
    },
  },

  "an upgrade handled turns after its event": {
    covers: ["server.handleUpgrade", "internals"],
    async run(scene) {
      const server = createServer().listen(0, "127.0.0.1");
      await once(server, "listening");
      const wss = new scene.server.WebSocketServer({ noServer: true });
      scene.later(() => new Promise((resolve) => server.close(resolve)));
      scene.later(() => shut(wss));
      const { port } = server.address() as { port: number };
      server.on("upgrade", async (request, socket, head) => {
        await turns(5);
        // By now octets that the parser did not see wait in the socket.
        await until(() => socket.readableLength > 0 || head.length > 0 || request.url !== "/early");
        wss.handleUpgrade(request, socket, head, (served: Loose) => {
          served.on("message", (data: unknown) => scene.log("server", "message", data));
          served.send("hello");
        });
      });
      const client = dial(scene, `ws://127.0.0.1:${port}`);
      client.on("open", () => client.send("after open"));
      await once(client, "message");
      client.close();
      await closed(client);
    },
  },

  "the upgrade leaves as one chunk": {
    covers: ["internals", "server.handleUpgrade"],
    sides: "server",
    async run(scene) {
      const wss = new scene.server.WebSocketServer({ noServer: true });
      scene.later(() => shut(wss));
      const headers = {
        connection: "upgrade",
        upgrade: "websocket",
        "sec-websocket-version": 13,
        "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
      };
      for (const changes of [{}, { upgrade: "h2c" }]) {
        const chunks: string[] = [];
        const socket: Loose = new PassThrough();
        socket._write = (chunk: Buffer, _: string, done: () => void) => {
          chunks.push(chunk.toString("latin1"));
          done();
        };
        wss.handleUpgrade(
          { method: "GET", headers: { ...headers, ...changes } },
          socket,
          Buffer.alloc(0),
          (served: Loose) => scene.log("server", "upgraded", served.readyState),
        );
        await turns(3);
        scene.log("peer", chunks.length, chunks[0]?.split("\r\n")[0], chunks[0]?.endsWith("\r\n\r\n"));
      }
    },
  },

  "bufferedAmount counts headers, as the socket does": {
    covers: ["internals", "websocket.bufferedAmount"],
    async run(scene) {
      const { served, client } = await pair(scene);
      served.pause();
      client.send(Buffer.alloc(32 * 1024 * 1024)); // more than a kernel takes
      await turns();
      const before = client.bufferedAmount;
      scene.log("client", "behind", before > 0);
      client.send("12345");
      scene.log("client", "a frame of 5", client.bufferedAmount - before);
      client.send(Buffer.alloc(200));
      scene.log("client", "and one of 200", client.bufferedAmount - before);
      served.resume();
      await until(() => client.bufferedAmount === 0);
    },
  },

  "a class that extends WebSocket": {
    covers: ["new WebSocket", "internals"],
    async run(scene) {
      const { url } = await listen(scene);
      class Mine extends scene.client.WebSocket {
        constructor(address: string) {
          super(address, undefined, { headers: { "X-Mine": "1" } });
        }
        emit(name: string, ...values: unknown[]): boolean {
          scene.log("client", "emit", name, values.length);
          return super.emit(name, ...values);
        }
      }
      const client: Loose = Reflect.construct(Mine, [url]);
      scene.later(() => drop(client));
      await once(client, "open");
      scene.log("client", client instanceof scene.client.WebSocket, client.constructor.name, Mine.OPEN);
      client.close();
      await closed(client);
    },
  },

  "a class that extends WebSocketServer": {
    covers: ["new WebSocketServer", "internals"],
    sides: "server",
    async run(scene) {
      class Mine extends scene.server.WebSocketServer {
        completeUpgrade(...values: unknown[]): void {
          scene.log("server", "completeUpgrade", values.length);
          super.completeUpgrade(...values);
        }
        shouldHandle(request: Loose): boolean {
          return request.url === "/mine" || super.shouldHandle(request);
        }
      }
      const wss: Loose = Reflect.construct(Mine, [{ port: 0, host: "127.0.0.1", path: "/theirs" }]);
      scene.later(() => shut(wss));
      await once(wss, "listening");
      const wire = await rawClient(scene, wss.address().port);
      scene.log("peer", wire.headLines()[0]);
      for (const path of ["/mine", "/theirs"]) {
        const client = dial({ ...scene, client: scene.server }, `ws://127.0.0.1:${wss.address().port}${path}`);
        await once(client, "open");
        scene.log("client", path, client.readyState);
      }
    },
  },

  "the sender's place can be looked at": {
    covers: ["Receiver", "Sender", "internals"],
    async run(scene) {
      const { served, client } = await pair(scene);
      for (const [actor, socket, api] of [
        ["server", served, scene.server],
        ["client", client, scene.client],
      ] as const) {
        scene.log(actor, socket._sender instanceof api.Sender, socket._sender._bufferedBytes);
        scene.log(actor, socket._sender._socket === socket._socket);
      }
    },
  },

  "the receiver's place": {
    covers: ["Receiver", "internals"],
    sides: "server",
    async run(scene) {
      const { served } = await pair(scene);
      scene.log("server", served._receiver instanceof scene.server.Receiver, served._receiver instanceof Writable);
    },
    differs: [
      {
        reason: "a connection receives, and no stream: nobody writes to it, nor listens",
        side: "server",
        transcript: { server: ["false false"] },
      },
    ],
  },
};
