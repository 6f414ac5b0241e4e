// The trial that decides whether sockets are read into linear memory, once a process: each test is a process of its own, most
// of them with something in Node changed before the server listens. Whatever is not as expected, listening neither hangs nor
// fails, and the server serves.

import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { isPossible } from "../../bindings/node/memory-reader.ts";
import { Program, packageRoot } from "../support/programs.ts";

const node = new URL("../../bindings/node/index.js", import.meta.url).href;

/** What most programs begin with: a server, a client of it, and what both show. */
const prelude = `
  import { once } from "node:events";
  import net from "node:net";
  import { syncBuiltinESMExports } from "node:module";
  import timers from "node:timers";
  const echo = { message: (socket, data) => socket.send(data) };
  /** The prototype that has a method of handles. */
  async function handlesWith(method) {
    const listening = net.createServer().listen(0, "127.0.0.1");
    await once(listening, "listening");
    const client = net.connect(listening.address().port, "127.0.0.1");
    await once(client, "connect");
    let found = client._handle;
    while (!Object.hasOwn(found, method)) found = Object.getPrototypeOf(found);
    client.destroy();
    listening.close();
    return found;
  }
  async function talk(where) {
    const { WebSocket } = await import(${JSON.stringify(import.meta.resolve("ws"))});
    const client = new WebSocket("ws://" + where);
    await once(client, "open");
    client.send("hello");
    const [data] = await once(client, "message");
    client.close();
    await once(client, "close");
    return String(data);
  }
`;

/** Runs a program as `node` would with `options`; its output, once it has ended by itself and without a word of complaint. */
async function run(source: string, env: Record<string, string> = {}, options: readonly string[] = []): Promise<string> {
  const script = `${prelude}\nconst wsimd = await import(${JSON.stringify(node)});\n${source}`;
  const program = new Program(process.execPath, [...options, "--input-type=module", "-e", script], packageRoot, {
    WSIMD_TRANSPORT: "",
    ...env,
  });
  const timer = setTimeout(() => program.child.kill("SIGKILL"), 20_000);
  assert.is(await program.ended, 0, program.stdout + program.stderr);
  clearTimeout(timer);
  return program.stdout.trim();
}

/** Listens with "auto", talks, and then asks for "memory". */
const show = `
  const server = wsimd.createServer(echo);
  const { port } = await server.listen({ port: 0, host: "127.0.0.1" });
  console.log(server.transport, await talk("127.0.0.1:" + port));
  await server.close();
  const strict = wsimd.createServer({ ...echo, transport: "memory" });
  await strict.listen({ port: 0, host: "127.0.0.1" }).then(
    () => console.log(strict.transport),
    (error) => console.log(error.code, error.message, error.cause instanceof Error, strict.address()));
  await strict.close();
`;

const surprises: readonly (readonly [what: string, change: string, why: RegExp])[] = [
  [
    "handles without useUserBuffer",
    `delete (await handlesWith("useUserBuffer")).useUserBuffer;`,
    /have no place for it/,
  ],
  ["sockets whose properties are not found", `Object.getOwnPropertySymbols = () => [];`, /have no place for it/],
  [
    "a buffer that nobody writes to",
    `(await handlesWith("useUserBuffer")).useUserBuffer = () => {};`,
    /other octets than were sent/,
  ],
  [
    "a buffer that only half is used of",
    `const handles = await handlesWith("useUserBuffer"), { useUserBuffer } = handles;
     handles.useUserBuffer = function (view) { useUserBuffer.call(this, view.subarray(0, 8)); };`,
    /8 octets, or elsewhere/,
  ],
  [
    "octets that come as events",
    `const { on } = net.Socket.prototype;
     net.Socket.prototype.on = function (name, listener) {
       if (name !== "data") return on.call(this, name, listener);
       net.Socket.prototype.on = on;
       queueMicrotask(() => this.emit("data", Buffer.alloc(1)));
       return this.on(name, listener);
     };`,
    /octets came as an event/,
  ],
  [
    "a pause that does not stop reading",
    `net.Socket.prototype.pause = (await import("node:stream")).Duplex.prototype.pause;`,
    /octets came during a pause/,
  ],
  [
    "octets that are not counted",
    `const handles = await handlesWith("useUserBuffer"), { useUserBuffer } = handles;
     handles.useUserBuffer = function (view) {
       Object.defineProperty(this, "bytesRead", { value: 0 });
       useUserBuffer.call(this, view);
     };`,
    /bytesRead is 0/,
  ],
  [
    "an end before its time",
    `const { end } = net.Socket.prototype;
     net.Socket.prototype.end = function (octets) { return end.call(this, octets?.length === 16 ? undefined : octets); };`,
    /1 reads/,
  ],
  [
    "an end that does not come",
    `const { end } = net.Socket.prototype;
     net.Socket.prototype.end = function (octets) { return octets?.length === 16 ? this.write(octets) : end.call(this, octets); };`,
    /took too long/,
  ],
  [
    "a socket that is reset",
    `const { end } = net.Socket.prototype;
     net.Socket.prototype.end = function (octets) { return octets?.length === 16 ? this.resetAndDestroy() : end.call(this, octets); };`,
    /ECONNRESET/,
  ],
  [
    "a port that may not be listened on",
    `const { listen } = net.Server.prototype;
     net.Server.prototype.listen = function (where, ...rest) {
       if (!where.exclusive) return listen.call(this, where, ...rest);
       throw Object.assign(new Error("listen EPERM"), { code: "EPERM" });
     };`,
    /EPERM/,
  ],
  [
    "a connection that may not be made",
    `const { connect } = net;
     net.connect = () => {
       net.connect = connect;
       syncBuiltinESMExports();
       throw Object.assign(new Error("connect ERR_ACCESS_DENIED"), { code: "ERR_ACCESS_DENIED" });
     };
     syncBuiltinESMExports();`,
    /ERR_ACCESS_DENIED/,
  ],
];

