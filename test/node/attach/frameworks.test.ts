// Pages and WebSockets on one port: Express, Fastify, Koa, bare http and https, with ws, undici and our own client.

import { once } from "node:events";
import { createServer as createHttpServer, type Server as HttpServer, type RequestListener } from "node:http";
import { createServer as createHttpsServer, get } from "node:https";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { Agent, WebSocket as UndiciWebSocket } from "undici";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { WebSocket as WsWebSocket } from "ws";
import { connect, createServer } from "../../../bindings/node/index.ts";
import { cert, key } from "../../support/certificate.ts";

const test = suite("attach / frameworks");
const require = createRequire(import.meta.url);

/** What is used of a framework; its types are not needed for more. */
interface App {
  get(path: string, answer: (request: unknown, response: { send(body: string): void }) => unknown): unknown;
  use(answer: (context: { body: string }) => unknown): unknown;
  callback(): RequestListener;
  listen(port: number | object, host?: string, done?: () => void): HttpServer;
  server: HttpServer;
  close(): Promise<void>;
}

const load = (name: string): (() => App) & (new () => App) => {
  const loaded = require(name) as { default?: unknown };
  return (loaded.default ?? loaded) as (() => App) & (new () => App);
};

interface Site {
  readonly http: HttpServer;
  close(): Promise<unknown>;
}

const closing = (http: HttpServer): Promise<unknown> =>
  new Promise((resolve) => {
    http.closeAllConnections();
    http.close(resolve);
  });

const listening = async (http: HttpServer): Promise<Site> => {
  if (!http.listening) await once(http.listen(0, "127.0.0.1"), "listening");
  return { http, close: () => closing(http) };
};

const sites: Readonly<Record<string, () => Promise<Site>>> = {
  express() {
    const app = load("express")();
    app.get("/", (_request, response) => response.send("a page"));
    return new Promise((resolve) => {
      const http = app.listen(0, "127.0.0.1", () => resolve(listening(http)));
    });
  },
  async fastify() {
    const app = load("fastify")();
    app.get("/", () => "a page");
    await app.listen({ port: 0, host: "127.0.0.1" });
    return { http: app.server, close: () => app.close() };
  },
  koa() {
    const app = new (load("koa"))();
    app.use((context) => {
      context.body = "a page";
    });
    return listening(createHttpServer(app.callback()));
  },
  "bare http": () => listening(createHttpServer((_request, response) => response.end("a page"))),
  "bare https": () =>
    listening(
      createHttpsServer({ key, cert }, (_request, response) => response.end("a page")) as unknown as HttpServer,
    ),
};

/** What each client gets back for "hello". */
async function echoes(url: string): Promise<readonly unknown[]> {
  const ws = new WsWebSocket(url, { ca: cert });
  await once(ws, "open");
  ws.send("hello");
  const [data] = await once(ws, "message");
  ws.close(1000);
  const [code] = await once(ws, "close");

  const dispatcher = new Agent({ connect: { ca: cert } });
  const undici = new UndiciWebSocket(url, { dispatcher });
  await new Promise((resolve) => undici.addEventListener("open", resolve));
  undici.send("hello");
  const message = await new Promise<{ data: unknown }>((resolve) => undici.addEventListener("message", resolve));
  undici.close(1000);
  const { wasClean } = await new Promise<{ wasClean: boolean }>((resolve) => undici.addEventListener("close", resolve));
  await dispatcher.close();

  const own = await connect(url, url.startsWith("wss") ? { tls: { ca: cert } } : {});
  own.send("hello");
  const received: unknown[] = [];
  for await (const one of own) {
    received.push(one);
    own.close(1000);
  }
  return [String(data), code, message.data, wasClean, ...received];
}

function page(url: string): Promise<string> {
  if (url.startsWith("http:")) return fetch(url, { headers: { Connection: "close" } }).then((answer) => answer.text());
  return new Promise((resolve, reject) => {
    get(url, { ca: cert, agent: false }, (answer) => answer.setEncoding("utf8").on("data", resolve)).on(
      "error",
      reject,
    );
  });
}

for (const [name, start] of Object.entries(sites)) {
  test(`${name} serves pages and WebSockets on one port`, async () => {
    const { http, close } = await start();
    const server = createServer({ message: (socket, data, isBinary) => void socket.send(data, { binary: isBinary }) });
    server.attach(http, { path: "/chat" });
    const scheme = name.includes("https") ? "s" : "";
    const place = `${scheme === "s" ? "localhost" : "127.0.0.1"}:${(http.address() as AddressInfo).port}`;
    assert.is(await page(`http${scheme}://${place}/`), "a page");
    assert.equal(await echoes(`ws${scheme}://${place}/chat`), ["hello", 1000, "hello", true, "hello"]);
    assert.is(await page(`http${scheme}://${place}/`), "a page");
    await server.close();
    await close();
  });
}

test.run();
