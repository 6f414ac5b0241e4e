// The load's way to clients: a server on bare sockets that answers their opening handshakes and hands the connections to the load.

import assert from "node:assert/strict";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { acceptKey } from "../../bindings/index.ts";
import type { Load } from "../load.ts";
import { isHead, readUntil, Wire } from "../wire.ts";

export interface Listening {
  readonly port: number;
  /** That many clients have come, and each has answered once. */
  readonly accepted: Promise<unknown>;
}

/** Listens for a number of clients and no more. */
export async function listen(load: Load, count: number): Promise<Listening> {
  const server = createServer({ noDelay: true });
  const sockets = new Promise<Socket[]>((resolve) => {
    const come: Socket[] = [];
    server.on("connection", (socket) => {
      come.push(socket);
      if (come.length === count) resolve(come);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const accepted = sockets.then((all) => {
    server.close();
    return Promise.all(all.map((socket) => accept(socket, load)));
  });
  return { port, accepted };
}

/** RFC 6455 §4.2.2, without extensions: what a client offers is not taken up. */
async function accept(socket: Socket, load: Load): Promise<void> {
  const wire = Wire.onEvents(socket);
  const head = await readUntil(wire, isHead);
  const key = /^sec-websocket-key: *(\S+)/im.exec(head.toString("latin1"))?.[1];
  assert.ok(key !== undefined, "a request without Sec-WebSocket-Key");
  socket.write(
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
      `Sec-WebSocket-Accept: ${acceptKey(key)}\r\n\r\n`,
  );
  await load.adopt(wire);
}
