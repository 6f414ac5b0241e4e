// The package as a user gets it: packed, installed into empty folders without a network, imported, required, compiled
// against, run. Packs what is built: the build has to be done before.

import { execFile } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { WebSocket } from "ws";
import { Program, packageRoot } from "../support/programs.ts";

const run = promisify(execFile);

interface Context {
  /** Holds the tarball and the folders it is installed into; goes away with the suite. */
  root: string;
  /** Where the package is installed. */
  folder: string;
  packed: string[];
}

const test = suite<Context>("package", { root: "", folder: "", packed: [] });

const manifest = JSON.parse(readFileSync(join(packageRoot, "package.json"), "utf8")) as {
  readonly version: string;
  readonly exports: Record<string, unknown>;
};

/** npm must not tell of newer versions, nor look for any. */
const quiet = ["--offline", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error"];

/** uvu tells nothing of a hook that throws. */
const saying = (hook: (context: Context) => Promise<void>) => (context: Context) =>
  hook(context).catch((error: unknown) => {
    console.error(error);
    throw error;
  });

test.before(
  saying(async (context) => {
    context.root = mkdtempSync(join(tmpdir(), "wsimd-package-"));
    const pack = ["pack", "--ignore-scripts", "--json", "--pack-destination", context.root, ...quiet];
    const { stdout } = await run("npm", pack, { cwd: packageRoot });
    const answer = JSON.parse(stdout) as unknown;
    const [packed] = (Array.isArray(answer) ? answer : Object.values(answer as object)) as [
      { readonly filename: string; readonly files: readonly { readonly path: string }[] },
    ];
    context.packed = packed.files.map(({ path }) => path);
    context.folder = join(context.root, "user");
    mkdirSync(context.folder);
    writeFileSync(join(context.folder, "package.json"), '{ "name": "user", "private": true }\n');
    await run("npm", ["install", join(context.root, packed.filename), ...quiet], { cwd: context.folder });
  }),
);

test.after(({ root }) => {
  rmSync(root, { recursive: true, force: true });
});

/** Runs a program in the user's folder and returns what it writes. */
async function user({ folder }: Context, name: string, source: string, ...nodeOptions: string[]): Promise<string> {
  writeFileSync(join(folder, name), source);
  const { stdout, stderr } = await run(process.execPath, [...nodeOptions, name], { cwd: folder });
  assert.is(stderr, "");
  return stdout.trim();
}

test("holds what runs, its declarations, docs and examples, and no sources, tests or tools", ({ packed }) => {
  for (const needed of ["package.json", "dist/esm/index.js", "dist/cjs/index.js", "dist/esm/bin/wsimd.js"]) {
    assert.ok(packed.includes(needed), `${needed} is missing`);
  }
  const strangers = packed.filter(
    (path) =>
      !/^(package\.json|README\.md|LICENSE|(CHANGELOG|CONTRIBUTING|SECURITY)\.md|docs\/[^/]+\.(md|svg)|examples\/[^/]+\.mjs|dist\/.+(\.js|\.d\.[cm]?ts|package\.json|\.wasm))$/.test(
        path,
      ),
  );
  assert.equal(strangers, []);
  assert.equal(
    packed.filter((path) => /(^|\/)(test|bench)\/|\.map$/.test(path)),
    [],
  );
});

const exported = Object.keys(manifest.exports).map((path) => path.replace(/^\./, "wsimd"));
/** What Node runs; the other is a file. */
const entries = exported.filter((entry) => !entry.endsWith(".wasm"));

test("every entry can be imported and required, and gives the same names both ways", async (context) => {
  const names = await user(
    context,
    "entries.mjs",
    `import { createRequire } from "node:module";
     const require = createRequire(import.meta.url);
     for (const entry of ${JSON.stringify(entries)}) {
       const isJson = entry.endsWith(".json");
       const imported = isJson ? require(entry) : await import(entry);
       const required = require(entry);
       const names = (module) => Object.keys(module).filter((name) => name !== "default" && name !== "module.exports").sort().join();
        // One module both ways, as the package that it replaces: its names hang on what is required.
        const isOne = imported.default !== undefined && imported.default === required;
        if (isOne) {
          for (const name of Object.keys(imported)) if (name !== "default" && imported[name] !== required[name]) throw new Error(entry + ": " + name);
        } else if (required instanceof WebAssembly.Module) { // one for each way: nothing tells compiled modules apart
          if (names(imported) !== "" || !(imported.default instanceof WebAssembly.Module)) throw new Error(entry);
        } else if (typeof required === "function") { // a default alone
          if (names(imported) !== "" || imported.default.name !== required.name) throw new Error(entry + ": " + names(imported));
        } else if (names(imported) !== names(required)) throw new Error(entry + ": " + names(imported) + " / " + names(required));
        console.log(entry, typeof required === "function" || required instanceof WebAssembly.Module || Object.keys(required).length > 0 || entry === "wsimd/register");
     }`,
  );
  assert.equal(
    names.split("\n"),
    entries.map((entry) => `${entry} true`),
  );
});

test("the drop-ins are what those packages are: an object of two functions, a function", async (context) => {
  const source = `
    import bufferUtil, { mask, unmask } from "wsimd/bufferutil";
    import isValidUTF8 from "wsimd/utf-8-validate";
    import { createRequire } from "node:module";
    const require = createRequire(import.meta.url);
    const octets = Buffer.from("0102030405", "hex");
    require("wsimd/bufferutil").unmask(octets, Buffer.of(1, 2, 3, 4));
    console.log(Object.keys(require("wsimd/bufferutil")).join(), bufferUtil.mask === mask, bufferUtil.unmask === unmask,
      octets.toString("hex"), require("wsimd/utf-8-validate")(octets), isValidUTF8(Buffer.of(255)));`;
  assert.is(await user(context, "drop-ins.mjs", source), "mask,unmask true true 0000000004 true false");
});

test("the module is given compiled by import and by require, and as a file; each makes a kernel", async (context) => {
  const source = `
    import { readFileSync } from "node:fs";
    import { createRequire } from "node:module";
    import { initSync } from "wsimd";
    import imported from "wsimd/wasm";
    const require = createRequire(import.meta.url);
    const compiled = await WebAssembly.compile(readFileSync(require.resolve("wsimd/wsimd.wasm")));
    const modules = [imported, require("wsimd/wasm"), compiled];
    console.log(modules.map((module) => initSync({ module })).join(), import.meta.resolve("wsimd/wsimd.wasm").endsWith("/dist/wsimd.wasm"));`;
  assert.is(await user(context, "modules.mjs", source), "wasm,wasm,wasm true");
});

test("entries for one platform import the file that is there", ({ folder }) => {
  const installed = join(folder, "node_modules/wsimd");
  const paths = ["dist/esm/workerd/index.js", "dist/esm/workerd/wasm.js", "dist/esm/edge-light/wasm.js"];
  const specifiers = paths.map((path) => {
    const [, specifier] = / from "([^"]+\.wasm(?:\?module)?)"/.exec(readFileSync(join(installed, path), "utf8"))!;
    assert.ok(existsSync(join(installed, path, "..", specifier!.replace("?module", ""))), path);
    return specifier;
  });
  // Vercel's bundlers give a module for this query alone, wrangler for both.
  assert.equal(specifiers, ["../../wsimd.wasm", "../../wsimd.wasm", "../../wsimd.wasm?module"]);
});

