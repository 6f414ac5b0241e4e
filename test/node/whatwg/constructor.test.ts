// The constructor's steps on its URL and its subprotocols. WebSockets Standard §3.1, `new WebSocket(url, protocols)`.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { WebSocket } from "../../../bindings/node/index.ts";
import { turns } from "../support.ts";
import { eventOf, nameOf, type RawServer, withRawServer } from "./support.ts";

const test = suite("WebSocket / constructor");

/** The `url` of a WebSocket that never connects. */
function urlOf(url: unknown): string {
  const ws = new WebSocket(url as string);
  ws.close();
  return ws.url;
}

/** What a constructor's call throws: a DOMException's name, or a class's. */
const thrown = (...args: readonly unknown[]): string =>
  nameOf(() => (Reflect.construct(WebSocket, args) as WebSocket).close());

/** What the server sees of the subprotocols. */
async function asked(server: RawServer, protocols: unknown): Promise<string | undefined> {
  const ws = new WebSocket(server.url, protocols as string);
  const { request } = await server.next();
  ws.close();
  return /^sec-websocket-protocol: (.*)\r$/im.exec(request)?.[1];
}

test("url is the serialized URL", () => {
  assert.is(urlOf("ws://LOCALHOST:80/a b?ü#".slice(0, -1)), "ws://localhost/a%20b?%C3%BC");
  assert.is(urlOf("  wss://127.0.0.1:443/x/../y\n"), "wss://127.0.0.1/y");
  assert.is(urlOf("ws://0x7f.1"), "ws://127.0.0.1/");
});

test("http becomes ws, and https wss", () => {
  assert.is(urlOf("http://127.0.0.1:81/a"), "ws://127.0.0.1:81/a");
  assert.is(urlOf("https://127.0.0.1/a"), "wss://127.0.0.1/a");
  assert.is(urlOf("HTTP://127.0.0.1:443/"), "ws://127.0.0.1:443/");
});

test("a URL object, or any object with a string in it, is converted", () => {
  assert.is(urlOf(new URL("http://127.0.0.1/b")), "ws://127.0.0.1/b");
  assert.is(urlOf({ toString: () => "ws://127.0.0.1/c" }), "ws://127.0.0.1/c");
});

test("a lone surrogate becomes U+FFFD (USVString)", () => {
  assert.is(urlOf("ws://127.0.0.1/\ud800?\udfff"), "ws://127.0.0.1/%EF%BF%BD?%EF%BF%BD");
});

test("what is no absolute URL is a SyntaxError: Node has no base URL", () => {
  for (const url of [
    "",
    "/chat",
    "chat",
    "//127.0.0.1/",
    "?x",
    "ws:",
    "ws://",
    "ws://[",
    "ws://a b/",
    "ws://h:65536/",
    null,
  ]) {
    assert.is(thrown(url), "SyntaxError", String(url));
  }
  assert.throws(
    () => new WebSocket("ws://["),
    (error: unknown) => error instanceof DOMException && error.code === 12,
  );
});

test("another scheme is a SyntaxError", () => {
  for (const scheme of ["ftp", "file", "mailto", "javascript", "data", "about", "wsss"]) {
    assert.is(thrown(`${scheme}://127.0.0.1/`), "SyntaxError", scheme);
  }
});

test("a fragment is a SyntaxError, an empty one too", () => {
  for (const end of ["#a", "#", "/?q#", "?#x"]) assert.is(thrown(`ws://127.0.0.1${end}`), "SyntaxError", end);
  assert.is(urlOf("ws://127.0.0.1/%23"), "ws://127.0.0.1/%23");
});

test("a symbol is a TypeError, as URL and as subprotocol, before the URL is looked at", () => {
  assert.is(thrown(Symbol("url")), "TypeError");
  assert.is(thrown("ftp://127.0.0.1", [Symbol("protocol")]), "TypeError");
  assert.is(thrown("ftp://127.0.0.1", Symbol("protocol")), "TypeError");
});

test("subprotocols come as a string, an array, or anything that is iterated over", async () => {
  await withRawServer(async (server) => {
    assert.is(await asked(server, undefined), undefined);
    assert.is(await asked(server, []), undefined);
    assert.is(await asked(server, "chat"), "chat");
    assert.is(await asked(server, ["chat", "superchat"]), "chat, superchat");
    assert.is(await asked(server, new Set(["b", "a"])), "b, a");
    assert.is(
      await asked(
        server,
        (function* () {
          yield "x";
          yield "y";
        })(),
      ),
      "x, y",
    );
    assert.is(
      await asked(
        server,
        Object.assign(() => {}, {
          *[Symbol.iterator]() {
            yield "f";
          },
        }),
      ),
      "f",
    );
    assert.is(await asked(server, new String("abc")), "a, b, c");
  });
});

test("subprotocols are converted to strings", async () => {
  await withRawServer(async (server) => {
    assert.is(await asked(server, 13), "13");
    assert.is(await asked(server, null), "null");
    assert.is(await asked(server, [1, null, { toString: () => "o" }]), "1, null, o");
  });
});

test("a subprotocol that is no token, or is asked for twice, is a SyntaxError", () => {
  const url = "ws://127.0.0.1/";
  for (const wrong of ["", " ", "a b", "a,b", "a/b", "ü", "\u0000", "a\t", "a\x7f", '"a"', "\ud800"]) {
    assert.is(thrown(url, wrong), "SyntaxError", JSON.stringify(wrong));
    assert.is(thrown(url, ["good", wrong]), "SyntaxError", JSON.stringify(wrong));
  }
  assert.is(thrown(url, ["a", "b", "a"]), "SyntaxError");
  assert.is(thrown(url, ["1", 1]), "SyntaxError");
});

test("subprotocols that differ in case are different", async () => {
  await withRawServer(async (server) => {
    assert.is(await asked(server, ["chat", "Chat"]), "chat, Chat");
    const ws = new WebSocket(server.url, ["chat", "Chat"]);
    (await server.next()).upgrade(["Sec-WebSocket-Protocol: Chat"]);
    await eventOf(ws, "open");
    assert.is(ws.protocol, "Chat");
  });
});

test("nothing is connected, and no event fires, before the constructor's caller is done", async () => {
  await withRawServer(async (server) => {
    let dialled = false;
    const connect = (): never => {
      dialled = true;
      throw new Error("no way");
    };
    const ws = new WebSocket(server.url, { connect });
    const events: string[] = [];
    for (const type of ["open", "error", "close"]) ws.addEventListener(type, () => events.push(type));
    assert.equal([dialled, ws.readyState, ws.protocol, ws.extensions, ws.bufferedAmount], [false, 0, "", "", 0]);
    await eventOf(ws, "close");
    assert.equal([dialled, ...events], [true, "error", "close"]);
  });
});

test("close() at once connects to nobody", async () => {
  await withRawServer(async (server) => {
    const ws = new WebSocket(server.url);
    ws.close();
    await eventOf(ws, "close");
    await turns();
    assert.is(server.connectionCount, 0);
  });
});

test.run();
