// Options of connect(): each is checked at the call, by name, before anything is dialed.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { UsageError } from "../../../bindings/index.ts";
import { Clock, type ConnectOptions, connect } from "../../../bindings/node/index.ts";
import { FakeTimers, turns } from "../support.ts";
import { acceptAll, refusal, serverFrame, withRawServer } from "./support.ts";

const test = suite("client options");
const here = "ws://127.0.0.1:9/";

/** Fails unless the call is refused with a WS_OPTION that matches. */
async function refusedBy(opening: Promise<unknown>, pattern: RegExp): Promise<void> {
  const error = await refusal(opening);
  assert.instance(error, UsageError, `${pattern}: ${error}`);
  assert.is(error.code, "WS_OPTION");
  assert.match(error.message, pattern);
}

/** The same for options, and for a URL; nothing may be dialed. */
async function refuses(options: object, pattern: RegExp, url: unknown = here): Promise<void> {
  const timers = new FakeTimers();
  await refusedBy(connect(url as string, { clock: new Clock(timers), ...options }), pattern);
  assert.is(timers.startedCount, 0, `${pattern}: a clock was started`);
}

/** Values that are wrong for an option, and those that are right. */
const rules: Readonly<Record<string, { readonly wrong: readonly unknown[]; readonly right: readonly unknown[] }>> = {
  maxMessageLength: { wrong: [-1, 1.5, "64kb", Number.NaN, null, 2 ** 53], right: [1, 3e9, Infinity] },
  maxBufferedAmount: { wrong: [-1, "1", Number.NaN, null], right: [3e9, Infinity] },
  maxProcessBuffered: { wrong: [-1, "1", Number.NaN], right: [3e9] },
  idleTimeoutMs: { wrong: [-1, 0.5, "1", null], right: [1000, Infinity] },
  closeTimeoutMs: { wrong: [-1, "1", Number.NaN, null], right: [1000] },
  text: { wrong: ["utf8", 1, null], right: ["string", "bytes"] },
  exact: { wrong: [1, "true", null], right: [true, false] },
  clock: { wrong: [null, {}, 1, { now() {}, add() {} }], right: [new Clock(new FakeTimers())] },
  maxHeadLength: { wrong: [0, -1, 1.5, "1", Infinity], right: [1, 3e9] },
  maxHeaderCount: { wrong: [0, -1, 1.5, "1", null], right: [1] },
  maxRedirects: { wrong: [-1, 1.5, "1", Infinity, null], right: [0, 5] },
  handshakeTimeoutMs: { wrong: [0, -1, 1.5, "1", Number.NaN, null], right: [1, 3e9] },
  tls: { wrong: [1, "ca", null, true], right: [{}] },
  socketPath: { wrong: ["", 1, null, {}], right: ["/nowhere"] },
  agent: { wrong: [1, "agent", null, {}, false], right: [] },
  connect: { wrong: [1, null, {}], right: [] },
  signal: { wrong: [1, null, {}, { aborted: false }], right: [new AbortController().signal] },
  protocols: { wrong: ["", "a b", ["a", "a"], 1, [1]], right: ["a", ["a", "b"], []] },
  origin: { wrong: ["nonsense", 1, "http://a/b"], right: ["null", "https://a:1"] },
  headers: {
    wrong: [{ "X-A": "a\r\nX-B: b" }, { "X A": "a" }, { Upgrade: "h2c" }, { "Sec-WebSocket-Key": "x" }, 1, "X: y"],
    right: [{ "X-A": "a" }, [["X-A", "a"]], new Headers({ "x-a": "a" })],
  },
};
for (const name of ["open", "message", "ping", "pong", "drain", "error", "close"]) {
  Object.assign(rules, { [name]: { wrong: [1, "function", null, {}], right: [() => {}] } });
}

for (const [name, { wrong, right }] of Object.entries(rules)) {
  test(`${name} is checked at the call, and named`, async () => {
    for (const value of wrong) await refuses({ [name]: value }, new RegExp(name, "i"));
    for (const value of right) {
      const aborted = AbortSignal.abort("right");
      const options = { signal: aborted, [name]: value } as ConnectOptions;
      if (name === "signal") continue;
      assert.is(await refusal(connect(here, options)), "right", `${name} ${String(value)}`);
    }
  });
}

test("a name that nobody reads is refused: a misspelt limit protects nothing", async () => {
  for (const name of [
    "maxPayload",
    "maxMessagelength",
    "onmessage",
    "protocol",
    "timeout",
    "kernel",
    "allowedOrigins",
  ]) {
    await refuses({ [name]: 1 }, new RegExp(`no option "${name}"`));
  }
});

test("options that are no object are refused", async () => {
  for (const options of [null, 1, "protocol", ["protocol"], Promise.resolve({})])
    await refusedBy(connect(here, options as ConnectOptions), /the options/);
});

test("connect excludes agent and socketPath", async () => {
  const connectOption = (): never => assert.unreachable() as never;
  const { Agent } = await import("node:http");
  await refuses({ connect: connectOption, agent: new Agent() }, /connect must be left out/);
  await refuses({ connect: connectOption, socketPath: "/x" }, /connect must be left out/);
});

test("a URL that is none, of another scheme, or with a fragment is refused (§3)", async () => {
  for (const url of ["", "nonsense", "/path", "ftp://a", "ws://", "ws://a/#b", "ws://a/#", null, 1, {}]) {
    await refuses({}, /url/, url);
  }
});

test("a URL whose user has a colon, or is not UTF-8, is refused (RFC 7617 §2)", async () => {
  await refuses({}, /url: a user/, "ws://a%3Ab:c@host/");
  await refuses({}, /url: the user or password/, "ws://a%ff:c@host/");
});

test("maxMessageLength of 3e9 is no limit of 3e9 mod 2^32, and of 4 a limit (§10.4)", async () => {
  await withRawServer(acceptAll, async ({ url, peer }) => {
    for (const [index, maxMessageLength] of [3e9, 4].entries()) {
      const errors: (string | undefined)[] = [];
      const messages: unknown[] = [];
      const socket = await connect(url, {
        maxMessageLength,
        message: (_socket, data) => messages.push(data),
        error: (_socket, error) => errors.push((error as UsageError).code),
      });
      (await peer(index)).send(serverFrame(1, "12345"));
      while (messages.length + errors.length === 0) await turns(1);
      if (index === 0) assert.equal(messages, ["12345"]);
      else assert.equal(errors, ["WS_MESSAGE_TOO_LONG"]);
      socket.terminate();
    }
  });
});

test.run();
