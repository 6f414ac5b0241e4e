// Serves the files of a page on loopback, under a Content-Security-Policy, opens it and takes what it answers.

import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname } from "node:path";
import type { Browser } from "playwright-core";

const mediaTypes: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".wasm": "application/wasm",
};

/** What there is to serve: the content at a path without its first "/"; undefined, or an error, for none. */
export type Site = (path: string) => Uint8Array | string | undefined;

function contentOf(site: Site, path: string): Uint8Array | string | undefined {
  try {
    return site(path);
  } catch {
    return undefined;
  }
}

/** A page whose only script is at a path, as a module. */
export const pageOf = (script: string): string =>
  `<!doctype html><title>test</title><link rel="icon" href="data:,"><script type="module" src="/${script}"></script>`;

/**
 * Opens index.html of a site in Chromium and returns the page's global `answer`, a promise or not.
 *
 * @param policy  the Content-Security-Policy of all that is served; "" for none
 * @throws        what the page throws, or Error with what it complained of, where it gives no answer
 */
export async function answerOf(browser: Browser, site: Site, policy = ""): Promise<unknown> {
  const server = createServer((request, response) => {
    const path = request.url === "/" ? "index.html" : request.url!.slice(1);
    const found = contentOf(site, path);
    if (policy !== "") response.setHeader("Content-Security-Policy", policy);
    response.setHeader("Content-Type", mediaTypes[extname(path)] ?? "application/octet-stream");
    response.writeHead(found === undefined ? 404 : 200).end(found);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on("console", (message) => complaints.push(message.text()));
    const failed = new Promise<never>((_resolve, reject) => page.on("pageerror", reject));
    failed.catch(() => {}); // where nobody waits for it
    page.on("response", (response) => response.ok() || complaints.push(`${response.status()} ${response.url()}`));
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    const asked = page.evaluate(() => (globalThis as { answer?: unknown }).answer);
    const answer: unknown = await Promise.race([asked, failed]);
    if (answer === undefined) throw new Error(`the page gave no answer:\n${complaints.join("\n")}`);
    return answer;
  } finally {
    await context.close();
    server.close();
    server.closeAllConnections();
  }
}
