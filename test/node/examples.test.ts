// The programs of examples/ run as they stand, against the built package.

import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { WebSocket } from "ws";
import { Program, packageRoot } from "../support/programs.ts";
import { serverSuite } from "./server-suite.ts";
import { ask, closeFrame, RawClient, upgradeRequest } from "./support.ts";

const test = serverSuite("examples");
const folder = join(packageRoot, "examples");

test("each is known to this suite and shorter than 30 lines", () => {
  const names = readdirSync(folder).filter((name) => name.endsWith(".mjs"));
  assert.equal(names.sort(), [
    "attach-to-http.mjs",
    "client.mjs",
    "codec-without-socket.mjs",
    "echo-server.mjs",
    "handshake-on-net.mjs",
  ]);
  for (const name of names) {
    const lines = readFileSync(join(folder, name), "utf8").trimEnd().split("\n");
    assert.ok(lines.length < 30, `${name} has ${lines.length} lines`);
  }
});

for (const name of ["attach-to-http.mjs", "echo-server.mjs", "handshake-on-net.mjs"]) {
  test(`${name} prints its address and sends back text, binary and a large message`, async () => {
    const program = Program.node(join(folder, name), "0");
    const [url] = await program.line(/ws:\/\/127\.0\.0\.1:\d+/);
    const client = new WebSocket(url);
    await once(client, "open");
    for (const sent of ["Grüße 👋", Buffer.from([0, 255]), Buffer.alloc(2 ** 20, 7), "x".repeat(100_000)]) {
      client.send(sent);
      const [data, isBinary] = await once(client, "message");
      assert.is(isBinary, typeof sent !== "string");
      assert.is(Buffer.compare(data, Buffer.from(sent)), 0);
    }
    client.close(4000, "done");
    const [code] = await once(client, "close");
    assert.is(code, 4000);
    const raw = await RawClient.open(Number(new URL(url).port));
    raw.send(closeFrame(1000));
    await raw.ended();
    raw.socket.end();
    await raw.closed();
    assert.is(raw.error, null);
    assert.is((await ask(Number(new URL(url).port), upgradeRequest({}, "POST / HTTP/1.1"))).httpStatus, 405);
    const abrupt = await RawClient.open(Number(new URL(url).port));
    abrupt.socket.resetAndDestroy();
    const after = await RawClient.open(Number(new URL(url).port));
    after.destroy();
    assert.is(program.stderr, "");
    await program.stop();
  });
}

test("client.mjs gets its lines back from the example server and closes", async () => {
  const server = Program.node(join(folder, "echo-server.mjs"), "0");
  const [url] = await server.line(/ws:\/\/127\.0\.0\.1:\d+/);
  const client = Program.node(join(folder, "client.mjs"), url);
  assert.is(await client.ended, 0);
  assert.is(client.stderr, "");
  assert.is(client.stdout, "hello\n世界\nbye\nclosed: 1000\n");
  await server.stop();
});

test("codec-without-socket.mjs carries a message both ways and closes", async () => {
  const program = Program.node(join(folder, "codec-without-socket.mjs"));
  assert.is(await program.ended, 0);
  assert.is(program.stderr, "");
  assert.is(program.stdout, "client: you said hello, 世界\nserver: closed 1000 done\n");
});

test.run();
