// What the constructor takes beyond the standard: options in the place of the subprotocols, or after them.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { UsageError } from "../../../bindings/index.ts";
import { WebSocket } from "../../../bindings/node/index.ts";
import { withRawServer } from "./support.ts";

const test = suite("WebSocket / options");

const url = "ws://127.0.0.1/";

/** Asserts that a constructor's call is our caller's mistake. */
function isMistake(...args: readonly unknown[]): void {
  assert.throws(
    () => (Reflect.construct(WebSocket, [url, ...args]) as WebSocket).close(),
    (error: unknown) => error instanceof UsageError,
  );
}

test("options stand in the second place, subprotocols among them, or in the third", async () => {
  await withRawServer(async (server) => {
    const headers = { "X-Test": "yes" };
    for (const args of [
      [{ protocols: ["a", "b"], headers }],
      [["a", "b"], { headers }],
      [new Set(["a", "b"]), { headers, protocols: undefined }],
      [undefined, { protocols: ["a", "b"], headers }],
    ]) {
      const ws = Reflect.construct(WebSocket, [server.url, ...args]) as WebSocket;
      const { request } = await server.next();
      ws.close();
      assert.match(request, /^x-test: yes\r$/im);
      assert.match(request, /^sec-websocket-protocol: a, b\r$/im);
    }
  });
});

test("subprotocols of options are judged as those of the argument: a SyntaxError", () => {
  for (const protocols of ["", ["a", "a"], "a b"]) {
    assert.throws(
      () => new WebSocket(url, { protocols }),
      (error: unknown) => error instanceof DOMException && error.name === "SyntaxError",
    );
  }
});

test("an option that nobody reads, and one of the wrong kind, is a UsageError", () => {
  isMistake({ maxMessageLenght: 1 });
  isMistake([], { perMessageDeflated: true });
  isMistake({ perMessageDeflate: 1 });
  isMistake({ streamFrom: 1 });
  isMistake({ message: () => {} });
  isMistake({ maxMessageLength: "64kb" });
  isMistake({ maxBufferedAmount: 0 });
  isMistake({ handshakeTimeoutMs: -1 });
  isMistake({ signal: {} });
  isMistake({ clock: 1 });
  isMistake({ connect: "net" });
});

test("options that are no object are a UsageError", () => {
  for (const options of [1, "chat", true, null, ["a"]]) isMistake([], options);
});

test("subprotocols twice, and options twice, are a UsageError", () => {
  isMistake("a", { protocols: "a" });
  isMistake([], { protocols: [] });
  isMistake({}, {});
});

test("fields that the handshake itself sets are a UsageError", () => {
  isMistake({ headers: { "Sec-WebSocket-Key": "x" } });
  isMistake({ headers: { "a b": "c" } });
});

test.run();
