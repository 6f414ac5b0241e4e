// What differs by runtime: files that are not run on one, and tests that are known to fail there, each with its reason. Every
// run says what it left out. A run fails if a test that is known to fail passes, but for one that may: then its row goes.

import { denoAndBun, knownOnBoth, knownOnBun, knownOnDeno } from "./known-failures.mjs";

const otherNodes = ["node22", "node24", "node26"];

/** What Chromium has: folders that need no sockets, files or processes. */
const inPages = ["kernel/", "codec/", "connection/", "handshake/"];

/** Files that are not run, by beginnings of their paths below test/. */
const notRun = [
  { on: ["chromium"], files: ["web/sockets"], reason: "a page has no TCP" },
  {
    on: [...otherNodes, ...denoAndBun],
    files: ["bench/", "docs/", "package/", "types/", "layers.test.js", "ws/checklist.test.js"],
    reason: "about pages, types, sources, packing and benches, which are the same on every runtime",
  },
  {
    on: otherNodes,
    files: ["exhaustive/", "fuzz/", "browser/", "conformance/suite.test.js"],
    reason: "heavy, and about code that no version of Node changes: they run on one",
  },
  {
    on: denoAndBun,
    files: ["register/", "real/"],
    reason: "about the hooks of Node's loaders, which they do not have",
  },
  { on: denoAndBun, files: ["browser/"], reason: "Chromium is driven from Node; it meets Node's server there" },
  {
    on: denoAndBun,
    files: ["node/memory-", "node/handle-writer.test.js", "node/net-server.test.js"],
    reason:
      "about Node's own sockets and servers: reading into linear memory, writing by their handles, what they count",
  },
  {
    on: denoAndBun,
    files: [
      "hostile/frames-server.test.js",
      "hostile/handlers.test.js",
      "hostile/memory-server.test.js",
      "hostile/slow-handshakes.test.js",
    ],
    reason: "they give Node's server streams in the place of sockets that it accepted, or count those",
  },
  {
    on: denoAndBun,
    files: ["soak/", "hostile/stream-server.test.js"],
    reason: "they count the sockets of Node's server, and bound resident memory, which is V8's heap in Node",
  },
  {
    on: ["deno"],
    files: ["hostile/ceiling-server.test.js"],
    reason: "a bound on the memory of a process with Node's sockets; Deno's keep more, as resources of its own",
  },
  {
    on: ["bun"],
    files: ["hostile/ceiling.test.js", "hostile/ceiling-server.test.js", "hostile/handshake-growth.test.js"],
    reason:
      "bounds on the memory of a process, which are of V8's heap: JavaScriptCore keeps more, and gives it back later",
  },
  {
    on: denoAndBun,
    files: ["node/whatwg/limits.test.js"],
    reason: "the Close that ends a silent connection is lost, as in node/client/life, and a test waits for it for ever",
  },
  {
    on: ["deno"],
    files: ["node/attach/handle-upgrade.test.js"],
    reason: "a test waits for ever for a socket that nobody reads to be told of a reset",
  },
  {
    on: ["deno"],
    files: ["node/attach/tls-slow.test.js"],
    reason: "a connection of Deno's whose TLS is not ready is closed only once its peer says something",
  },
  {
    on: ["bun"],
    files: ["node/attach/tls-slow.test.js"],
    reason: "Bun tells of a TLS connection once its handshake is done, and has no time limit for it",
  },
  {
    on: ["deno"],
    files: ["ws/deflate.test.js"],
    reason: "ws itself ends the process: Deno's zlib calls back for a stream that ws has closed",
  },
  {
    on: ["bun"],
    files: ["node/attach/frameworks.test.js"],
    reason:
      "Bun's node:http does not hand Express's and Koa's servers the sockets of their upgrades: a test waits for ever",
  },
  {
    on: ["chromium"],
    files: ["kernel/host.test.js", "connection/given-away.test.js"],
    reason: "about Buffer beside the web's means, and memory that Buffer refuses",
  },
  {
    on: ["chromium"],
    files: [
      "kernel/select.test.js",
      "connection/errors-table.test.js",
      "connection/prepared.test.js",
      "connection/send-stream.test.js",
      "handshake/accept.test.js",
      "handshake/docs.test.js",
      "handshake/faults.test.js",
      "handshake/headers.test.js",
    ],
    reason: "they read sources and pages, or compare with Node's http, crypto and streams, or start programs",
  },
];

const notInPages = "they need sockets, files or processes; bundles of what browsers take are tested in browser/";

/** Why a file is not run on a runtime; undefined where it is. */
export function reasonNotToRun(runtime, name) {
  if (runtime === "chromium" && !inPages.some((start) => name.startsWith(start))) return notInPages;
  return notRun.find(({ on, files }) => on.includes(runtime) && files.some((start) => name.startsWith(start)))?.reason;
}

const knownFailures = [
  ...knownOnBoth.map((row) => ({ on: denoAndBun, ...row })),
  ...knownOnDeno.map((row) => ({ on: ["deno"], ...row })),
  ...knownOnBun.map((row) => ({ on: ["bun"], ...row })),
];

/**
 * The tests of a file that are known to fail on a runtime: their titles, those of them that fail every time, and whether the
 * file's process ends with an error for them, as where they leave something open.
 */
export function knownFailuresOf(runtime, name) {
  const rows = knownFailures.filter(({ on, file }) => on.includes(runtime) && file === name);
  const titlesOf = (some) => some.flatMap(({ tests }) => tests);
  const certain = titlesOf(rows.filter(({ mayPass }) => !mayPass));
  return { titles: titlesOf(rows), certain, endsBadly: rows.some(({ endsBadly }) => endsBadly) };
}

/** Both tables, for a page. */
export const differences = { notRun, knownFailures };
