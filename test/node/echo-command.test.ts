// `wsimd echo`, and the other words of the command, as a user types them.

import { once } from "node:events";
import { readFileSync } from "node:fs";
import { type AddressInfo, createServer as createNetServer } from "node:net";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { WebSocket } from "ws";
import { Program, packageRoot } from "../support/programs.ts";
import { serverSuite } from "./server-suite.ts";
import { ask, deferred } from "./support.ts";

const bin = join(packageRoot, "dist/esm/bin/wsimd.js");
const wsimd = (...words: readonly string[]): Program => Program.node(bin, ...words);

/** Runs `wsimd echo` for as long as `use` takes. */
async function withEcho(words: readonly string[], use: (echo: Program, url: URL) => Promise<void>): Promise<void> {
  const echo = wsimd("echo", ...words);
  try {
    const [, url] = await echo.line(/wsimd echo: (\S+)\n/);
    await use(echo, new URL(url!));
  } finally {
    await echo.stop("SIGKILL");
  }
}

const words = suite("wsimd / arguments");

words("--help and --version answer on stdout with exit code 0", async () => {
  const { version } = JSON.parse(readFileSync(join(packageRoot, "package.json"), "utf8"));
  for (const [word, answer] of [
    ["--version", new RegExp(`^${version}\n$`)],
    ["-v", new RegExp(`^${version}\n$`)],
    ["--help", /^Usage: wsimd echo .*--port[\s\S]*--host/],
    ["-h", /^Usage: /],
  ] as const) {
    const program = wsimd(word);
    assert.is(await program.ended, 0);
    assert.match(program.stdout, answer);
    assert.is(program.stderr, "");
  }
  for (const command of ["echo", "connect"]) {
    const program = wsimd(command, "--help");
    assert.is(await program.ended, 0);
    assert.match(program.stdout, /^Usage: [\s\S]*wsimd connect URL/);
  }
});

for (const [mistake, answer] of [
  [[], /a command is missing: echo or connect/],
  [["ecko"], /no command "ecko", only echo and connect/],
  [["connect"], /connect takes a URL/],
  [["connect", "ws://a", "ws://b"], /no argument "ws:\/\/b"/],
  [["connect", "ws://a", "--header", "x"], /--header must be "Name: value", not "x"/],
  [["connect", "ws://a", "--port", "1"], /--port/],
  [["connect", "localhost:8080"], /"localhost:8080" is no URL; did you mean ws:\/\/localhost:8080\?/],
  [["connect", "ws://a:99999"], /url must be an absolute URL; found "ws:\/\/a:99999"/],
  [["connect", "ws://a", "--wait", "x"], /--wait must be a number of seconds, at most a day, not "x"/],
  [["connect", "ws://a", "--protocol", "a b"], /protocols/],
  [["connect", "ws://a", "--header", "Upgrade: x"], /Upgrade is written by the handshake itself/],
  [["echo", "8080"], /no argument "8080"/],
  [["echo", "--port"], /--port/],
  [["echo", "--port", "80a"], /--port must be a whole number from 0 to 65535, not "80a"/],
  [["echo", "--port", "65536"], /--port must be/],
  [["echo", "--port=-1"], /--port must be/],
  [["echo", "--host="], /--host/],
  [["echo", "--prot", "1"], /--prot/],
] as const) {
  words(`\`wsimd ${mistake.join(" ")}\` is one clear line on stderr and exit code 2`, async () => {
    const program = wsimd(...mistake);
    assert.is(await program.ended, 2);
    assert.is(program.stdout, "");
    assert.match(program.stderr, /^wsimd: [^\n]*see wsimd --help\n$/);
    assert.match(program.stderr, answer);
  });
}

words.run();

const echo = serverSuite("wsimd / echo");

echo("prints the page's address, what it does and how to stop it", async () => {
  await withEcho(["--port", "0"], async ({ stdout }, url) => {
    assert.is(url.hostname, "127.0.0.1");
    assert.match(stdout, new RegExp(`ws://127\\.0\\.0\\.1:${url.port}`));
    assert.match(stdout, /Ctrl\+C/);
  });
});

echo("sends back text, binary and fragments as they were", async () => {
  await withEcho(["--port", "0"], async (_echo, url) => {
    const client = new WebSocket(`ws://${url.host}/any/path?at=all`);
    await once(client, "open");
    for (const sent of ["", "Grüße 👋", Buffer.from([0, 255]), Buffer.alloc(2 ** 24, 7)]) {
      client.send(sent);
      const [data, isBinary] = await once(client, "message");
      assert.is(isBinary, typeof sent !== "string");
      assert.is(Buffer.compare(data, Buffer.from(sent)), 0);
    }
    client.send("in ", { fin: false });
    client.send("two", { fin: true });
    const [data] = await once(client, "message");
    assert.is(data.toString(), "in two");
    client.close(3999);
    assert.is((await once(client, "close"))[0], 3999);
  });
});

