// bufferutil and utf-8-validate by alias: the lines that docs/drop-in.md shows, installed into an empty folder, first from
// package.json and then from the lock file, and an unmodified ws that finds ours under the names it asks for.

import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { packageRoot } from "../support/programs.ts";
import { NPM_TIMEOUT_MS, Registry } from "./registry.ts";

const run = promisify(execFile);

interface Manifest {
  readonly dependencies: Record<string, string>;
  readonly overrides?: Record<string, string>;
}

interface Context {
  root: string;
  registry: Registry;
  folder: string;
}

/** The block of JSON in the docs that aliases both packages. */
const documented = /```json\n(\{[^`]*wsimd-bufferutil[^`]*)```/.exec(
  readFileSync(join(packageRoot, "docs/drop-in.md"), "utf8"),
);
const lines = JSON.parse(documented![1]!) as Manifest;

/** A conversation of an unmodified ws with itself, and what it called on the way. */
const conversation = `
delete require("buffer").isUtf8; // ws asks for utf-8-validate only where Node has no validation of its own
const counts = { mask: 0, unmask: 0, isValidUTF8: 0 };
const count = (name, called) => (...args) => { counts[name]++; return called(...args); };
const bufferUtil = require("bufferutil");
bufferUtil.mask = count("mask", bufferUtil.mask);
bufferUtil.unmask = count("unmask", bufferUtil.unmask);
const validate = require.resolve("utf-8-validate");
require.cache[validate] = { ...require.cache[validate], exports: count("isValidUTF8", require(validate)), loaded: true };
const { WebSocket, WebSocketServer } = require("ws");
const server = new WebSocketServer({ port: 0, host: "127.0.0.1" }, () => {
  const client = new WebSocket("ws://127.0.0.1:" + server.address().port);
  const sent = [Buffer.alloc(64, 1), Buffer.alloc(70_000, 2), "a text of more than forty-eight octets, so that ws asks: é語😀"];
  const wrong = [];
  let answers = 0;
  client.on("open", () => sent.forEach((message) => client.send(message)));
  client.on("message", (data, isBinary) => {
    const expected = Buffer.from(sent[answers++]);
    if (!expected.equals(data)) wrong.push(answers);
    if (answers === sent.length) client.close();
  });
  client.on("close", () => {
    server.close();
    const names = ["bufferutil", "utf-8-validate"].map((name) => require(name + "/package.json").name);
    console.log(JSON.stringify({ answers, wrong, counts, names }));
  });
});
server.on("connection", (socket) => socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary })));
`;

const test = suite<Context>("aliases", { root: "", registry: new Registry(), folder: "" });

const install = async ({ folder, root, registry }: Context, command: string): Promise<void> => {
  const options = ["--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error", "--fetch-retries=0"];
  const own = [`--registry=${registry.url}`, `--cache=${join(root, "cache")}`, "--noproxy=127.0.0.1"];
  await run("npm", [command, ...options, ...own], { cwd: folder, timeout: NPM_TIMEOUT_MS });
};

test.before(async (context) => {
  try {
    context.root = mkdtempSync(join(tmpdir(), "wsimd-aliases-"));
    const { root, registry } = context;
    await registry.listen();
    const websocketLike = join(root, "old");
    mkdirSync(websocketLike);
    // As the package "websocket" has them: dependencies, not peers, and a range that ours is not in.
    const dependencies = { bufferutil: "^4.0.1", "utf-8-validate": "^5.0.2" };
    writeFileSync(join(websocketLike, "package.json"), JSON.stringify({ name: "old", version: "1.0.0", dependencies }));
    const ws = dirname(createRequire(import.meta.url).resolve("ws/package.json"));
    for (const folder of [packageRoot, ws, websocketLike]) await registry.publish(folder, root);
    for (const name of ["bufferutil", "utf-8-validate"])
      await registry.publish(join(packageRoot, "packages", name), root);
    context.folder = join(root, "user");
    mkdirSync(context.folder);
    const manifest = {
      ...lines,
      name: "user",
      private: true,
      dependencies: { ws: "*", old: "*", ...lines.dependencies },
    };
    writeFileSync(join(context.folder, "package.json"), JSON.stringify(manifest));
    writeFileSync(join(context.folder, "conversation.cjs"), conversation);
  } catch (error) {
    console.error(error); // uvu tells nothing of a hook that throws
    throw error;
  }
});

test.after(({ root, registry }) => {
  registry.close();
  rmSync(root, { recursive: true, force: true });
});

for (const command of ["install", "ci"]) {
  test(`npm ${command} of the documented lines: ws masks, unmasks and validates with ours`, async (context) => {
    rmSync(join(context.folder, "node_modules"), { recursive: true, force: true });
    await install(context, command);
    const { stdout } = await run(process.execPath, ["conversation.cjs"], { cwd: context.folder });
    const { counts, ...rest } = JSON.parse(stdout);
    assert.equal(rest, { answers: 3, wrong: [], names: ["wsimd-bufferutil", "wsimd-utf-8-validate"] });
    // Three messages to the server; the text is judged there and, come back, in the client.
    assert.equal(counts, { mask: 3, unmask: 3, isValidUTF8: 2 });
  });

  test(`npm ${command}: one copy of each, for packages that have them as dependencies too, and of wsimd`, ({
    folder,
  }) => {
    const lock = JSON.parse(readFileSync(join(folder, "package-lock.json"), "utf8")) as { packages: object };
    const places = Object.keys(lock.packages).filter((path) => path !== "");
    assert.equal(
      places.sort(),
      ["bufferutil", "old", "utf-8-validate", "ws", "wsimd"].map((name) => `node_modules/${name}`),
    );
    for (const place of places) assert.ok(existsSync(join(folder, place)), place);
  });
}

test("a program may import what the aliases name, by name and by default", async ({ folder }) => {
  const source = `
    import bufferUtil, { mask, unmask } from "bufferutil";
    import isValidUTF8 from "utf-8-validate";
    const octets = Buffer.from("aaaa");
    unmask(octets, Buffer.of(1, 2, 3, 4));
    mask(octets, Buffer.of(1, 2, 3, 4), octets, 0, 4);
    console.log(String(octets), isValidUTF8(octets), bufferUtil.mask === mask);`;
  writeFileSync(join(folder, "imports.mjs"), source);
  const { stdout } = await run(process.execPath, ["imports.mjs"], { cwd: folder });
  assert.is(stdout.trim(), "aaaa true true");
});

test("what takes a package's place has a version that its users' ranges admit, and admits this version of wsimd", () => {
  const manifestOf = (folder: string): { version: string; dependencies: Record<string, string> } =>
    JSON.parse(readFileSync(join(packageRoot, folder, "package.json"), "utf8"));
  const { version } = manifestOf(".");
  for (const name of ["bufferutil", "utf-8-validate"]) {
    const ours = manifestOf(`packages/${name}`);
    assert.is(ours.dependencies.wsimd, `^${version}`);
    assert.is(lines.dependencies[name], `npm:wsimd-${name}@^${ours.version}`);
  }
});

test.run();
