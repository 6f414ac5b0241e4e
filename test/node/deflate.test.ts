// permessage-deflate over sockets: a server and both clients, off by default, against ws and undici, and with zlib by its
// handles and by Node's streams. RFC 7692.

import { once } from "node:events";
import { WebSocket as UndiciWebSocket } from "undici";
import * as assert from "uvu/assert";
import { type PerMessageDeflateOptions, WebSocketServer, WebSocket as WsWebSocket } from "ws";
import type { DeflateOptions } from "../../bindings/deflate/options.ts";
import { HandshakeError } from "../../bindings/errors/classes.ts";
import { serializeExtensions } from "../../bindings/handshake/index.ts";
import { connect, type ServerOptions, type Socket, WebSocket } from "../../bindings/node/index.ts";
import { zlibStreams } from "../../bindings/runtime/zlib.ts";
import { deflated, noise, words } from "../deflate/support.ts";
import { frame } from "../support/frames.ts";
import { concat, utf8 } from "../support/octets.ts";
import { serverSuite } from "./server-suite.ts";
import { RawClient, until, upgradeRequest, withServer } from "./support.ts";

const NAME = "permessage-deflate";

/** Echoes, and adds the extensions of each connection to `agreed`. */
function echoing(perMessageDeflate: ServerOptions["perMessageDeflate"], agreed: string[] = []): ServerOptions {
  return {
    perMessageDeflate,
    open: (socket: Socket) => void agreed.push(serializeExtensions(socket.extensions)),
    message: (socket: Socket, data: string | Uint8Array) => void socket.send(data),
  };
}

/** Messages of each kind: small, known before, large, ones that do not get smaller. */
const conversation: readonly (string | Uint8Array)[] = [
  "",
  "a",
  words(500),
  words(500),
  utf8(words(500)),
  "λόγος ".repeat(3000),
  noise(5000),
  words(400_000),
  noise(100_000),
  words(70_000),
];

const isSame = (one: string | Uint8Array, other: string | Uint8Array): boolean =>
  typeof one === typeof other && Buffer.from(one as string).equals(Buffer.from(other as string));

/** Options of both ends, and what they agree on. */
const agreements: readonly (readonly [server: DeflateOptions, client: DeflateOptions, agreed: string])[] = [
  [{}, {}, NAME],
  [
    { contextTakeover: false, peerContextTakeover: false },
    {},
    `${NAME}; server_no_context_takeover; client_no_context_takeover`,
  ],
  [
    {},
    { peerContextTakeover: false, windowBits: 10 },
    `${NAME}; server_no_context_takeover; client_max_window_bits=10`,
  ],
  [{ windowBits: 9, peerWindowBits: 9 }, {}, `${NAME}; server_max_window_bits=9; client_max_window_bits=9`],
  [{ provider: zlibStreams }, { provider: zlibStreams, threshold: 0 }, NAME],
];

const test = serverSuite("permessage-deflate");

test("is off by default: nothing is offered, nothing accepted, and RSV1 is refused (RFC 6455 §5.2)", async () => {
  for (const perMessageDeflate of [undefined, false]) {
    await withServer(echoing(perMessageDeflate), async ({ port }) => {
      const client = new RawClient(port);
      client.send(upgradeRequest({ "Sec-WebSocket-Extensions": NAME }));
      const { head } = await client.answer();
      assert.not(/extensions/i.test(head));
      client.send(frame({ opcode: 1, rsv: 4, maskingKey: new Uint8Array(4), payload: deflated("Hello") }));
      const [close] = await client.frameCount(1);
      assert.equal([close!.opcode, close!.payload[0]! * 256 + close!.payload[1]!], [8, 1002]);
      client.destroy();
    });
  }
  await withServer(echoing(true), async ({ url, server }) => {
    const heads: unknown[] = [];
    const socket = await connect(url, {});
    heads.push(serializeExtensions(socket.extensions));
    socket.terminate();
    const web = new WebSocket(url);
    await until(() => web.readyState === 1);
    heads.push(web.extensions);
    web.close();
    assert.equal(heads, ["", ""]);
    await until(() => server.sockets.size === 0);
  });
});

test("`connect` and the server agree, and every message comes back (RFC 7692 §7.1)", async () => {
  for (const [ours, theirs, agreed] of agreements) {
    const told: string[] = [];
    await withServer(echoing(ours, told), async ({ url }) => {
      const received: (string | Uint8Array)[] = [];
      const socket = await connect(url, {
        perMessageDeflate: theirs,
        message: (_: Socket, data: string | Uint8Array) => void received.push(data),
      });
      assert.is(serializeExtensions(socket.extensions), agreed);
      assert.equal(told, [agreed]);
      for (const data of conversation) socket.send(data);
      await until(() => received.length === conversation.length);
      for (const [index, data] of conversation.entries()) assert.ok(isSame(received[index]!, data), `message ${index}`);
      socket.terminate();
    });
  }
});

test("a loop over a socket gets what was compressed, to the last before the end", async () => {
  const options: ServerOptions = {
    perMessageDeflate: true,
    open(socket: Socket) {
      for (const data of conversation) socket.send(data);
      socket.close(1000, "bye");
    },
  };
  await withServer(options, async ({ url }) => {
    const socket = await connect(url, { perMessageDeflate: true });
    let index = 0;
    for await (const data of socket) assert.ok(isSame(data, conversation[index++]!), `message ${index}`);
    assert.is(index, conversation.length);
  });
});