const trial = suite("trial");

for (const [what, change, why] of isPossible ? surprises : []) {
  trial(`${what}: servers read by data events, and "memory" is refused with the reason`, async () => {
    const [auto, strict] = (await run(`${change}\n${show}`)).split("\n");
    assert.is(auto, "data hello");
    assert.match(strict!, /^WS_TRANSPORT_REFUSED /);
    assert.match(strict!, why);
    assert.match(strict!, / true null$/);
  });
}

/** What is no surprise, though it comes between. */
const disturbances: readonly (readonly [what: string, change: string])[] = [
  ["nothing", ""],
  [
    "a process that is busy for seconds",
    `const { listen } = net.Server.prototype;
     net.Server.prototype.listen = function (...args) {
       net.Server.prototype.listen = listen;
       setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2500));
       return listen.apply(this, args);
     };`,
  ],
  [
    "a stranger who connects first, and resets",
    `const { listen } = net.Server.prototype;
     net.Server.prototype.listen = function (where, told) {
       net.Server.prototype.listen = listen;
       return listen.call(this, where, () => {
         const stranger = net.connect(this.address().port, "127.0.0.1", () => stranger.resetAndDestroy());
         stranger.once("close", () => setTimeout(told, 20));
       });
     };`,
  ],
  [
    "timers of a test's own that stand still",
    `const { setTimeout, setInterval, setImmediate } = timers;
     const real = { setTimeout, setInterval, setImmediate };
     for (const name of Object.keys(real)) globalThis[name] = timers[name] = () => ({ unref() {} });
     syncBuiltinESMExports();
     const early = wsimd.createServer(echo);
     await early.listen();
     Object.assign(globalThis, real);
     Object.assign(timers, real);
     syncBuiltinESMExports();
     await early.close();`,
  ],
];

for (const [what, change] of isPossible ? disturbances : []) {
  trial(`${what}: sockets are read into memory`, async () => {
    assert.is(await run(`${change}\n${show}`), "memory hello\nmemory");
  });
}

trial.run();

const choice = suite("transport / choice");

choice("WSIMD_TRANSPORT is the way of servers that are told none; an option is stronger", async () => {
  const source = `
    for (const transport of [undefined, "data"]) {
      const server = wsimd.createServer({ transport });
      await server.listen();
      console.log(server.transport);
      await server.close();
    }`;
  const best = isPossible ? "memory" : "data";
  for (const [name, found] of [
    ["", best],
    ["auto", best],
    ["data", "data"],
    ...(isPossible ? [["memory", "memory"]] : []),
  ]) {
    assert.is(await run(source, { WSIMD_TRANSPORT: name! }), `${found}\ndata`, name);
  }
});

choice("an unknown WSIMD_TRANSPORT is an error that names it", async () => {
  const source = `try { wsimd.createServer({}); } catch (error) { console.log(error.code, error.message); }`;
  assert.match(
    await run(source, { WSIMD_TRANSPORT: "kernel" }),
    /^WS_OPTION WSIMD_TRANSPORT must be "auto", "memory" or "data", not kernel$/,
  );
});

choice("a server that is told data opens no other port, and makes no connection", async () => {
  const source = `
    const { listen } = net.Server.prototype;
    let count = 0;
    net.Server.prototype.listen = function (...args) { count++; return listen.apply(this, args); };
    const server = wsimd.createServer({ transport: "data" });
    await server.listen();
    await server.close();
    console.log(count);`;
  assert.is(await run(source), "1");
});

choice("many servers share one trial", async () => {
  const source = `
    const { listen } = net.Server.prototype;
    let count = 0;
    net.Server.prototype.listen = function (...args) { count++; return listen.apply(this, args); };
    const servers = Array.from({ length: 5 }, () => wsimd.createServer({}));
    await Promise.all(servers.map((server) => server.listen()));
    console.log(count, new Set(servers.map(({ transport }) => transport)).size);
    await Promise.all(servers.map((server) => server.close()));`;
  assert.is(await run(source), isPossible ? "6 1" : "5 1");
});

