// What becomes of a connection that never opens. WebSockets Standard §2, RFC 6455 §4.1.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { HandshakeError } from "../../../bindings/index.ts";
import { WebSocket } from "../../../bindings/node/index.ts";
import { turns } from "../support.ts";
import { acceptance, Diary, eventOf, type RawPeer, withRawServer } from "./support.ts";

const test = suite("WebSocket / opening");

/** Answers that open nothing; each with what the client asked for. */
const failures: Readonly<Record<string, (peer: RawPeer) => void>> = {
  "a status": (peer) => peer.socket.end("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"),
  "a redirection": (peer) => peer.socket.end("HTTP/1.1 302 Found\r\nLocation: /there\r\n\r\n"),
  "a wrong accept": (peer) => peer.socket.write(acceptance("Sec-WebSocket-Key: wrong")),
  "no upgrade": (peer) => peer.socket.write("HTTP/1.1 101 Switching Protocols\r\n\r\n"),
  "none of the subprotocols": (peer) => peer.upgrade(),
  "a subprotocol that was not asked for": (peer) => peer.upgrade(["Sec-WebSocket-Protocol: other"]),
  "a subprotocol in another case": (peer) => peer.upgrade(["Sec-WebSocket-Protocol: Chat"]),
  "an extension that was not offered": (peer) =>
    peer.upgrade(["Sec-WebSocket-Protocol: chat", "Sec-WebSocket-Extensions: x-none"]),
  "no HTTP": (peer) => peer.socket.write("220 smtp.example ESMTP\r\n\r\n"),
  "half a head": (peer) => peer.socket.end("HTTP/1.1 101 Swi"),
  nothing: (peer) => peer.socket.end(),
};

for (const [answer, give] of Object.entries(failures)) {
  test(`an opening handshake with ${answer}: error, then close 1006, once`, async () => {
    await withRawServer(async (server) => {
      const ws = new WebSocket(server.url, "chat");
      const diary = new Diary(ws);
      const peer = await server.next();
      give(peer);
      await diary.closed;
      await peer.ended();
      await turns();
      assert.equal([ws.readyState, ws.protocol, ...diary.lines], [3, "", "error", "close 1006 unclean"]);
      assert.ok(diary.error instanceof HandshakeError, String(diary.error));
    });
  });
}

test("no server at all: error with the platform's error, then close 1006", async () => {
  let url = "";
  await withRawServer(async (server) => {
    url = server.url;
  });
  const ws = new WebSocket(url);
  const diary = new Diary(ws);
  await diary.closed;
  assert.equal(diary.lines, ["error", "close 1006 unclean"]);
  assert.is((diary.error as { readonly code?: string }).code, "ECONNREFUSED");
});

test("an answer without a subprotocol opens where none was asked for", async () => {
  await withRawServer(async (server) => {
    const ws = new WebSocket(server.url, []);
    (await server.next()).upgrade();
    await eventOf(ws, "open");
    assert.equal([ws.protocol, ws.extensions, ws.url], ["", "", `${server.url}/`]);
  });
});

test.run();