echo("reads no faster than its peer does, and loses nothing (backpressure)", async () => {
  await withEcho(["--port", "0"], async (_echo, url) => {
    const client = new WebSocket(`ws://${url.host}`);
    await once(client, "open");
    const all = deferred();
    let receivedCount = 0;
    client.on("message", () => {
      if (++receivedCount === 200) all.resolve();
    });
    client.pause();
    for (let index = 0; index < 200; index++) client.send(Buffer.alloc(2 ** 20));
    setTimeout(() => client.resume(), 200);
    await all.promise;
    client.close();
    await once(client, "close");
  });
});

echo("serves the page at / with a strict Content-Security-Policy and nothing else", async () => {
  await withEcho(["--port", "0"], async (_echo, url) => {
    const page = await fetch(url);
    assert.is(page.status, 200);
    assert.is(page.headers.get("content-type"), "text/html; charset=utf-8");
    const policy = page.headers.get("content-security-policy") ?? "";
    assert.match(policy, /default-src 'none'/);
    assert.not.match(policy, /unsafe|\*|https?:/);
    const html = await page.text();
    assert.match(html, /<title>wsimd echo<\/title>/);
    assert.not.match(html, /(src|href)="(?!data:)/, "no external asset");
    for (const [path, status] of [
      ["/?query", 200],
      ["/favicon.ico", 204],
      ["/other", 404],
      ["/..%2f..%2fpackage.json", 404],
    ] as const) {
      assert.is((await fetch(new URL(path, url))).status, status, path);
    }
    assert.is((await fetch(url, { method: "POST", body: "x" })).status, 405);
    const head = await fetch(url, { method: "HEAD" });
    assert.is(head.headers.get("content-length"), page.headers.get("content-length"));
    const port = Number(url.port);
    assert.is((await ask(port, `GET http://${url.host}/ HTTP/1.1\r\nHost: ${url.host}\r\n\r\n`)).httpStatus, 200);
    assert.is((await ask(port, "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n")).httpStatus, 404);
  });
});

echo("a page of another origin may not connect (§10.2)", async () => {
  await withEcho(["--port", "0"], async (_echo, url) => {
    const client = new WebSocket(`ws://${url.host}`, { origin: "https://elsewhere.example" });
    const [error] = await once(client, "error");
    assert.match(error.message, /403/);
  });
});

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  echo(`${signal} sends every connection 1001 and ends with exit code 0 (§7.4.1)`, async () => {
    await withEcho(["--port", "0"], async (program, url) => {
      const clients = [1, 2, 3].map(() => new WebSocket(`ws://${url.host}`));
      await Promise.all(clients.map((client) => once(client, "open")));
      const codes = Promise.all(clients.map(async (client) => (await once(client, "close"))[0]));
      assert.is(await program.stop(signal), 0);
      assert.equal(await codes, [1001, 1001, 1001]);
      assert.is(program.stderr, "");
    });
  });
}

/** Occupies a port for as long as `use` takes. */
async function withBusyPort(wanted: number, use: (port: number) => Promise<void>): Promise<void> {
  const server = createNetServer();
  const bound = await new Promise<boolean>((resolve) => {
    server.once("error", () => resolve(false)); // someone else has it: as good
    server.listen(wanted, "127.0.0.1", () => resolve(true));
  });
  try {
    await use(bound ? (server.address() as AddressInfo).port : wanted);
  } finally {
    server.close();
  }
}

echo("a port that was asked for and is in use: one clear line and exit code 1", async () => {
  await withBusyPort(0, async (port) => {
    const program = wsimd("echo", "--port", `${port}`);
    assert.is(await program.ended, 1);
    assert.is(program.stderr, `wsimd: port ${port} on 127.0.0.1 is in use; choose another with --port\n`);
    assert.is(program.stdout, "");
  });
});

echo("without --port the next free port after 8080 is taken", async () => {
  await withBusyPort(8080, async () => {
    await withEcho([], async (_echo, url) => {
      assert.ok(Number(url.port) > 8080 && Number(url.port) <= 8179, url.port);
      assert.is((await fetch(url)).status, 200);
    });
  });
});

echo("an address that is not this machine's: one clear line and exit code 1", async () => {
  const program = wsimd("echo", "--port", "0", "--host", "192.0.2.1");
  assert.is(await program.ended, 1);
  assert.match(program.stderr, /^wsimd: 192\.0\.2\.1 is no address of this machine[^\n]*\n$/);
});

echo("--host 0.0.0.0 listens everywhere and prints an address that can be opened", async () => {
  await withEcho(["--port", "0", "--host", "0.0.0.0"], async (_echo, url) => {
    assert.is(url.hostname, "127.0.0.1");
    assert.is((await fetch(url)).status, 200);
  });
});

echo.run();
