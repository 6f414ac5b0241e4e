// `wsimd connect`, as a user types it and as a pipe feeds it.

import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { harmless } from "../../bindings/bin/connect.ts";
import type { ServerOptions } from "../../bindings/node/index.ts";
import { Program, packageRoot } from "../support/programs.ts";
import { until, withServer } from "./support.ts";

const test = suite("wsimd / connect");

const bin = join(packageRoot, "dist/esm/bin/wsimd.js");

/** `wsimd connect` with an input that the test writes. */
function connectTo(...words: readonly string[]): Program {
  return new Program(process.execPath, [bin, "connect", ...words], packageRoot, {}, "pipe");
}

const echo: ServerOptions = {
  message(socket, data, isBinary) {
    socket.send(data, { binary: isBinary });
  },
};

test("sends each line, prints each answer, and closes with 1000 at the input's end", async () => {
  const closed: number[] = [];
  await withServer({ ...echo, close: (_socket, code) => void closed.push(code) }, async ({ url }) => {
    const program = connectTo(url);
    program.child.stdin!.end("hello\n\n世界\n");
    assert.is(await program.ended, 0);
    assert.is(program.stdout, "hello\n\n世界\n");
    assert.match(program.stderr, /^connected; .*\nclosed: 1000\n$/);
    await until(() => closed.length === 1);
    assert.equal(closed, [1000]);
  });
});

test("a large input arrives whole, faster than it is read", async () => {
  const lines = Array.from({ length: 20_000 }, (_, index) => `${index} ${"x".repeat(100)}\n`).join("");
  await withServer(echo, async ({ url }) => {
    const program = connectTo(url);
    program.child.stdin!.end(lines);
    assert.is(await program.ended, 0);
    assert.is(program.stdout, lines);
  });
});

test("prints binary messages in hex, the beginning of long ones", async () => {
  const options: ServerOptions = {
    open(socket) {
      socket.send(Uint8Array.of(0, 255, 16));
      socket.send(new Uint8Array(65));
      socket.close(4000, "enough");
    },
  };
  await withServer(options, async ({ url }) => {
    const program = connectTo(url);
    assert.is(await program.ended, 0);
    assert.is(
      program.stdout,
      `(binary, 3 octets) 00 ff 10\n(binary, 65 octets) ${Array(64).fill("00").join(" ")} ...\n`,
    );
    assert.match(program.stderr, /closed: 4000 "enough"\n$/);
  });
});

test("asks for subprotocols and adds fields to the request", async () => {
  let asked = "";
  const options: ServerOptions = {
    protocols: ["b"],
    open(socket, { headers }) {
      asked = `${headers.get("cookie")} ${headers.get("origin")} ${headers.get("x-empty")}`;
      socket.close(1000);
    },
    allowedOrigins: "*",
  };
  await withServer(options, async ({ url }) => {
    const words = ["--protocol", "a", "--protocol", "b", "--header", "Cookie: c=1:2", "--header", "X-Empty:"];
    const program = connectTo(url, ...words, "--origin", "http://example.org");
    assert.is(await program.ended, 0);
    assert.is(asked, "c=1:2 http://example.org ");
    assert.match(program.stderr, /^connected, subprotocol b;/);
  });
});

test("Ctrl+C closes with 1000", async () => {
  await withServer(echo, async ({ url, server }) => {
    const program = connectTo(url);
    await until(() => server.sockets.size === 1 && program.stderr.includes("connected"));
    assert.is(await program.stop("SIGINT"), 0);
    assert.match(program.stderr, /closed: 1000\n$/);
  });
});

test("says in one line why there is no connection, and why it broke; exit code 1", async () => {
  const refused = connectTo("ws://127.0.0.1:1");
  assert.is(await refused.ended, 1);
  assert.match(refused.stderr, /^wsimd: cannot connect to ws:\/\/127\.0\.0\.1:1: [^\n]*ECONNREFUSED[^\n]*\n$/);
  await withServer({ ...echo, allowedOrigins: [] }, async ({ url }) => {
    const forbidden = connectTo(url, "--origin", "http://example.org");
    assert.is(await forbidden.ended, 1);
    assert.match(forbidden.stderr, /^wsimd: cannot connect to [^\n]*403[^\n]*\n$/);
  });
  await withServer({ open: (socket) => socket.terminate() }, async ({ url }) => {
    const dropped = connectTo(url);
    assert.is(await dropped.ended, 1);
    assert.match(dropped.stderr, /\nwsimd: the connection ended without a Close frame/);
  });
});

test("an output that nobody reads any more closes the connection, quietly", async () => {
  const options: ServerOptions = {
    open(socket) {
      for (let count = 0; count < 1000; count++) socket.send("x".repeat(1000));
    },
  };
  await withServer(options, async ({ url, server }) => {
    const program = connectTo(url);
    program.child.stdout!.destroy();
    assert.is(await program.ended, 0);
    assert.match(program.stderr, /^connected; .*\nclosed: 1000\n$/);
    await until(() => server.sockets.size === 0);
  });
});

test("the command may stand behind its options", async () => {
  await withServer({ protocols: ["echo"], open: (socket) => socket.close(1000) }, async ({ url }) => {
    const program = Program.node(bin, "--protocol", "echo", "connect", url);
    assert.is(await program.ended, 0);
    assert.match(program.stderr, /^connected, subprotocol echo;/);
  });
});

test("--wait keeps the connection open for answers that come after the input's end", async () => {
  const options: ServerOptions = {
    message(socket, data) {
      setTimeout(() => socket.send(`late ${data}`), 50);
    },
  };
  await withServer(options, async ({ url }) => {
    const program = connectTo(url, "--wait", "60");
    program.child.stdin!.end("question\n");
    await program.line(/late question\n/);
    assert.is(await program.stop("SIGINT"), 0);
    assert.match(program.stderr, /closed: 1000\n$/);
  });
});

test("a terminal is shown control characters as what they are", () => {
  assert.is(harmless("a\u001b[31mred\u0007\u009b\tb\nc\r ä世"), "a\\x1b[31mred\\x07\\x9b\tb\nc\\x0d ä世");
});

test.run();
