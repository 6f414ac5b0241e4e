// npm run bench:start: milliseconds from the import of the core entry to the first frame decoded, in fresh processes of each
// runtime that is here: this Node, those of .peers/ (scripts/peers.mjs installs them) and Chromium. From the files as they are
// published, and from one minified file as a bundler makes it, of all names or of what is used. They take turns; medians count, and
// the least says what other work on the machine adds.

import { execFile, execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";
import { launchChromium } from "../../test/browser/chromium.ts";
import { median } from "../median.ts";

const ROUNDS = 15;
/** What the first frame may take from the import on, in milliseconds. */
const BUDGET_MS = 5;
const NAME_WIDTH = 15;

const run = promisify(execFile);
const root = fileURLToPath(new URL("../../../", import.meta.url));

/** Milliseconds of the import, and from there to the first frame. */
type Start = readonly [importMs: number, decodeMs: number];

interface Runtime {
  readonly name: string;
  /** Starts a fresh process and measures a file, by its absolute path. */
  start(path: string): Promise<Start>;
}

function ofProgram(name: string, path: string, options: readonly string[] = []): Runtime {
  const version = /\d+\.\d+\.\d+/.exec(execFileSync(path, ["--version"], { encoding: "utf8" }))![0];
  const program = join(root, "bench/start/program.mjs");
  return {
    name: `${name} ${version}`,
    start: async (file) => {
      const { stdout } = await run(path, [...options, program, pathToFileURL(file).href], {
        env: { ...process.env, DENO_NO_UPDATE_CHECK: "1" },
      });
      return JSON.parse(stdout) as Start;
    },
  };
}

/** Serves a file and the folders around it on loopback to a browser that has just been started. */
async function startInChromium(file: string): Promise<Start> {
  const types: Readonly<Record<string, string>> = { ".js": "text/javascript", ".mjs": "text/javascript" };
  const server = createServer(({ url }, response) => {
    const type = types[extname(url!)];
    if (type === undefined) return void response.setHeader("Content-Type", "text/html").end("<!doctype html>");
    const path = url === "/first-frame.mjs" ? join(root, `bench/start${url}`) : url!;
    response.setHeader("Content-Type", type).end(readFileSync(path));
  }).listen(0, "127.0.0.1");
  const browser = await launchChromium()!;
  try {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    return await page.evaluate(
      `import("/first-frame.mjs").then(({ firstFrame }) => firstFrame(${JSON.stringify(file)}))`,
    );
  } finally {
    await browser.close();
    server.close();
    server.closeAllConnections();
  }
}

const peer = (name: string): string => join(root, ".peers", name);
const peers = (
  [
    ["Node", "node"],
    ["Bun", "bun"],
    ["Deno", "deno", "run", "--quiet", "--allow-read"],
  ] as const
).filter(([, name]) => existsSync(peer(name)));

const runtimes: Runtime[] = [
  ofProgram("Node", process.execPath),
  ...peers.map(([label, name, ...options]) => ofProgram(label, peer(name), options)),
];
const probe = await launchChromium();
if (probe !== undefined) {
  runtimes.push({ name: `Chromium ${probe.version().split(".")[0]}`, start: startInChromium });
  await probe.close();
}

const folder = mkdtempSync(join(tmpdir(), "wsimd-start-"));

/** Makes one minified file of the core entry's names. */
async function bundleOf(name: string, names: string): Promise<string> {
  const outfile = join(folder, name);
  const stdin = { contents: `export ${names} from "wsimd";`, resolveDir: root };
  await build({ stdin, outfile, bundle: true, minify: true, format: "esm", logLevel: "error" });
  return outfile;
}

const cells = (starts: readonly Start[]): string => {
  const both = starts.map(([a, b]) => a + b);
  const medians = [starts.map(([ms]) => ms), starts.map(([, ms]) => ms), both].map(median);
  const figures = [...medians, Math.min(...both)].map((ms) => ms.toFixed(1).padStart(7));
  return figures.join("") + (medians[2]! > BUDGET_MS ? " >" : "  ");
};

try {
  const files = {
    "published files": join(root, "dist/esm/index.js"),
    "bundled, all": await bundleOf("all.mjs", "*"),
    "bundled, FrameDecoder": await bundleOf("decoder.mjs", "{ FrameDecoder }"),
  };
  const under = ["import", "frame", "both", "least"].map((name) => name.padStart(7)).join("");
  console.log(
    `ms, medians of ${ROUNDS} fresh processes, and the least of both; > where both take more than ${BUDGET_MS}`,
  );
  console.log(
    "".padEnd(NAME_WIDTH) +
      Object.keys(files)
        .map((name) => `${name.padStart(28)}  `)
        .join(""),
  );
  console.log(
    "".padEnd(NAME_WIDTH) +
      Object.keys(files)
        .map(() => `${under}  `)
        .join(""),
  );
  for (const runtime of runtimes) {
    const starts: Start[][] = Object.keys(files).map(() => []);
    for (let round = 0; round < ROUNDS; round++) {
      for (const [index, file] of Object.values(files).entries()) starts[index]!.push(await runtime.start(file));
    }
    console.log(runtime.name.padEnd(NAME_WIDTH) + starts.map(cells).join(""));
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
