// Our server in conversation with clients that others wrote: Bun's, Deno's, Python's websockets, ws. Each runs in a process
// of its own, takes its steps in one go and says how each went.

import type { Test } from "uvu";
import * as assert from "uvu/assert";
import type { ServerOptions } from "../../bindings/node/index.ts";
import { withServer } from "../node/support.ts";
import type { Program } from "../support/programs.ts";
import { type Peer, peerSuite, peers, startTalk } from "./programs.ts";

/** The steps of peers/talk.mjs and talk.py, and what they show. */
const steps: Readonly<Record<string, string>> = {
  text: "text in several scripts, 1 MiB at most, comes back as it was (§5.6)",
  binary: "binary messages of 0 octets to 4 MiB come back as they were (§5.2)",
  many: "1000 messages sent at once come back in order",
  extensions: "no extension is agreed, offered or not (§9.1)",
  "a subprotocol": "the subprotocol that the server knows is agreed (§1.9)",
  "no subprotocol": "no subprotocol is agreed where none is asked for",
  "the server pings": "the server's ping is answered, and it is told so (§5.5.3)",
  "the client closes": "the client closes: the server repeats the code (§7.1.5)",
  "the server closes": "the server closes: the client is told code and reason (§7.1.5)",
  "the server drops the connection": "the server drops the connection: the client is told that none closed it (§7.1.5)",
};

const pingStep = { "the client pings": "the client's ping is answered (§5.5.3)" };

/** What our server does with one peer's client. */
function converse(test: Test, peer: Peer): void {
  let talk: Program;
  let exitCode: number | string;
  const closings: string[] = [];
  const errors: unknown[] = [];

  /** What peers/talk.mjs and talk.py expect of a server. */
  const server: ServerOptions<string> = {
    protocols: ["b.v2"],
    open(socket, { target }) {
      socket.data = target;
      if (target === "/ping") socket.ping("there?");
      else if (target === "/close") socket.close(4001, "voll: 満員");
    },
    message(socket, data, isBinary) {
      if (socket.data === "/drop") socket.terminate();
      else socket.send(data, { binary: isBinary });
    },
    pong(socket, data) {
      if (socket.data === "/ping") socket.send(`answered: ${Buffer.from(data)}`);
    },
    error: (_socket, error) => void errors.push(error),
    close: (_socket, code, reason) => void closings.push(`${code} ${reason}`),
  };

  test.before(async () => {
    await withServer(server as ServerOptions, async ({ url }) => {
      talk = startTalk(peer, url);
      exitCode = await talk.ended;
    });
  });

  const expected = { ...steps, ...(peer.clientPings ? pingStep : {}) };

  for (const [step, title] of Object.entries(expected)) {
    test(title, () => {
      const lines = talk.stdout.split("\n");
      const said = lines.find((line) => line === `ok ${step}` || line.startsWith(`differs ${step}: `));
      assert.is(said ?? `nothing of it, and: ${talk.stderr}`, `ok ${step}`);
    });
  }

  test("the server is told code and reason of the client's Close (§7.1.6)", () => {
    assert.ok(closings.includes("4321 bis bald 👋"), closings.join(", "));
  });

  test("the client takes no other step, and ends well; the server finds no fault in it", () => {
    assert.is(talk.stdout.match(/^ok /gm)?.length, Object.keys(expected).length, talk.stdout);
    assert.is(exitCode, 0);
    assert.equal(errors, []);
  });
}

for (const peer of peers) {
  const test = peerSuite("our server with", peer, converse);
  test.run();
}
