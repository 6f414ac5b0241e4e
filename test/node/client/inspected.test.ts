// What console.log shows of sockets and events: what a reader of a log wants, and nothing of what is inside.

import { inspect } from "node:util";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { connect, WebSocket } from "../../../bindings/node/index.ts";
import { withServer } from "../support.ts";

const test = suite("client / console.log");

test("a socket is shown by its state, a WebSocket by its attributes, an event by what it tells", async () => {
  await withServer({ protocols: ["a"] }, async ({ url }) => {
    const socket = await connect(url, { protocols: ["a"], data: { name: "mine" } });
    assert.match(inspect(socket), /^Socket \{\s+readyState: 1,\s+protocol: 'a',[\s\S]*data: \{ name: 'mine' \}\s+\}$/);
    assert.not.match(inspect(socket), /receiver|kernel/);
    socket.terminate();
    const ws = new WebSocket(`${url}/path`);
    await new Promise((resolve) => ws.addEventListener("open", resolve));
    assert.match(inspect(ws), /^WebSocket \{\s+url: 'ws:.*\/path',\s+readyState: 1,/);
    ws.close(4000, "why");
    const closed = await new Promise((resolve) => ws.addEventListener("close", resolve));
    if (typeof (globalThis as { CloseEvent?: unknown }).CloseEvent === "undefined") {
      assert.match(inspect(closed), /^CloseEvent \{ type: 'close', wasClean: true, code: 4000, reason: '' \}$/);
    }
    const failed = new WebSocket("ws://127.0.0.1:1");
    const error = await new Promise((resolve) => failed.addEventListener("error", resolve));
    if (typeof (globalThis as { ErrorEvent?: unknown }).ErrorEvent === "undefined") {
      assert.match(inspect(error), /^ErrorEvent \{[\s\S]*message: '[^']*ECONNREFUSED/);
    }
  });
});

test("sockets that lead to one another through their data are shown once each, and as deep as is asked", async () => {
  await withServer({}, async ({ url }) => {
    const members = new Set<unknown>();
    const sockets = await Promise.all(
      Array.from({ length: 12 }, () => connect(url, { data: { members }, message: () => {} })),
    );
    for (const socket of sockets) members.add(socket);
    assert.ok(inspect(sockets[0]).length < 5000, "as deep as usual");
    for (const socket of sockets.slice(2)) members.delete(socket);
    assert.match(inspect(sockets[0], { depth: 10 }), /\[Circular Socket\]/);
    for (const socket of sockets) members.add(socket);
    assert.is(inspect({ socket: sockets[0] }, { depth: 0 }), "{ socket: [Socket] }");
    for (const socket of sockets) socket.terminate();
    const ws = new WebSocket(url);
    assert.is(inspect(new Proxy(ws, {}), { showProxy: false }), "WebSocket {}");
    ws.close();
    await new Promise((resolve) => ws.addEventListener("close", resolve));
  });
});

test.run();