test("a CommonJS program works too", async (context) => {
  const source = `const { encodeFrame, Opcode } = require("wsimd");
    const { createServer } = require("wsimd/node");
    console.log(typeof createServer, Buffer.from(encodeFrame(Opcode.Text, "Hello")).toString("hex"));`;
  assert.is(await user(context, "program.cjs", source), "function 810548656c6c6f");
});

for (const [first, second] of [
  ["esm", "cjs"],
  ["cjs", "esm"],
] as const) {
  test(`${first} and ${second} in one program share one kernel, one set of error classes and one ceiling`, async (context) => {
    const load = { esm: 'await import("wsimd")', cjs: 'require("wsimd")' };
    const loadNode = { esm: 'await import("wsimd/node")', cjs: 'require("wsimd/node")' };
    const source = `import { createRequire } from "node:module";
      const require = createRequire(import.meta.url);
      let instances = 0;
      const { Instance } = WebAssembly;
      WebAssembly.Instance = class extends Instance { constructor(...args) { super(...args); instances++; } };
      const one = ${load[first]}, two = ${load[second]}, server = ${loadNode[second]};
      const classes = Object.keys(one).filter((name) => /^[A-Z].*Error$/.test(name));
      let caught = [];
      for (const make of [() => new one.FrameDecoder({}), () => new two.FrameDecoder({}), () => server.createServer({ no: 1 })]) {
        try { make(); } catch (error) { caught.push(error); }
      }
      const decoders = [one, two].map((build) => new build.FrameDecoder({ role: "client" }));
      for (const decoder of decoders) decoder.decode(Uint8Array.of(0x81, 1, 0x61), { frame() {} });
      const closed = [];
      const [large, small] = [one, two].map((build, index) => new build.Connection({
        role: "client",
        maxProcessBuffered: 90_000,
        write() {},
        handlers: { error: (_, error) => closed.push([index, error.code, error instanceof two.LimitError]) },
      }));
      for (const [connection, length] of [[large, 60_000], [small, 20_000]]) {
        connection.receive(Uint8Array.of(2, 126, length >> 8, length & 255)); // binary, no FIN
        connection.receive(new Uint8Array(length));
      }
      await null;
      console.log(JSON.stringify({
        closed,
        isTwice: one.FrameDecoder !== two.FrameDecoder,
        classCount: classes.length,
        areSame: classes.every((name) => one[name] === two[name]),
        caught: caught.map((error) => error instanceof one.UsageError && error instanceof two.WsimdError),
        registries: Object.getOwnPropertySymbols(globalThis).filter((key) => String(key).includes("wsimd")).length,
        instances,
      }));`;
    assert.equal(JSON.parse(await user(context, `mixed-${first}.mjs`, source)), {
      closed: [[0, "WS_PROCESS_BUFFERED", true]],
      isTwice: true,
      classCount: 7,
      areSame: true,
      caught: [true, true, true],
      registries: 1,
      instances: 1,
    });
  });
}

