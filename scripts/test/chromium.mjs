// Test files in headless Chromium, each in a page of its own, from a server on loopback that has this folder. Only files that
// import nothing of Node's can be run: differences.mjs says which are.

import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const root = fileURLToPath(new URL("../..", import.meta.url));

const types = { ".js": "text/javascript", ".mjs": "text/javascript", ".wasm": "application/wasm" };

/** Where a page finds what tests import by name. */
const imports = Object.fromEntries(
  Object.entries({
    uvu: "uvu/dist/index.mjs",
    "uvu/assert": "uvu/assert/index.mjs",
    "uvu/diff": "uvu/diff/index.mjs",
    kleur: "kleur/index.mjs",
    dequal: "dequal/dist/index.mjs",
    diff: "diff/lib/index.mjs",
    pako: "pako/dist/pako.mjs",
    "@assemblyscript/loader": "@assemblyscript/loader/index.js",
  }).map(([name, path]) => [name, `/node_modules/${path}`]),
);

const page = `<!doctype html><title>tests</title><script type="importmap">${JSON.stringify({ imports })}</script>
<script src="/scripts/test/stand-ins.js"></script>`;

/** With them a page may share memory. */
const isolated = { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" };

async function serve() {
  const server = createServer((request, response) => {
    for (const [name, value] of Object.entries(isolated)) response.setHeader(name, value);
    const path = new URL(request.url, "http://localhost").pathname;
    if (path === "/") {
      response.setHeader("Content-Type", "text/html").end(page);
      return;
    }
    try {
      const body = readFileSync(`${root}${path}`);
      response.setHeader("Content-Type", types[extname(path)] ?? "text/plain").end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}

/** What runs files in Chromium, until it is closed. @throws Error where there is none */
export async function openChromium() {
  const { chromiumArguments, executablePath } = await import("../../build/test/browser/chromium.js");
  if (executablePath === undefined) throw new Error("Chromium was not found: install it, or name it in CHROMIUM");
  const browser = await chromium.launch({ executablePath, args: [...chromiumArguments] });
  const server = await serve();
  const origin = `http://127.0.0.1:${server.address().port}`;

  const run = async (file, timeoutMs) => {
    const context = await browser.newContext();
    const tab = await context.newPage();
    let stdout = "";
    let ending = null;
    tab.on("console", (message) => (stdout += `${message.text()}\n`));
    tab.on("pageerror", (error) => (ending ??= `an error that nobody caught: ${error.stack ?? error}`));
    await tab.goto(`${origin}/`);
    let timer;
    const timeout = new Promise((resolve) => (timer = setTimeout(resolve, timeoutMs, "timeout")));
    const running = tab
      .evaluate(
        async ([suites, url]) => (await import(suites)).runSuites(url),
        ["/scripts/test/suites.mjs", file.slice(root.length - 1)],
      )
      .catch((error) => {
        ending ??= String(error);
        return null;
      });
    const report = await Promise.race([running, timeout]);
    clearTimeout(timer);
    await context.close();
    const timedOut = report === "timeout";
    return { report: timedOut ? null : report, timedOut, ending, stdout, stderr: "" };
  };

  const close = async () => {
    await browser.close();
    server.close();
  };

  return { run, close };
}
