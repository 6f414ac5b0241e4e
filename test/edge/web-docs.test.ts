// What docs/web.md shows for Deno and for workerd, run there, with the package ws as the other side.

import { once } from "node:events";
import { existsSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { WebSocket, WebSocketServer } from "ws";
import { nodeIn, withEsbuild } from "../support/bundlers.ts";
import { Program, packageRoot } from "../support/programs.ts";
import { shown } from "../support/shown.ts";
import { UserFolder } from "../support/user-folder.ts";
import { withWorker, workerdSuite } from "./workerd.ts";

const deno = join(packageRoot, ".peers/deno");

const test = workerdSuite("docs/web.md", (test) => {
  test("Deno is there", () => assert.ok(existsSync(deno), "node scripts/peers.mjs deno"));

  test("the server on Deno's conns echoes, with permission for the network alone", async () => {
    const folder = new UserFolder([]);
    folder.write("server.ts", shown("web", "js", "Deno.listen").replace("8080", "0"));
    const words = [
      "run",
      "--no-prompt",
      "--quiet",
      "--no-lock",
      "--node-modules-dir=manual",
      "--allow-net=127.0.0.1",
      "server.ts",
    ];
    const program = new Program(deno, words, folder.path, { DENO_NO_UPDATE_CHECK: "1" });
    try {
      const [url] = await program.line(/ws:\/\/\S+/);
      const client = new WebSocket(url);
      await once(client, "open");
      client.send("é語😀");
      const [data] = (await once(client, "message")) as [Buffer];
      assert.is(data.toString(), "é語😀");
      client.close(4000);
      assert.is((await once(client, "close"))[0], 4000);
    } finally {
      await program.stop();
      folder.remove();
    }
    assert.is(program.stderr, "");
  });

  test("the worker asks a server", async () => {
    const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
    server.on("connection", (socket) => socket.on("message", (data) => socket.send(`you said ${String(data)}`)));
    await once(server, "listening");
    const folder = new UserFolder([]);
    try {
      folder.write("worker.mjs", shown("web", "js", '"cloudflare:sockets"'));
      const options = { conditions: ["workerd"], external: ["cloudflare:sockets"] };
      const files = await withEsbuild(folder, "worker.mjs", options);
      assert.equal(nodeIn(files), []);
      const modules = [...files]
        .map(([name, content]) => ({
          name,
          kind: name.endsWith(".js") ? ("esModule" as const) : ("wasm" as const),
          content,
        }))
        .sort((first, second) => first.kind.localeCompare(second.kind));
      const peer = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
      const answer = await withWorker({ modules }, async (url) => (await fetch(`${url}?url=${peer}`)).text());
      assert.is(answer, "you said hello");
    } finally {
      folder.remove();
      for (const socket of server.clients) socket.terminate();
      server.close();
    }
  });
});

test.run();
