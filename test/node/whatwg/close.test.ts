// `close(code, reason)`. WebSockets Standard §3.1.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { nameOf, serverClose, withPair } from "./support.ts";

const test = suite("WebSocket / close");

/** The Close that the server gets for one call. */
async function closedWith(...args: readonly unknown[]): Promise<string> {
  let told: string[] = [];
  await withPair(async ({ ws, peer }) => {
    Reflect.apply(ws.close, ws, args);
    told = await peer.frameCount(1);
  });
  return told.join();
}

test("without arguments an empty Close is sent", async () => {
  assert.is(await closedWith(), "8");
  assert.is(await closedWith(undefined, undefined), "8");
  assert.is(await closedWith(undefined, ""), "8");
});

test("a code and a reason are sent as they are", async () => {
  assert.is(await closedWith(1000), "8 1000");
  assert.is(await closedWith(3000, "enough"), "8 3000 enough");
  assert.is(await closedWith(4999, "\ud800ü"), "8 4999 \ufffdü");
});

test("a reason without a code is sent with 1000", async () => {
  assert.is(await closedWith(undefined, "why"), "8 1000 why");
});

test("a code is converted by [Clamp]: to the nearest number, a half to the even one", async () => {
  const codes = [
    ["3000", 3000],
    [999.6, 1000],
    [1000.4, 1000],
    [2999.5, 3000],
    [3000.5, 3000],
    [[4000], 4000],
  ];
  for (const [given, expected] of codes) assert.is(await closedWith(given), `8 ${expected}`, String(given));
});

test("a code that is neither 1000 nor 3000 to 4999 throws InvalidAccessError", async () => {
  await withPair(async ({ ws, peer }) => {
    const codes = [
      Number.NaN,
      null,
      "",
      {},
      0,
      999.4,
      1000.6,
      1001,
      1005,
      1006,
      2999,
      2999.4,
      5000,
      4999.5,
      70_000,
      -1,
    ];
    for (const code of [...codes, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      assert.throws(
        () => ws.close(code as number),
        (error: unknown) => error instanceof DOMException && error.code === 15,
        String(code),
      );
    }
    assert.is(ws.readyState, 1);
    ws.send("still open");
    assert.equal(await peer.frameCount(1), ["1 still open"]);
  });
});

test("what cannot be converted throws a TypeError", async () => {
  await withPair(async ({ ws }) => {
    assert.is(
      nameOf(() => ws.close(1000n as unknown as number)),
      "TypeError",
    );
    assert.is(
      nameOf(() => ws.close(Symbol("code") as unknown as number)),
      "TypeError",
    );
    assert.is(
      nameOf(() => ws.close(1000, Symbol("reason") as unknown as string)),
      "TypeError",
    );
    assert.is(ws.readyState, 1);
  });
});

test("a reason has at most 123 octets of UTF-8, else a SyntaxError", async () => {
  const most = ["x".repeat(123), "ü".repeat(61), "€".repeat(41), `${"👋".repeat(30)}abc`, "\ud800".repeat(41)];
  for (const reason of most) {
    assert.is(await closedWith(1000, reason), `8 1000 ${Buffer.from(reason).toString()}`);
  }
  await withPair(async ({ ws }) => {
    for (const reason of [...most.map((reason) => `${reason}ab`), "x".repeat(124), "\ud800".repeat(42)]) {
      assert.throws(
        () => ws.close(1000, reason),
        (error: unknown) => error instanceof DOMException && error.code === 12,
        reason,
      );
    }
    assert.is(ws.readyState, 1);
  });
});

test("arguments are converted first, then the code is judged, then the reason, whatever the state", async () => {
  await withPair(async ({ ws, peer, diary }) => {
    const inEveryState = (): void => {
      assert.is(
        nameOf(() => ws.close(1001, Symbol("x") as unknown as string)),
        "TypeError",
      );
      assert.is(
        nameOf(() => ws.close(1001, "x".repeat(124))),
        "InvalidAccessError",
      );
      assert.is(
        nameOf(() => ws.close(1000, "x".repeat(124))),
        "SyntaxError",
      );
      assert.is(
        nameOf(() => ws.close(undefined, "x".repeat(124))),
        "SyntaxError",
      );
    };
    inEveryState();
    ws.close();
    inEveryState();
    peer.send(serverClose());
    peer.socket.end();
    await diary.closed;
    inEveryState();
  });
});

test.run();
