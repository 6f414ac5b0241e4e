// What a server is made of: options, where it listens, how its sockets are set up, the kernel and the end of the process.

import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Transport } from "../../bindings/connection/transport.ts";
import { UsageError } from "../../bindings/index.ts";
import type { ServerOptions, Socket } from "../../bindings/node/index.ts";
import { adapterUrl, createServer } from "../support/adapter.ts";
import { programFile } from "../support/programs.ts";
import { runtime } from "../support/runtime.ts";
import { serverSuite } from "./server-suite.ts";
import { assertTransport, clientFrame, deferred, kernelNames, RawClient, until, withServer } from "./support.ts";

const run = promisify(execFile);

const options = suite("server / options");

const wrong: readonly (readonly [name: string, value: unknown])[] = [
  ["maxMesageLength", 1000],
  ["maxMessageLength", "64kb"],
  ["maxMessageLength", Number.NaN],
  ["maxMessageLength", -1],
  ["maxMessageLength", 1.5],
  ["maxBufferedAmount", 0],
  ["maxProcessBuffered", null],
  ["maxHeadLength", 0],
  ["maxHeaderCount", "100"],
  ["handshakeTimeoutMs", 0],
  ["handshakeTimeoutMs", Number.POSITIVE_INFINITY],
  ["idleTimeoutMs", -5],
  ["closeTimeoutMs", Number.POSITIVE_INFINITY],
  ["text", "utf8"],
  ["exact", 1],
  ["clock", {}],
  ["transport", "kernel"],
  ["transport", null],
  ["transport", true],
  ["allowedOrigins", "https://example.com"],
  ["allowedOrigins", ["https://*.example.com"]],
  ["trustProxy", "yes"],
  ["protocols", "chat"],
  ["headers", { "X-Own": "a\r\nb: c" }],
  ["headers", { "Sec-WebSocket-Accept": "mine" }],
  ["message", "echo"],
  ["open", true],
  ["close", 1],
  ["request", {}],
  ["serverError", "log"],
];

for (const [name, value] of wrong) {
  options(`createServer refuses ${name}: ${typeof value === "object" ? JSON.stringify(value) : String(value)}`, () => {
    try {
      createServer({ [name]: value } as ServerOptions);
    } catch (error) {
      assert.instance(error, UsageError);
      assert.ok((error as Error).message.includes(name), `the message names no ${name}: ${String(error)}`);
      return;
    }
    assert.unreachable("it was accepted");
  });
}

options("createServer refuses what is no object", () => {
  for (const value of [undefined, null, 5, "echo"]) {
    assert.throws(
      () => createServer(value as unknown as ServerOptions),
      (error: unknown) => error instanceof UsageError,
    );
  }
});

options("a limit above 2^31 is taken as it is", () => {
  createServer({
    maxMessageLength: 3e9,
    maxBufferedAmount: 3e9,
    idleTimeoutMs: 3e9,
    maxProcessBuffered: Number.POSITIVE_INFINITY,
  });
});

options("an option that is undefined counts as left out", () => {
  const left = { maxMessageLength: undefined, message: undefined, clock: undefined, protocols: undefined };
  createServer(left as unknown as ServerOptions);
});

options.run();

const listening = serverSuite("server / listening");

listening("listen resolves with the bound address, address() tells it again", async () => {
  const server = createServer({});
  assert.is(server.address(), null);
  const address = await server.listen({ port: 0, host: "127.0.0.1" });
  assert.equal(server.address(), address);
  assert.is(typeof address === "object" && address.address, "127.0.0.1");
  assertTransport(server);
  await server.close();
  assert.is(server.address(), null);
});

listening("listen without a place takes a free port", async () => {
  const server = createServer({});
  const address = await server.listen();
  assert.ok(typeof address === "object" && address.port > 0);
  await server.close();
});

listening("on the path of a Unix socket it serves as on TCP", async () => {
  const folder = mkdtempSync(join(tmpdir(), "wsimd-"));
  const path = join(folder, "socket");
  const server = createServer({ message: (socket, data) => socket.send(data) });
  assert.is(await server.listen({ path }), path);
  assertTransport(server);
  const client = await RawClient.open(path);
  client.send(clientFrame(1, "over a path"));
  const [frame] = await client.frameCount(1);
  assert.is(Buffer.from(frame!.payload).toString(), "over a path");
  client.destroy();
  await server.close();
  rmSync(folder, { recursive: true });
});

listening("a port in use rejects with EADDRINUSE; the same server may then listen elsewhere", async () => {
  await withServer({}, async ({ port }) => {
    const server = createServer({});
    for (let attempt = 0; attempt < 2; attempt++) {
      await server.listen({ port, host: "127.0.0.1" }).then(
        () => assert.unreachable(),
        (error) => assert.is(error.code, "EADDRINUSE"),
      );
    }
    await server.listen({ port: 0, host: "127.0.0.1" });
    await server.close();
  });
});

listening("a port that is none rejects, and a second listen too, which does the first no harm", async () => {
  const server = createServer({});
  await server.listen({ port: 99_999 }).then(
    () => assert.unreachable(),
    (error) => assert.is(error.code, runtime === "node" ? "ERR_SOCKET_BAD_PORT" : "WS_OPTION"),
  );
  await server.listen({ port: 0, host: "127.0.0.1" });
  await server.listen({ port: 0, host: "127.0.0.1" }).then(
    () => assert.unreachable(),
    (error) => assert.is(error.code, "ERR_SERVER_ALREADY_LISTEN"),
  );
  assert.is.not(server.address(), null);
  await server.close();
});

listening.run();

