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

test.run();
