// createServer in conversation with a browser's WebSocket.

import type { Page } from "playwright-core";
import * as assert from "uvu/assert";
import type { ServerOptions, Socket } from "../../bindings/node/index.ts";
import { deferred, kernelNames, withServer } from "../node/support.ts";
import { type BrowserContext, browserSuite } from "./chromium.ts";

/** Answers a page that may connect to the server it comes from, and echoes. */
const echo: ServerOptions = {
  request: () => ({ headers: [["Content-Type", "text/html"]], body: "<!doctype html><title>test</title>" }),
  message: (socket, data, isBinary) => socket.send(data, { binary: isBinary }),
};

const texts = [
  "",
  "Hello",
  "Grüße",
  "Привет",
  "你好，世界",
  "สวัสดี",
  "שלום",
  "नमस्ते",
  "👋🏽 𝒜 𠜎",
  "a \ufeff b",
  "é".repeat(70_000),
];
const lengths = [0, 1, 125, 126, 65_535, 65_536, 2 ** 20, 2 ** 24];

/** What the server's option is, and what the page is told was agreed. */
const compressions = [
  ["plain", false, ""],
  ["compressed", true, "permessage-deflate"],
  [
    "compressed without context takeover",
    { contextTakeover: false, peerContextTakeover: false, windowBits: 9, peerWindowBits: 10 },
    "permessage-deflate; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=9; client_max_window_bits=10",
  ],
] as const;

for (const kernel of kernelNames) {
  const test = browserSuite(`browser / conversation / ${kernel}`);

  /** Runs a server and opens a page of it. */
  const withPage = (
    { browser }: BrowserContext,
    options: ServerOptions,
    use: (page: Page, url: string) => Promise<void>,
  ): Promise<void> =>
    withServer(
      { ...echo, ...options },
      async ({ port, url }) => {
        const context = await browser.newContext();
        try {
          const page = await context.newPage();
          await page.goto(`http://127.0.0.1:${port}/`);
          await use(page, url);
        } finally {
          await context.close();
        }
      },
      kernel,
    );

  for (const [name, perMessageDeflate, agreed] of compressions) {
    test(`text in several scripts comes back as it was, ${name} (§5.6)`, async (context) => {
      await withPage(context, { perMessageDeflate }, async (page, url) => {
        const { received, extensions } = await page.evaluate(
          async ([url, texts]) => {
            const socket = new WebSocket(url);
            await new Promise((resolve) => (socket.onopen = resolve));
            const received: unknown[] = [];
            const all = new Promise<void>((resolve) => {
              socket.onmessage = ({ data }) => {
                if (received.push(data) === texts.length) resolve();
              };
            });
            for (const text of texts) socket.send(text);
            await all;
            socket.close();
            return { received, extensions: socket.extensions };
          },
          [url, texts] as const,
        );
        assert.equal(received, texts);
        assert.is(extensions, agreed);
      });
    });

    const sizes = perMessageDeflate === false ? lengths : lengths.slice(0, -1);
    test(`binary messages of ${sizes.join(", ")} octets come back as they were, ${name} (§5.2)`, async (context) => {
      await withPage(context, { perMessageDeflate }, async (page, url) => {
        const { received, extensions } = await page.evaluate(
          async ([url, lengths]) => {
            const socket = new WebSocket(url);
            socket.binaryType = "arraybuffer";
            await new Promise((resolve) => (socket.onopen = resolve));
            const received: number[] = [];
            for (const length of lengths) {
              const sent = new Uint8Array(length).map((_, index) => index * 7 + (index >> 8));
              const came = new Promise<MessageEvent>((resolve) => (socket.onmessage = resolve));
              socket.send(sent);
              const octets = new Uint8Array((await came).data as ArrayBuffer);
              if (octets.every((octet, index) => octet === sent[index])) received.push(octets.length);
            }
            socket.close();
            return { received, extensions: socket.extensions };
          },
          [url, sizes] as const,
        );
        assert.equal(received, sizes);
        assert.is(extensions, agreed);
      });
    });
  }

  test("the page closes: the server is told code and reason, the page that it was clean (§7.1.5)", async (context) => {
    const told = deferred<unknown>();
    const options = { close: (_socket: Socket, code: number, reason: string) => told.resolve([code, reason]) };
    await withPage(context, options, async (page, url) => {
      const closed = await page.evaluate(async (url) => {
        const socket = new WebSocket(url);
        await new Promise((resolve) => (socket.onopen = resolve));
        socket.close(4321, "bis bald 👋");
        const { code, wasClean } = await new Promise<CloseEvent>((resolve) => (socket.onclose = resolve));
        return [code, wasClean];
      }, url);
      assert.equal(await told.promise, [4321, "bis bald 👋"]);
      assert.equal(closed, [4321, true]);
    });
  });

  test("the server closes: the page is told code and reason, and that it was clean (§7.1.5)", async (context) => {
    const options = { open: (socket: Socket) => socket.close(4001, "voll: 満員") };
    await withPage(context, options, async (page, url) => {
      const closed = await page.evaluate(async (url) => {
        const socket = new WebSocket(url);
        const { code, reason, wasClean } = await new Promise<CloseEvent>((resolve) => (socket.onclose = resolve));
        return [code, reason, wasClean];
      }, url);
      assert.equal(closed, [4001, "voll: 満員", true]);
    });
  });

  test("a subprotocol is agreed; a page that offers only others is told none and refuses (§4.1)", async (context) => {
    await withPage(context, { protocols: ["chat.v2", "chat.v1"] }, async (page, url) => {
      const agreed = await page.evaluate(async (url) => {
        const socket = new WebSocket(url, ["chat.v1", "chat.v2"]);
        await new Promise((resolve) => (socket.onopen = resolve));
        socket.close();
        return socket.protocol;
      }, url);
      assert.is(agreed, "chat.v2");
      const outcome = await page.evaluate(async (url) => {
        const socket = new WebSocket(url, ["other"]);
        return new Promise((resolve) => {
          socket.onopen = () => resolve("open");
          socket.onerror = () => resolve("error");
        });
      }, url);
      assert.is(outcome, "error");
    });
  });

  test("the server's ping is answered by the browser (§5.5.2)", async (context) => {
    const told = deferred<string>();
    const options = {
      open: (socket: Socket) => socket.ping("there?"),
      pong: (_socket: Socket, data: Uint8Array) => told.resolve(Buffer.from(data).toString()),
    };
    await withPage(context, options, async (page, url) => {
      await page.evaluate((url) => void Object.assign(globalThis, { socket: new WebSocket(url) }), url);
      assert.is(await told.promise, "there?");
    });
  });

  test("a page of another origin may not connect, and may where allowedOrigins names it (§10.2)", async (context) => {
    const outcomeFrom = (page: Page, url: string): Promise<unknown> =>
      page.evaluate((url) => {
        const socket = new WebSocket(url);
        return new Promise((resolve) => {
          socket.onopen = () => resolve("open");
          socket.onerror = () => resolve("error");
        });
      }, url);
    await withPage(context, {}, async (page) => {
      const origin = new URL(page.url()).origin;
      for (const [options, outcome] of [
        [{}, "error"],
        [{ allowedOrigins: [origin] }, "open"],
      ] as const) {
        await withServer(options, async ({ url }) => assert.is(await outcomeFrom(page, url), outcome), kernel);
      }
    });
  });

  test.run();
}
