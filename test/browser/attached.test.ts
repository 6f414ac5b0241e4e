// Chromium and servers that are attached: wss over HTTP/1.1, and over HTTP/2 on the session that brought the page (RFC 8441).

import type { ServerResponse } from "node:http";
import { createSecureServer, type Http2SecureServer, type ServerHttp2Stream } from "node:http2";
import { createServer as createHttpsServer, type Server as HttpsServer } from "node:https";
import type { AddressInfo } from "node:net";
import * as assert from "uvu/assert";
import { createServer, type Incoming } from "../../bindings/node/index.ts";
import { cert, key } from "../support/certificate.ts";
import { type BrowserContext, browserSuite } from "./chromium.ts";

const test = browserSuite("browser / attached");

/** What the page is told, and by which protocol its WebSocket came. */
interface Outcome {
  readonly echoed: unknown;
  readonly protocol: unknown;
  readonly closed: unknown;
  readonly cameBy: readonly string[];
}

const isHttp2 = (incoming: Incoming | undefined): boolean => (incoming as ServerHttp2Stream | undefined)?.rstCode === 0;

async function converse({ browser }: BrowserContext, http: Http2SecureServer | HttpsServer): Promise<Outcome> {
  const cameBy: string[] = [];
  const server = createServer({
    protocols: ["chat"],
    upgrade(request, { incoming, origin, host }) {
      assert.is(origin, `https://${host}`);
      assert.is(request.headers.get("cookie"), "a=1; b=2");
      cameBy.push(isHttp2(incoming) ? "HTTP/2" : "HTTP/1.1");
    },
    message: (socket, data, isBinary) => void socket.send(data, { binary: isBinary }),
  });
  http.on("request", (_request: unknown, response: ServerResponse) => {
    response.setHeader("Content-Type", "text/html");
    response.setHeader("Set-Cookie", ["a=1", "b=2"]);
    response.end("<!doctype html><title>test</title>");
  });
  server.attach(http, { path: "/chat" });
  await new Promise<void>((resolve) => void http.listen(0, "127.0.0.1", resolve));
  const place = `localhost:${(http.address() as AddressInfo).port}`;
  const context = await browser.newContext({ ignoreHTTPSErrors: true });
  try {
    const page = await context.newPage();
    await page.goto(`https://${place}/`);
    const told = await page.evaluate(async (url) => {
      const socket = new WebSocket(url, ["other", "chat"]);
      socket.binaryType = "arraybuffer";
      await new Promise((resolve, reject) => {
        socket.onopen = resolve;
        socket.onerror = () => reject(new Error("refused"));
      });
      const echoed: unknown[] = [];
      for (const sent of ["Grüße 👋", "x".repeat(300_000), new Uint8Array(200_000).fill(7)]) {
        const came = new Promise<MessageEvent>((resolve) => (socket.onmessage = resolve));
        socket.send(sent);
        const { data } = await came;
        echoed.push(
          typeof data === "string" ? data.length : new Uint8Array(data).filter((octet) => octet === 7).length,
        );
      }
      socket.close(4001, "done");
      const { code, wasClean } = await new Promise<CloseEvent>((resolve) => (socket.onclose = resolve));
      return { echoed, protocol: socket.protocol, closed: [code, wasClean] };
    }, `wss://${place}/chat`);
    return { ...told, cameBy };
  } finally {
    await context.close();
    await server.close();
    await new Promise<void>((resolve) => void http.close(() => resolve()));
  }
}

const told = { echoed: [8, 300_000, 200_000], protocol: "chat", closed: [4001, true] };

test("wss over HTTP/2: the page's own session carries it", async (context) => {
  const http = createSecureServer({ key, cert, allowHTTP1: true });
  assert.equal(await converse(context, http), { ...told, cameBy: ["HTTP/2"] });
});

test("wss over HTTP/1.1: where the page came that way", async (context) => {
  const http = createHttpsServer({ key, cert });
  assert.equal(await converse(context, http), { ...told, cameBy: ["HTTP/1.1"] });
});

test.run();
