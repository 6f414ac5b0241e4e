// What the README and the docs show is run, and what they tabulate is compared with the code.

import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { ConnectionSettings } from "../../bindings/connection/settings.ts";
import { HandshakePolicy } from "../../bindings/handshake/index.ts";
import { OpeningSettings } from "../../bindings/node/client/options.ts";
import { createServer } from "../../bindings/node/index.ts";
import { platform } from "../../bindings/runtime/platform.ts";
import { ServerSettings } from "../../bindings/server/options.ts";

const root = new URL("../../../", import.meta.url);
const readme = readFileSync(new URL("README.md", root), "utf8");
const limits = readFileSync(new URL("docs/limits.md", root), "utf8");

/** The fenced blocks of JavaScript in a page. */
function blocks(page: string): string[] {
  return [...page.matchAll(/^```js\n([\s\S]*?)^```$/gm)].map((match) => match[1]!);
}

/** Runs a program as a user of the package would, and returns what it prints until it ends or `stopAt` appears. */
function run(program: string, stopAt: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(
      process.execPath,
      ["--input-type=module", "--eval", program],
      { cwd: fileURLToPath(root) },
      (error, stdout, stderr) => (error && !child.killed ? reject(new Error(stderr)) : resolve(stdout)),
    );
    let printed = "";
    child.stdout!.on("data", (text: string) => {
      printed += text;
      if (printed.includes(stopAt)) child.kill();
    });
  });
}

const test = suite("README and docs");

test("the README's echo server listens", async () => {
  const program = blocks(readme)[0]!.replace("port: 8080", "port: 0");
  assert.match(await run(program, "ws://127.0.0.1:"), /^ws:\/\/127\.0\.0\.1:\d+/);
});

test("the README's client gets its message back and closes", async () => {
  const server = createServer({ message: (socket, data) => socket.send(data) });
  const { port } = await server.listen({ port: 0, host: "127.0.0.1" });
  assert.is(await run(blocks(readme)[1]!.replace("8080", `${port}`), "nothing that is printed"), "hello\n");
  await server.close();
});

test("docs/client.md's WebSocket closes cleanly", async () => {
  const server = createServer({ message: (socket, data) => socket.send(data) });
  const { port } = await server.listen({ port: 0, host: "127.0.0.1" });
  const program = blocks(readFileSync(new URL("docs/client.md", root), "utf8")).at(-1);
  assert.is(await run(program!.replace("8080", `${port}`), "nothing that is printed"), "1000 true\n");
  await server.close();
});

test("the README's codec without a socket answers", async () => {
  assert.is((await run(blocks(readme)[2]!, "you said hello")).trim(), "you said hello");
});

test("docs/attach.md's servers print their addresses, and the one that is attached serves a page, too", async () => {
  const [attached, deciding] = blocks(readFileSync(new URL("docs/attach.md", root), "utf8"));
  for (const program of [attached!, deciding!]) {
    const isAttached = program === attached;
    const asked = isAttached
      ? `const { port } = http.address(); const page = await (await fetch("http://127.0.0.1:" + port)).text(); console.log(page);`
      : `const { connect } = await import("wsimd/node");
         const refused = await connect("ws://127.0.0.1:" + port).catch((error) => error.response.httpStatus);
         const socket = await connect("ws://127.0.0.1:" + port, { headers: { Authorization: "Bearer t0k3n" } });
         for await (const message of socket) console.log(refused, message);`;
    const wait = isAttached ? 'await new Promise((resolve) => http.on("listening", resolve));' : "";
    const printed = await run(`${program.replace("8080", "0")}\n${wait}${asked}`, isAttached ? "a page" : "hello");
    assert.match(printed, isAttached ? /ws:\/\/127\.0\.0\.1:\d+\/chat[\s\S]*a page/ : /401 hello, ada/);
  }
});

const pageOf = (name: string): string => readFileSync(new URL(`docs/${name}.md`, root), "utf8");

