// The load's way to a server: a connection on a bare socket, its opening handshake done.

import assert from "node:assert/strict";
import { connect, type Socket } from "node:net";
import { isHead, readUntil } from "../load.ts";

const upgrade =
  "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
  "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

export async function dial(port: number): Promise<Socket> {
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  socket.write(upgrade);
  const head = await readUntil(socket, isHead);
  assert.match(head.toString("latin1"), /^HTTP\/1\.1 101 /);
  return socket;
}