const consumer = `
import { Connection, encodeFrame, FrameDecoder, init, isValidUtf8, type KernelName, mask, Opcode, ProtocolError, type FrameSink } from "wsimd";
import { type CloseEvent, connect, createServer, type ServerOptions, type Socket, WebSocket } from "wsimd/node";
import bufferUtil, { mask as maskInto, unmask } from "wsimd/bufferutil";
import isValidUTF8 from "wsimd/utf-8-validate";
import compiled from "wsimd/wasm";
import file from "wsimd/wsimd.wasm";

export const kernels: Promise<KernelName>[] = [init({ module: compiled }), init({ module: file })];
const octets: Uint8Array = new Uint8Array(8);
unmask(octets, octets.subarray(4));
maskInto(octets, octets, octets, 0, 4);
export const isMasked: boolean = isValidUTF8(octets) && bufferUtil.unmask === unmask;
// @ts-expect-error: text is no view
isValidUTF8("text");
const sink: FrameSink = { frame(opcode: number, flags: number, payload: Uint8Array) { void [opcode, flags, payload]; } };
const fault: ProtocolError | unknown = new FrameDecoder({ role: "server", maxPayloadLength: 1000 }).decode(new Uint8Array(2), sink);
export const frame: Uint8Array = encodeFrame(Opcode.Text, "Hello");
export const isText: boolean = isValidUtf8(frame);
export const connection: Connection = new Connection({ role: "client", handlers: { close(_connection, code: number) { void code; } } });
const options: ServerOptions<{ name: string }> = {
  open(socket: Socket<{ name: string }>, request) { socket.data = { name: request.target }; },
  message(socket, data, isBinary) { socket.send(data, { binary: isBinary }); },
};
export const server = createServer(options);
// @ts-expect-error: a misspelt option is an error
createServer({ maxMesageLength: 1 });
export async function talk(): Promise<void> {
  const socket: Socket<{ name: string }> = await connect("ws://127.0.0.1", { data: { name: "" }, tls: { servername: "a" } });
  for await (const message of socket) if (typeof message !== "string") socket.send(message.subarray(1));
}
const ws = new WebSocket("ws://127.0.0.1", ["a"], { headers: { cookie: "a=b" }, maxMessageLength: 1000 });
ws.binaryType = "arraybuffer";
ws.onmessage = ({ data, origin }) => ws.send(origin + String(data));
ws.addEventListener("close", ({ code, wasClean, reason }) => void [code + 1, wasClean, reason.length]);
ws.addEventListener("error", ({ error, message }) => void [error, message.length], { once: true, passive: true });
ws.onclose = function (event: CloseEvent) { this.close(event.code); };
export const state: number = ws.readyState + WebSocket.OPEN + ws.CLOSED;
// @ts-expect-error: neither is a misspelt option of a client
new WebSocket("ws://127.0.0.1", { maxRedirect: 1 });
void [fault, mask];
`;

