// The options of permessage-deflate: off by default, and every wrong value a UsageError where it is passed, with the option's
// name in it.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type DeflateOptions, DeflateSettings } from "../../bindings/deflate/options.ts";
import { PerMessageDeflate } from "../../bindings/deflate/permessage-deflate.ts";
import { UsageError } from "../../bindings/errors/classes.ts";
import { connect, WebSocket } from "../../bindings/node/index.ts";
import { zlibProvider, zlibStreams } from "../../bindings/runtime/zlib.ts";
import { createServer } from "../support/adapter.ts";

const test = suite("permessage-deflate: options");

const notWhole = [1.5, Number.NaN, Number.NEGATIVE_INFINITY, "9", "15x", null, true, {}, [9], 9n];

/** Wrong values for each option. */
const wrong: Readonly<Record<keyof DeflateOptions, readonly unknown[]>> = {
  threshold: [...notWhole, -1],
  contextTakeover: [0, 1, "true", null, {}],
  peerContextTakeover: [0, 1, "false", null, []],
  windowBits: [...notWhole, Number.POSITIVE_INFINITY, 0, 7, 8, 16, -9, 9.5, 2 ** 32 + 9],
  peerWindowBits: [...notWhole, Number.POSITIVE_INFINITY, 0, 7, 8, 16, -15, 14.5],
  level: [...notWhole, Number.POSITIVE_INFINITY, -2, 10],
  memLevel: [...notWhole, Number.POSITIVE_INFINITY, 0, 10, -1],
  strategy: [...notWhole, Number.POSITIVE_INFINITY, -1, 5],
  provider: [null, {}, "zlib", () => {}, { ...zlibStreams, createInflater: 1 }, { createDeflater() {} }],
};

/** Everything that takes the option. A URL that nobody answers: it must not come so far. */
const takers: Readonly<Record<string, (perMessageDeflate: never) => unknown>> = {
  createServer: (perMessageDeflate) => createServer({ perMessageDeflate }),
  connect: (perMessageDeflate) => connect("ws://127.0.0.1:9", { perMessageDeflate }),
  WebSocket: (perMessageDeflate) => new WebSocket("ws://127.0.0.1:9", { perMessageDeflate }),
};

/** What is thrown, or rejects. */
async function errorOf(work: () => unknown): Promise<unknown> {
  try {
    await work();
  } catch (error) {
    return error;
  }
  return undefined;
}

test("every wrong value is a UsageError that names its option, whoever takes it", async () => {
  for (const [taker, take] of Object.entries(takers)) {
    for (const [name, values] of Object.entries(wrong)) {
      for (const value of values) {
        const error = await errorOf(() => take({ [name]: value } as never));
        const what = `${taker}: ${name} ${typeof value} ${String(value)}`;
        assert.instance(error, UsageError, what);
        assert.match((error as Error).message, `perMessageDeflate.${name}`, what);
      }
    }
  }
});

test("what is no object, true or false is a UsageError, and so is a name that nobody reads", async () => {
  const values = [0, 1, "", "on", null, [], () => {}, Symbol("x"), 1n, { treshold: 1 }, { serverMaxWindowBits: 10 }];
  for (const [taker, take] of Object.entries(takers)) {
    for (const value of values) {
      const error = await errorOf(() => take(value as never));
      assert.instance(error, UsageError, `${taker}: ${typeof value} ${String(value)}`);
      assert.match((error as Error).message, "perMessageDeflate");
    }
  }
});

test("the ends of each range are in it", () => {
  const right: readonly DeflateOptions[] = [
    { threshold: 0 },
    { threshold: Number.POSITIVE_INFINITY },
    { threshold: 2 ** 40 },
    { windowBits: 9, peerWindowBits: 9 },
    { windowBits: 15, peerWindowBits: 15 },
    { level: -1, memLevel: 1, strategy: 0 },
    { level: 0 },
    { level: 9, memLevel: 9, strategy: 4 },
    { contextTakeover: undefined, provider: undefined },
  ];
  for (const options of right) {
    const settings = new DeflateSettings(options, zlibProvider());
    for (const [name, value] of Object.entries(options)) {
      const found = (settings as unknown as Record<string, unknown>)[name] ?? settings.deflater[name as "level"];
      if (value !== undefined) assert.is(found, value, name);
    }
  }
});

test("without a provider there is nothing that deflates", () => {
  assert.throws(
    () => new PerMessageDeflate(),
    (error: unknown) => error instanceof UsageError && error.message.includes("perMessageDeflate.provider"),
  );
});

test("the threshold is higher where no context knows such messages", () => {
  const thresholdOf = (options: DeflateOptions): number => new DeflateSettings(options, zlibProvider()).threshold;
  assert.is(thresholdOf({}), 64);
  assert.is(thresholdOf({ contextTakeover: false }), 512);
  assert.is(thresholdOf({ peerContextTakeover: false }), 64);
  assert.is(thresholdOf({ contextTakeover: false, threshold: 3 }), 3);
});

test.run();
