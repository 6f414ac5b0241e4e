// Unmodified packages that use ws: what each does on ws itself, and that it does the same, word for word, where ws is replaced.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { cert, key } from "../support/certificate.ts";
import { expected } from "./expected.ts";
import { run, type Transcript } from "./program.ts";

const folder = mkdtempSync(join(tmpdir(), "wsimd-real-"));
const credentials = [join(folder, "key.pem"), join(folder, "certificate.pem")] as const;
writeFileSync(credentials[0], key);
writeFileSync(credentials[1], cert);

interface Case {
  readonly program: string;
  readonly args?: readonly string[];
  readonly expected: Readonly<Record<string, unknown>>;
  /** Of the sockets that the program looks at, those that stay as they are when ws is replaced. */
  readonly keeps?: readonly number[];
  /** The first major version of Node where the package does not work on ws itself, and what happens there. */
  readonly fails?: readonly [major: number, how: string];
}

const deflated = { ...expected.socketIo, extensions: [true, true] };
const secure = { ...expected.undici, encrypted: true, connections: Array(5).fill([true, "none", "/chat"]) };

const cases: readonly Case[] = [
  { program: "socket-io", expected: expected.socketIo },
  { program: "socket-io", args: ["deflate"], expected: deflated },
  { program: "graphql-ws", expected: expected.graphqlWs },
  { program: "fastify", expected: expected.fastify },
  // Its server is of the ws 7 that it asks for: that is none of ours.
  { program: "express", args: ["express-ws"], expected: expected.expressWs, keeps: [1] },
  { program: "express", args: ["websocket-express"], expected: expected.websocketExpress },
  { program: "isomorphic-ws", expected: expected.isomorphicWs },
  { program: "hono", expected: expected.hono },
  { program: "reconnecting-websocket", expected: expected.reconnectingWebSocket },
  {
    program: "mqtt",
    expected: expected.mqtt,
    fails: [26, "aedes reads the first octet of ws's stream and then waits for ever"],
  },
  { program: "trpc", expected: expected.trpc },
  { program: "undici", args: ["http"], expected: expected.undici },
  { program: "undici", args: ["https", ...credentials], expected: secure },
];

/** Whether a package works on ws itself with this Node: a case where it does not says nothing of what replaces ws. */
function works({ program, fails }: Case): boolean {
  if (fails === undefined || Number.parseInt(process.versions.node, 10) < fails[0]) return true;
  console.error(`${program} is left out on Node ${process.version}: ${fails[1]}`);
  return false;
}

for (const { program, args = [], expected: said, keeps = [] } of cases.filter(works)) {
  const name = [program, ...args.slice(0, 1)].join(" ");
  const test = suite(`real packages / ${name}`);

  let onWs: Promise<Transcript> | undefined;
  const transcriptOnWs = (): Promise<Transcript> => (onWs ??= run(program, args, "plain"));

  test(`${name} does on ws what is expected of it`, async () => {
    const { isReplaced, ...transcript } = await transcriptOnWs();
    for (const [topic, words] of Object.entries(said)) assert.equal(transcript[topic], words, topic);
    assert.equal(
      isReplaced.filter((answer) => answer),
      [],
      "it runs on ws",
    );
  });

  test(`${name} does the same where ws is replaced`, async () => {
    const { isReplaced, ...transcript } = await run(program, args, "replaced");
    const { isReplaced: looked, ...plain } = await transcriptOnWs();
    for (const topic of Object.keys(plain)) assert.equal(transcript[topic], plain[topic], topic);
    assert.equal(Object.keys(transcript), Object.keys(plain));
    assert.equal(
      isReplaced,
      looked.map((_, index) => !keeps.includes(index)),
      "which sockets are ours",
    );
  });

  if (args[0] === "https") test.after(() => rmSync(folder, { recursive: true }));
  test.run();
}