/** Code written for the class that browsers have. */
const browserCode = `
import { WebSocket } from "wsimd/node";
export const swapped: typeof globalThis.WebSocket = WebSocket;
export const socket: globalThis.WebSocket = new WebSocket("ws://127.0.0.1");
socket.onmessage = ({ data }: MessageEvent<string>) => console.log(data.length);
socket.addEventListener("close", ({ code }: CloseEvent) => console.log(code));
`;

/** The README's programs, and those of the clients' page: what they show compiles as TypeScript too. */
const readme = ["README.md", "docs/client.md"]
  .map((path) => readFileSync(new URL(`../../../${path}`, import.meta.url), "utf8"))
  .join("\n");
const shown: readonly string[] = [...readme.matchAll(/^```js\n([\s\S]*?)^```$/gm)].map((match) => match[1]!);

for (const [resolution, module, lib, skipLibCheck] of [
  ["node16", "node16", ["ES2022"], true], // without DOM nothing declares WebAssembly, which InitOptions names
  ["nodenext", "nodenext", ["ES2022", "DOM"], false],
  ["bundler", "esnext", ["ES2022", "DOM"], false],
] as const) {
  test(`a strict TypeScript program compiles against the types under moduleResolution ${resolution}`, async ({
    folder,
  }) => {
    const project = join(folder, `types-${resolution}`);
    mkdirSync(project);
    const names =
      resolution === "bundler" ? ["consumer.ts", "consumer.mts"] : ["consumer.ts", "consumer.mts", "consumer.cts"];
    for (const name of names) writeFileSync(join(project, name), consumer);
    if ((lib as readonly string[]).includes("DOM")) {
      names.push("browser.mts");
      writeFileSync(join(project, "browser.mts"), browserCode);
    }
    shown.forEach((program, index) => {
      names.push(`readme-${index}.mts`);
      writeFileSync(join(project, `readme-${index}.mts`), program);
    });
    const require = createRequire(import.meta.url);
    const modules = join(folder, "node_modules/@types");
    mkdirSync(modules, { recursive: true });
    const typesOfNode = join(modules, "node");
    if (!existsSync(typesOfNode)) symlinkSync(dirname(require.resolve("@types/node/package.json")), typesOfNode, "dir");
    const compilerOptions = {
      strict: true,
      noEmit: true,
      target: "ES2022",
      lib,
      module,
      moduleResolution: resolution,
      types: ["node"],
      skipLibCheck,
      exactOptionalPropertyTypes: true,
    };
    writeFileSync(join(project, "tsconfig.json"), JSON.stringify({ compilerOptions, files: names }));
    const packageOfTypeScript = require.resolve("typescript/package.json");
    const { bin } = JSON.parse(readFileSync(packageOfTypeScript, "utf8")) as { bin: { tsc: string } };
    const tsc = join(dirname(packageOfTypeScript), bin.tsc);
    const found = await run(process.execPath, [tsc, "--project", project]).catch((error: { stdout: string }) => error);
    assert.is(found.stdout, "");
  });
}

test("npx wsimd --version, and npx wsimd echo serves ws's client and fetch until it is interrupted", async ({
  folder,
}) => {
  const { stdout } = await run("npx", ["--offline", "wsimd", "--version"], { cwd: folder });
  assert.is(stdout, `${manifest.version}\n`);
  const program = new Program(join(folder, "node_modules/.bin/wsimd"), ["echo", "--port", "0"], folder);
  const [, url] = await program.line(/wsimd echo: (\S+)\n/);
  assert.match(await (await fetch(url!)).text(), /wsimd echo/);
  const client = new WebSocket(url!.replace("http", "ws"));
  await once(client, "open");
  client.send("as a new user");
  const [data] = await once(client, "message");
  assert.is(data.toString(), "as a new user");
  const gone = once(client, "close");
  assert.is(await program.stop("SIGINT"), 0);
  assert.is((await gone)[0], 1001);
});

test.run();