test("the WHATWG class offers it where it is asked to, and says what was agreed", async () => {
  await withServer(echoing(true), async ({ url }) => {
    const web = new WebSocket(url, { perMessageDeflate: { windowBits: 12 } });
    web.binaryType = "arraybuffer";
    const received: (string | Uint8Array)[] = [];
    web.onopen = () => {
      for (const data of conversation) web.send(data as string);
    };
    web.onmessage = ({ data }: { data: unknown }) =>
      void received.push(typeof data === "string" ? data : new Uint8Array(data as ArrayBuffer));
    await until(() => received.length === conversation.length);
    assert.is(web.extensions, `${NAME}; client_max_window_bits=12`);
    for (const [index, data] of conversation.entries()) assert.ok(isSame(received[index]!, data), `message ${index}`);
    web.close();
    await until(() => web.readyState === 3);
  });
});

test("ws as the client, with every kind of option", async () => {
  const theirs: readonly (boolean | PerMessageDeflateOptions)[] = [
    true,
    { serverNoContextTakeover: true, clientNoContextTakeover: true, threshold: 0 },
    { serverMaxWindowBits: 9, clientMaxWindowBits: 9, threshold: 0 },
  ];
  for (const perMessageDeflate of theirs) {
    for (const ours of [true, { contextTakeover: false, peerContextTakeover: false }, { provider: zlibStreams }]) {
      await withServer(echoing(ours), async ({ url }) => {
        const ws = new WsWebSocket(url, { perMessageDeflate });
        const received: (string | Uint8Array)[] = [];
        ws.on("message", (data: Buffer, isBinary) => void received.push(isBinary ? data : data.toString()));
        await once(ws, "open");
        assert.match(ws.extensions, NAME);
        for (const data of conversation) ws.send(data);
        await until(() => received.length === conversation.length);
        for (const [index, data] of conversation.entries())
          assert.ok(isSame(received[index]!, data), `message ${index}`);
        ws.close();
        await once(ws, "close");
      });
    }
  }
});

test("undici's WebSocket as the client", async () => {
  const told: string[] = [];
  await withServer(echoing(true, told), async ({ url }) => {
    const web = new UndiciWebSocket(url);
    web.binaryType = "arraybuffer";
    const received: (string | Uint8Array)[] = [];
    web.onmessage = ({ data }) => void received.push(typeof data === "string" ? data : new Uint8Array(data));
    web.onopen = () => {
      for (const data of conversation) web.send(data as string);
    };
    await until(() => received.length === conversation.length);
    assert.match(told[0]!, NAME);
    for (const [index, data] of conversation.entries()) assert.ok(isSame(received[index]!, data), `message ${index}`);
    web.close();
    await until(() => web.readyState === 3);
  });
});

test("ws as the server, with every kind of option", async () => {
  const theirs: readonly (boolean | PerMessageDeflateOptions)[] = [
    false,
    true,
    { serverNoContextTakeover: true, clientNoContextTakeover: true, threshold: 0 },
    { serverMaxWindowBits: 9, clientMaxWindowBits: 10, threshold: 0 },
  ];
  for (const perMessageDeflate of theirs) {
    const server = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate });
    server.on("connection", (ws) => ws.on("message", (data, isBinary) => ws.send(data, { binary: isBinary })));
    await once(server, "listening");
    const { port } = server.address() as { port: number };
    const received: (string | Uint8Array)[] = [];
    const socket = await connect(`ws://127.0.0.1:${port}`, {
      perMessageDeflate: true,
      message: (_: Socket, data: string | Uint8Array) => void received.push(data),
    });
    assert.is(socket.extensions.length, perMessageDeflate === false ? 0 : 1);
    for (const data of conversation) socket.send(data);
    await until(() => received.length === conversation.length);
    for (const [index, data] of conversation.entries()) assert.ok(isSame(received[index]!, data), `message ${index}`);
    socket.terminate();
    await new Promise((resolve) => server.close(resolve));
  }
});

test("an answer that does not fit is a HandshakeError, and the socket is gone (§7.1)", async () => {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate: false });
  server.on("headers", (headers) => headers.push(`Sec-WebSocket-Extensions: ${NAME}; server_max_window_bits=15x`));
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  let error: unknown;
  await connect(`ws://127.0.0.1:${port}`, { perMessageDeflate: true }).catch((thrown: unknown) => {
    error = thrown;
  });
  assert.instance(error, HandshakeError);
  assert.is((error as HandshakeError).code, "WS_HANDSHAKE_RESPONSE_EXTENSIONS");
  await until(() => server.clients.size === 0);
  await new Promise((resolve) => server.close(resolve));
});

test("frames that come with the request are inflated too, and half a connection is answered", async () => {
  await withServer(echoing({ threshold: Number.POSITIVE_INFINITY }), async ({ port }) => {
    const client = new RawClient(port);
    const key = new Uint8Array(4);
    const large = deflated("x".repeat(600_000));
    client.send(
      concat(
        utf8(upgradeRequest({ "Sec-WebSocket-Extensions": NAME })),
        frame({ opcode: 1, rsv: 4, maskingKey: key, payload: large }),
        frame({ opcode: 1, maskingKey: key, payload: utf8("plain") }),
      ),
    );
    client.socket.end(); // its FIN comes while the first is inflated
    await client.answer();
    const frames = await client.frameCount(2);
    assert.equal([frames[0]!.payload.length, frames[1]!.payload.length], [600_000, 5]);
    await client.closed();
  });
});

test.run();
