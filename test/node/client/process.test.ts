// Clients in processes of their own: what was sent leaves before the process does, and a connection that is closed keeps no
// process alive.

import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Program, packageRoot, programFile } from "../../support/programs.ts";
import { closeCodeOf } from "../support.ts";
import { serverClose, withRawServer } from "./support.ts";

const test = suite("client process");
const entry = pathToFileURL(join(packageRoot, "dist/esm/node.js")).href;

/** A program that has `connect` and the URL of a server. */
function program(url: string, body: string): Program {
  const head = `import { connect } from ${JSON.stringify(entry)}; const url = ${JSON.stringify(url)};`;
  return Program.node(programFile(`${head}\n${body}`));
}

test("what was sent before process.exit leaves, in order", async () => {
  await withRawServer(
    (peer) => peer.accept(),
    async ({ url, peer }) => {
      const running = program(
        url,
        `const socket = await connect(url);
        for (const text of ["one", "two", "three"]) socket.send(text);
        process.exit(3);`,
      );
      assert.is(await running.ended, 3, running.stderr);
      const server = await peer();
      await server.until(() => server.isEnded || server.isClosed);
      assert.equal(
        server.frames.map(({ payload }) => Buffer.from(payload).toString()),
        ["one", "two", "three"],
      );
    },
  );
});

test("a process ends by itself once its connection is closed, though idleTimeoutMs is two minutes", async () => {
  await withRawServer(
    async (peer) => {
      await peer.accept();
      const frames = await peer.frameCount(1);
      assert.is(closeCodeOf(frames[0]!), 1000);
      peer.send(serverClose(1000));
      peer.socket.end();
    },
    async ({ url }) => {
      const running = program(
        url,
        `const socket = await connect(url, { close: (_, code) => console.log("closed", code) });
        socket.close(1000);`,
      );
      assert.is(await running.ended, 0, running.stderr);
      assert.is(running.stdout, "closed 1000\n");
    },
  );
});

test("a process ends by itself where the opening is refused", async () => {
  await withRawServer(
    async (peer) => {
      await peer.request();
      peer.send("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
    },
    async ({ url }) => {
      const running = program(url, `await connect(url).catch((error) => console.log(error.name, error.httpStatus));`);
      assert.is(await running.ended, 0, running.stderr);
      assert.is(running.stdout, "HandshakeError 403\n");
    },
  );
});

test("a stream that never comes keeps the process alive until the handshake timeout", async () => {
  const running = program(
    "ws://127.0.0.1/",
    `connect(url, { handshakeTimeoutMs: 200, connect: () => new Promise(() => {}) }).catch(({ code }) => console.log(code));`,
  );
  assert.is(await running.ended, 0, running.stderr);
  assert.is(running.stdout, "WS_HANDSHAKE_TIMEOUT\n");
});

test.run();
