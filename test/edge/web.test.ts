// wsimd/web in workerd: over sockets of its own with the package ws on loopback, over pairs of streams, and with more than one
// request at a time, none of which may do another's work.

import { once } from "node:events";
import type { AddressInfo } from "node:net";
import * as assert from "uvu/assert";
import { type RawData, type WebSocket, WebSocketServer } from "ws";
import { nodeIn, withEsbuild } from "../support/bundlers.ts";
import { UserFolder } from "../support/user-folder.ts";
import { type WorkerModule, withWorker, workerdSuite } from "./workerd.ts";

/** The worker, bundled as wrangler does. */
async function bundled(): Promise<WorkerModule[]> {
  const folder = new UserFolder(["test/edge/workers/web.mjs"]);
  try {
    const options = { conditions: ["workerd", "worker", "browser"], external: ["cloudflare:sockets"] };
    const files = await withEsbuild(folder, "web.mjs", options);
    assert.equal(nodeIn(files), [], "nothing of Node is imported");
    const kindOf = (name: string) => (name.endsWith(".js") ? ("esModule" as const) : ("wasm" as const));
    return [...files]
      .map(([name, content]) => ({ name, kind: kindOf(name), content }))
      .sort(({ kind: first }, { kind: second }) => first.localeCompare(second));
  } finally {
    folder.remove();
  }
}

function answer(socket: WebSocket, data: RawData, isBinary: boolean): void {
  const [word, code, ...reason] = isBinary ? [] : String(data).split(" ");
  if (word === "close") socket.close(Number(code), reason.join(" "));
  else socket.send(data, { binary: isBinary });
}

/** Runs the worker, and ws's server beside it, for as long as `use` takes. */
async function withBoth(use: (ask: (path: string, text?: string) => Promise<unknown>) => Promise<void>): Promise<void> {
  const server = new WebSocketServer({
    port: 0,
    host: "127.0.0.1",
    verifyClient: ({ req }: { readonly req: { readonly url?: string | undefined } }) => req.url !== "/refused",
  });
  server.on("connection", (socket) => socket.on("message", (data, isBinary) => answer(socket, data, isBinary)));
  await once(server, "listening");
  const peer = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    await withWorker({ modules: await bundled() }, (url) =>
      use(async (path, text = "") => {
        const response = await fetch(`${url}${path}?${new URLSearchParams({ url: peer, text })}`);
        const body = await response.text();
        assert.is(response.status, 200, body);
        return JSON.parse(body) as unknown;
      }),
    );
  } finally {
    for (const socket of server.clients) socket.terminate();
    server.close();
  }
}

const conversation = {
  kernel: "wasm",
  messages: ["é語😀", [1, 2, 3], "in three parts", 500_000],
  pongs: ["beat"],
  sent: { code: 4000, reason: "done" },
  received: { code: 4000, reason: "done" },
  error: null,
};

const test = workerdSuite("wsimd/web in workerd", (test) => {
  test("a client on its sockets: text, octets, a ping, fragments, and a close of its own", () =>
    withBoth(async (ask) => assert.equal(await ask("client"), conversation)));

  test("the peer's close code and reason; a refusal, and nobody there", () =>
    withBoth(async (ask) => {
      assert.equal(await ask("closed"), { code: 4321, reason: "as you wish" });
      const { refused, nobody } = (await ask("failing")) as Record<string, string>;
      assert.is(refused, "WS_HANDSHAKE_STATUS");
      assert.not.equal(nobody, "it did not");
    }));

  test("WebSocketStream", () =>
    withBoth(async (ask) => {
      const closed = { closeCode: 4001, reason: "enough" };
      assert.equal(await ask("stream"), { value: "hello", closed, end: true });
    }));

  test("a server made as the worker starts serves the streams of requests, one after the other", () =>
    withBoth(async (ask) => {
      for (const text of ["a", "b"])
        assert.equal(await ask("served", text), { answers: [`${text} 0`, `${text} 1`, `${text} 2`], open: 0 });
    }));

  test("two requests at a time, each with a client and a place at the server: none does another's work", () =>
    withBoth(async (ask) => {
      const outcomes = (await Promise.all([ask("both", "a"), ask("both", "b")])) as [unknown, { answers: string[] }][];
      for (const [index, [client, { answers }]] of outcomes.entries()) {
        const text = "ab"[index];
        assert.equal([client, answers], [conversation, [`${text} 0`, `${text} 1`, `${text} 2`]]);
      }
    }));

  test("time goes on for a request when that is over which began before it: no timer is shared", () =>
    withBoth(async (ask) => {
      const first = ask("timed", "first");
      assert.is(await ask("timed", "second"), "WS_HANDSHAKE_TIMEOUT");
      assert.is(await first, "done");
    }));
});

test.run();