choice.run();

const listening = suite("transport / listening");

listening("close() during the trial closes what listens then", async () => {
  const source = `
    const server = wsimd.createServer(echo);
    const listened = server.listen({ port: 0, host: "127.0.0.1" }).then(() => "listened", (error) => error.code);
    await server.close();
    console.log(await listened, server.address());`;
  assert.is(await run(source), "listened null");
});

listening("a second listen during the trial rejects, and close() waits for the first", async () => {
  const source = `
    const server = wsimd.createServer(echo);
    const where = { port: 0, host: "127.0.0.1" };
    const outcomes = Promise.all([1, 2].map(() => server.listen(where).then(() => "listened", (error) => error.code)));
    await server.close();
    console.log((await outcomes).join(), server.address());`;
  assert.is(await run(source), "listened,ERR_SERVER_ALREADY_LISTEN null");
});

listening("a signal that is aborted before anybody listens rejects with its reason", async () => {
  const source = `
    for (const when of ["before", "during", "afterwards"]) {
      const server = wsimd.createServer(echo);
      const controller = new AbortController();
      const reason = new Error("aborted " + when);
      if (when === "before") controller.abort(reason);
      const listened = server.listen({ port: 0, signal: controller.signal }).then(() => "listened", (error) => error.message);
      if (when === "during") controller.abort(reason);
      console.log(await listened);
      controller.abort(reason);
      await server.close();
    }`;
  assert.is(await run(source), "aborted before\naborted during\nlistened");
});

listening("on IPv6 and on a Unix socket sockets are read as on IPv4", async () => {
  const source = `
    const path = process.cwd() + "/build/trial-" + process.pid + ".sock";
    const { WebSocket } = await import(${JSON.stringify(import.meta.resolve("ws"))});
    for (const where of [{ port: 0, host: "::1" }, { port: 0, host: "::", ipv6Only: true }, { path }]) {
      const server = wsimd.createServer(echo);
      const bound = await server.listen(where).catch(({ code }) => code);
      if (bound === "EADDRNOTAVAIL" || bound === "EAFNOSUPPORT") continue; // a machine without IPv6
      const client = new WebSocket(where.path ? "ws+unix:" + path + ":/" : "ws://[::1]:" + bound.port);
      await once(client, "open");
      client.send("hello");
      const [data] = await once(client, "message");
      client.close();
      await once(client, "close");
      console.log(server.transport, String(data));
      await server.close();
    }`;
  for (const line of (await run(source)).split("\n")) assert.is(line, `${isPossible ? "memory" : "data"} hello`);
});

listening("threads, and a process with permissions, read as any other", async () => {
  const expected = `${isPossible ? "memory" : "data"} hello`;
  const talking = `
    const server = wsimd.createServer(echo);
    const { port } = await server.listen({ port: 0, host: "127.0.0.1" });
    const words = server.transport + " " + await talk("127.0.0.1:" + port);
    await server.close();`;
  const show = `${talking}\nconsole.log(words);`;
  assert.is(await run(show), expected);
  const flags = process.allowedNodeEnvironmentFlags;
  const permission = flags.has("--permission") ? "--permission" : "--experimental-permission";
  const options = [permission, "--allow-fs-read=*", "--no-warnings"];
  assert.is(await run(show, {}, flags.has("--allow-net") ? [...options, "--allow-net"] : options), expected);
  const inThread = `
    import { Worker } from "node:worker_threads";
    const source = ${JSON.stringify(`${prelude}\nconst wsimd = await import(${JSON.stringify(node)});${talking}\n(await import("node:worker_threads")).parentPort.postMessage(words);`)};
    const threads = [1, 2].map(() => new Worker(new URL("data:text/javascript," + encodeURIComponent(source))));
    console.log((await Promise.all(threads.map((thread) => once(thread, "message")))).join());`;
  assert.is(await run(inThread), `${expected},${expected}`);
});

listening("a process that may not use the network is told so by listen", async () => {
  if (!process.allowedNodeEnvironmentFlags.has("--allow-net")) return; // this Node asks no permission for that
  const source = `console.log(await wsimd.createServer(echo).listen().catch(({ code }) => code));`;
  assert.is(await run(source, {}, ["--permission", "--allow-fs-read=*", "--no-warnings"]), "ERR_ACCESS_DENIED");
});

listening("workers of a cluster share a port, and each reads in the same way", async () => {
  const program = Program.node(fileURLToPath(new URL("./cluster-program.js", import.meta.url)));
  assert.is(await program.ended, 0, program.stdout + program.stderr);
  const way = isPossible ? "memory" : "data";
  assert.is(program.stdout, `${way} ${way}\nhello hello hello hello\n`);
});

listening.run();
