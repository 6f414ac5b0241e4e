// Every way to ask for a package, with both ways to preload wsimd/register. The application has ws 8 and packages that use it.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Application, below, dependent, esmHead, fakePackage, fakeWs, preloads } from "./support.ts";

const application = new Application(
  fakeWs("8.1.0"),
  dependent("requires", "cjs"),
  dependent("imports", "esm"),
  below("node_modules/bufferutil", fakePackage("bufferutil", "4.0.8")),
  below("node_modules/utf-8-validate", fakePackage("utf-8-validate", "6.0.4")),
);

application.write({
  "program.mjs": `import WebSocket, { WebSocketServer } from "ws";
import * as names from "ws";
import requires from "requires";
import imports from "imports";
${esmHead}
print({
  imported: whose(WebSocket),
  dynamic: whose((await import("ws")).default),
  required: whose(require("ws")),
  inside: whose(createRequire(import.meta.resolve("requires"))("ws")),
  requires: whose(requires),
  imports: whose(imports),
  same: [WebSocket === require("ws"), WebSocketServer === require("ws").WebSocketServer, WebSocket === names.WebSocket],
  names: Object.keys(names).every((name) => names[name] === (name === "default" ? WebSocket : WebSocket[name])),
});`,
  "program.cjs": `const whose = require("./whose.cjs");
const WebSocket = require("ws");
(async () => console.log(JSON.stringify({
  required: whose(WebSocket),
  isClass: /^class/.test(String(WebSocket)) && WebSocket.WebSocket === WebSocket,
  dynamic: whose((await import("ws")).default),
  requires: whose(require("requires")),
  imports: whose((await import("imports")).default),
})))();`,
  "plain.mjs": `import WebSocket, * as names from "wsimd/ws";
${esmHead}
const others = Object.entries(names).filter(([name]) => name !== "default");
print({
  isOne: WebSocket === require("wsimd/ws"),
  isNamed: others.length > 1 && others.every(([name, value]) => value !== undefined && value === WebSocket[name]),
  whose: whose(require("ws")),
});`,
  "first.cjs": 'require("wsimd/register"); console.log(JSON.stringify(require("./whose.cjs")(require("ws"))));',
  "beside.mjs": `import "wsimd/register";
import WebSocket from "ws";
${esmHead}
print([whose(WebSocket), whose(require("ws"))]);`,
  "resolve.mjs": `${esmHead}
const end = (path) => path.replaceAll("\\\\", "/").split("/").slice(-3).join("/");
const resolved = (name) => [end(require.resolve(name)), end(import.meta.resolve(name))];
const known = require.resolve("ws");
const first = require("ws");
const isCached = require.cache[known].exports === first;
delete require.cache[known];
print({
  resolved: Object.fromEntries(["ws", "bufferutil", "utf-8-validate", "ws/package.json"].map((name) => [name, resolved(name)])),
  isCached,
  isFresh: require("ws") !== first,
  paths: end(require.resolve("ws", { paths: [import.meta.dirname ?? "."] })),
});`,
});

const test = suite("register / ways to ask");

for (const preload of preloads) {
  test(`${preload[0]}: import, import(), require, createRequire and dependencies of both kinds give one class`, async () => {
    const { value, stderr } = await application.run([...preload, "program.mjs"]);
    assert.equal(value, {
      imported: "wsimd",
      dynamic: "wsimd",
      required: "wsimd",
      inside: "wsimd",
      requires: "wsimd",
      imports: "wsimd",
      same: [true, true, true],
      names: true,
    });
    assert.is(stderr, "");
  });

  test(`${preload[0]}: a CommonJS program gets the class itself, also from import()`, async () => {
    const { value, stderr } = await application.run([...preload, "program.cjs"]);
    const expected = { required: "wsimd", isClass: true, dynamic: "wsimd", requires: "wsimd", imports: "wsimd" };
    assert.equal(value, expected);
    assert.is(stderr, "");
  });

  test(`${preload[0]}: what is resolved is what is loaded: require.resolve, import.meta.resolve, require.cache`, async () => {
    const { value } = await application.run([...preload, "resolve.mjs"]);
    const builds = (name: string): string[] => [`dist/cjs/${name}.js`, `dist/esm/${name}.js`];
    assert.equal(value, {
      resolved: {
        ws: builds("ws"),
        bufferutil: builds("bufferutil"),
        "utf-8-validate": builds("utf-8-validate"),
        "ws/package.json": ["node_modules/ws/package.json", "node_modules/ws/package.json"],
      },
      isCached: true,
      isFresh: true,
      paths: "dist/cjs/ws.js",
    });
  });
}

test("wsimd/ws is one module both ways also where nothing is replaced, and names its exports", async () => {
  const { value } = await application.run(["plain.mjs"]);
  assert.equal(value, { isOne: true, isNamed: true, whose: "ws@8.1.0" });
});

test("loaded by the application itself it serves what is asked for later, not the imports beside it", async () => {
  assert.is((await application.run(["first.cjs"])).value, "wsimd");
  assert.equal((await application.run(["beside.mjs"])).value, ["ws@8.1.0", "wsimd"]);
});

test("without it the programs get the fakes: the tests see the difference", async () => {
  const { value } = await application.run(["program.cjs"]);
  const { isClass, ...whose } = value as Record<string, unknown>;
  assert.equal(new Set(Object.values(whose)), new Set(["ws@8.1.0"]));
});

test.after(() => application.remove());
test.run();