test("docs/streams.md's server writes a message to a file, and its client sends one", async () => {
  const folder = mkdtempSync(join(tmpdir(), "wsimd-docs-"));
  const [receiving, sending] = blocks(pageOf("streams"));
  const program = `${receiving!.replace("`upload-", `\`${folder}/upload-`)}
    const { connect } = await import("wsimd/node");
    const { port } = await server.listen({ port: 0, host: "127.0.0.1" });
    const socket = await connect("ws://127.0.0.1:" + port);
    ${sending!.replace('"film.mp4"', JSON.stringify(fileURLToPath(new URL("package.json", root))))}
    for await (const message of socket) { console.log(isSent, message); process.exit(); }`;
  try {
    assert.match(await run(program, "nothing that is printed"), "true done");
    const [name] = readdirSync(folder);
    assert.equal(readFileSync(join(folder, name!)), readFileSync(new URL("package.json", root)));
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("docs/compression.md's server compresses, and so does its connection without a server", async () => {
  const [server, own] = blocks(pageOf("compression"));
  const asking = `const { connect } = await import("wsimd/node");
    const { port } = await server.listen({ port: 0, host: "127.0.0.1" });
    const socket = await connect("ws://127.0.0.1:" + port, { perMessageDeflate: true });
    socket.send("hello");
    for await (const message of socket) { console.log(message, socket.extensions.length); process.exit(); }`;
  assert.is(await run(`${server}\n${asking}`, "nothing that is printed"), "hello 1\n");
  const serving = `import { createHandshakeRequest, parseRequestHead } from "wsimd";
    const { head } = createHandshakeRequest({ url: "ws://a/", extensions: [deflate.offer] });
    const written = [];
    const connection = serve(parseRequestHead(head), (octets) => written.push(octets), {});
    connection.send("hello ".repeat(100));
    console.log(written[1][0] === 0xc1, written[1].length < 100);`;
  assert.is(await run(`${own}\n${serving}`, "nothing that is printed"), "true true\n");
});

test("docs/migrating.md's servers listen, its connection answers, and its measurement begins", async () => {
  const [onWs, own, connection, measuring] = blocks(pageOf("migrating"));
  for (const program of [onWs!, own!])
    assert.match(await run(program.replace("8080", "0"), "ws://127.0.0.1:"), /^ws:\/\/127\.0\.0\.1:\d+/);
  assert.match(await run(connection!, "nothing that is printed"), /^13\n\d{3}\n$/); // "you said Hi" in a frame, then the answer
  assert.match(
    await run(`${measuring!.replace("10_000).unref()", "10)")}`, "us a message"),
    /^[\d.]+ us a message, 0 messages/,
  );
});

test("the README's server on Deno is the program that is run from the packed package, Bun's and Node's are it with another import", () => {
  const program = (name: string): string => readFileSync(new URL(`test/package/programs/${name}`, root), "utf8");
  const ofDeno = program("echo.deno.ts");
  assert.ok(readme.includes(`\`\`\`ts\n${ofDeno}\`\`\`\n`), "the README has another program");
  const serverOf = (text: string): string =>
    text.slice(text.indexOf("\nconst server"), text.indexOf("\nconst { port }"));
  for (const name of ["echo.bun.ts", "echo.mjs"]) assert.is(serverOf(program(name)), serverOf(ofDeno), name);
});

test("the README has no block of code that no test runs", () => {
  assert.is(blocks(readme).length, 3);
});

test("the README stays under 250 lines", () => {
  assert.ok(readme.split("\n").length < 250);
});

test("docs/limits.md has the defaults that are in force", () => {
  const connection = new ConnectionSettings({ role: "server" });
  const policy = new HandshakePolicy();
  const server = new ServerSettings({}, platform);
  const inForce: Record<string, number> = {
    maxMessageLength: connection.rules.maxMessageLength,
    maxBufferedAmount: connection.maxBufferedAmount,
    maxProcessBuffered: connection.maxProcessBuffered,
    idleTimeoutMs: connection.idleTimeoutMs,
    closeTimeoutMs: connection.closeTimeoutMs,
    handshakeTimeoutMs: server.handshakeTimeoutMs,
    maxHeadLength: policy.maxHeadLength,
    maxHeaderCount: policy.maxHeaderCount,
  };
  const documented = Object.fromEntries(
    [...limits.matchAll(/^\| `(\w+)` \| (\d+) \|/gm)].map(([, name, value]) => [name!, Number(value)]),
  );
  const { maxPayloadLength, ...shared } = documented;
  assert.equal(shared, inForce);
  const { handshakeTimeoutMs, bounds } = new OpeningSettings({});
  assert.is(handshakeTimeoutMs, shared.handshakeTimeoutMs);
  assert.is(bounds.maxHeadLength, shared.maxHeadLength);
  assert.is(bounds.maxHeaderCount, shared.maxHeaderCount);
  assert.is(maxPayloadLength, 16 * 1024 * 1024);
});

test("docs/limits.md says of every limit whether it may be Infinity", () => {
  const rows = [...limits.matchAll(/^\| `(\w+)` \| \d+ \| (yes|no) \|/gm)];
  const connectionNames = rows.filter(([, name]) => /^max(Message|Buffered|Process)|^idle|^close/.test(name!));
  assert.is(connectionNames.length, 5);
  for (const [, name, allowed] of connectionNames) {
    const make = (): unknown => new ConnectionSettings({ role: "server", [name!]: Number.POSITIVE_INFINITY });
    if (allowed === "yes") make();
    else assert.throws(make, (error: { code: string }) => error.code === "WS_OPTION", `${name} of Infinity`);
  }
});

test.run();
