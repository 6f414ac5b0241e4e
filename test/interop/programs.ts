// The programs of other people that the interop tests talk with: where they are, and how they start.
//
// Each peer has an echo server and a client in peers/. A server prints its port, then "closed CODE REASON" for every
// connection that ends. What it does depends on the path: "/" echoes; "/ping" sends the ping "there?" and, when the pong has
// come, the text "answered: there?"; "/close" closes with 4001 "voll: 満員"; "/offer" sends the extensions that the client
// offered, or "none". Of the subprotocols it knows b.v2. A client is told a URL whose server does the same, and on "/drop"
// drops the connection at the first message.

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { suite, type Test } from "uvu";
import { Program, packageRoot } from "../support/programs.ts";

/** Somebody else's WebSocket, as a server and as a client. */
export interface Peer {
  readonly name: string;
  /** What starts its programs. */
  readonly command: readonly string[];
  readonly echo: string;
  readonly talk: string;
  /** Whether its server lets the application send pings and tells it the pongs. */
  readonly serverPings: boolean;
  /** Whether its client lets the application send pings. */
  readonly clientPings: boolean;
}

const installed = (name: string): string => join(packageRoot, ".peers", name);

export const peers: readonly Peer[] = [
  {
    name: "bun",
    command: [installed("bun")],
    echo: "echo.bun.mjs",
    talk: "talk.mjs",
    serverPings: true,
    clientPings: true,
  },
  {
    name: "deno",
    command: [installed("deno"), "run", "--quiet", "--allow-net", "--allow-read"],
    echo: "echo.deno.mjs",
    talk: "talk.mjs",
    serverPings: false,
    clientPings: false,
  },
  {
    name: "python",
    command: ["/usr/bin/python3"],
    echo: "echo.py",
    talk: "talk.py",
    serverPings: true,
    clientPings: true,
  },
  {
    name: "ws",
    command: [process.execPath],
    echo: "echo.ws.mjs",
    talk: "talk.ws.mjs",
    serverPings: true,
    clientPings: true,
  },
];

/** How to get a peer that is not there; undefined where it is. */
function whatIsMissing({ name, command }: Peer): string | undefined {
  const [program] = command;
  if (name === "python") {
    const { status } = spawnSync(program!, ["-c", "import websockets"]);
    return status === 0 ? undefined : "apt-get install python3-websockets";
  }
  return existsSync(program!) ? undefined : "node scripts/peers.mjs";
}

/** Registers the tests of one peer. */
type Conversation = (test: Test, peer: Peer) => void;

/** A suite of conversations with a peer; one that is not there fails it. The caller runs it. */
export function peerSuite(title: string, peer: Peer, converse: Conversation): Test {
  const test = suite(`interop / ${title} ${peer.name}`);
  const missing = whatIsMissing(peer);
  if (missing === undefined) {
    converse(test, peer);
  } else {
    test(`${peer.name} is there`, () => {
      throw new Error(`${peer.name} is not there: ${missing}`);
    });
  }
  return test;
}

/** Deno is to look for nothing newer, and at no package.json. */
const environment = { DENO_NO_UPDATE_CHECK: "1", DENO_NO_PACKAGE_JSON: "1", NO_COLOR: "1" };

function start({ command }: Peer, ...args: readonly string[]): Program {
  const [program, ...options] = command;
  return new Program(program!, [...options, ...args], join(packageRoot, "test/interop/peers"), environment);
}

/** Starts a peer's client, which talks with the server at the URL. */
export function startTalk(peer: Peer, url: string): Program {
  return start(peer, peer.talk, url);
}

/** A peer's echo server that runs. */
export interface EchoServer {
  readonly program: Program;
  readonly url: string;
}

/** Starts a peer's echo server; with the paths of a certificate and its key, over TLS. */
export async function startEcho(peer: Peer, tls: readonly string[] = []): Promise<EchoServer> {
  const program = start(peer, peer.echo, ...tls);
  const [, port] = await program.line(/^(\d+)\n/);
  return { program, url: `${tls.length === 0 ? "ws" : "wss"}://127.0.0.1:${port}` };
}