const sockets = serverSuite("server / sockets");

sockets("remoteAddress, protocol, readyState and data belong to the connection", async () => {
  const opened = deferred<Socket<string>>();
  const closed = deferred<unknown>();
  const handlers: ServerOptions<string> = {
    protocols: ["p"],
    open(socket) {
      assert.is(socket.data, undefined);
      socket.data = "mine";
      opened.resolve(socket);
    },
    close: (socket) => closed.resolve([socket.data, socket.readyState]),
  };
  await withServer(handlers as ServerOptions, async ({ port, server }) => {
    const client = await RawClient.open(port);
    const socket = await opened.promise;
    assert.is(socket.remoteAddress, "127.0.0.1");
    assert.is(socket.protocol, "");
    assert.is(socket.readyState, 1);
    assert.ok(server.sockets.has(socket as Socket));
    client.socket.end();
    assert.equal(await closed.promise, ["mine", 3]);
  });
});

sockets("a hundred sends outside a batch leave in few writes; flush sends at once", async () => {
  const opened = deferred<Socket>();
  await withServer({ open: opened.resolve }, async ({ port }) => {
    const client = await RawClient.open(port);
    const socket = await opened.promise;
    const { link: transport } = socket as unknown as { link: Transport };
    let writeCount = 0;
    const { write } = transport;
    transport.write = (octets, more) => {
      writeCount++;
      return write.call(transport, octets, more);
    };
    for (let index = 0; index < 100; index++) socket.send(`${index}`);
    assert.is(writeCount, 1, "the first of a tick is written at once, the others wait for its end");
    socket.flush();
    // Deno is done with a write in a later tick: until then the others wait.
    assert.is(writeCount, runtime === "deno" ? 1 : 2);
    await client.frameCount(100);
    assert.is(writeCount, 2);
    client.destroy();
  });
});

sockets.run();

const processes = serverSuite("server / process");

const select = fileURLToPath(new URL("../../bindings/kernel/select.js", import.meta.url));

/** Runs a program in a process of its own. */
function program(source: string, env: Record<string, string> = {}): Promise<{ stdout: string; stderr: string }> {
  const text = `import { createServer } from ${JSON.stringify(adapterUrl)};\n${source}`;
  return run(process.execPath, [programFile(text)], { env: { ...process.env, ...env } });
}

processes("WSIMD_KERNEL chooses the kernel of a process", async () => {
  for (const kernel of kernelNames) {
    const source = `
      import { currentKernel } from ${JSON.stringify(select)};
      createServer({});
      console.log(currentKernel().name);`;
    assert.is((await program(source, { WSIMD_KERNEL: kernel })).stdout, `${kernel}\n`);
  }
});

processes("an unknown WSIMD_KERNEL is an error that says so", async () => {
  await program("createServer({})", { WSIMD_KERNEL: "gpu" }).then(
    () => assert.unreachable(),
    ({ stderr }) => assert.match(stderr, /kernel must be "auto", "wasm" or "scalar", not "?gpu/),
  );
});

/** A server in a process of its own that sends a hundred messages and leaves at once; what its peer got. */
async function farewell(handlers: string, afterListening: string): Promise<string[]> {
  const source = `import { createServer } from ${JSON.stringify(adapterUrl)};
    let last;
    const sendAll = (socket) => {
      socket.send(new Uint8Array(100_000));
      for (let index = 0; index < 100; index++) socket.send("message " + index);
    };
    const server = createServer({ ${handlers} });
    const { port } = await server.listen({ port: 0, host: "127.0.0.1" });
    console.log(port);
    ${afterListening}`;
  const child = execFile(process.execPath, [programFile(source)]);
  child.stderr!.pipe(process.stderr);
  let out = "";
  child.stdout!.on("data", (text: string) => (out += text));
  await until(() => out.includes("\n") || child.exitCode !== null);
  const client = await RawClient.open(Number(out), clientFrame(1, "go"));
  await client.ended();
  client.destroy();
  return client.frames.map(({ payload }) =>
    payload.length > 100 ? `${payload.length}` : Buffer.from(payload).toString(),
  );
}

const all = ["100000", ...Array.from({ length: 100 }, (_, index) => `message ${index}`)];

processes("send(); process.exit() inside a handler loses nothing", async () => {
  const received = await farewell("message(socket) { sendAll(socket); process.exit(); }", "");
  assert.equal(received, all);
});

processes("send(); process.exit() outside a handler loses nothing", async () => {
  const received = await farewell(
    "message(socket) { last = socket; }",
    "setInterval(() => { if (last) { sendAll(last); process.exit(); } }, 1);",
  );
  assert.equal(received, all);
});

processes("a process that listens lives on; once the server is closed it ends by itself", async () => {
  const source = `
    const server = createServer({});
    await server.listen({ port: 0, host: "127.0.0.1" });
    setTimeout(() => { console.log("alive"); server.close(); }, 20);`;
  assert.is((await program(source)).stdout, "alive\n");
});

processes(
  "what a handler throws, and no error handler takes, reaches the platform as an uncaught exception",
  async () => {
    const source = `
    process.on("uncaughtException", (error) => { console.log(error.message); process.exit(); });
    const server = createServer({ message() { throw new Error("mine"); } });
    const { port } = await server.listen({ port: 0, host: "127.0.0.1" });
    const { WebSocket } = await import(${JSON.stringify(import.meta.resolve("ws"))});
    const client = new WebSocket("ws://127.0.0.1:" + port);
    client.on("open", () => client.send("x"));`;
    assert.is((await program(source)).stdout, "mine\n");
  },
);

processes.run();
