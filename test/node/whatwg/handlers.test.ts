// The attributes onopen, onmessage, onerror and onclose. HTML §8.1.8.1, event handler IDL attributes.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { WebSocket } from "../../../bindings/node/index.ts";
import { eventOf, text, withPair } from "./support.ts";

const test = suite("WebSocket / handlers");

const names = ["onopen", "onmessage", "onerror", "onclose"] as const;

/** Anything may be assigned to a handler. */
const loose = (ws: WebSocket): Record<(typeof names)[number], unknown> => ws as unknown as ReturnType<typeof loose>;

test("handlers are null at first, and what was assigned afterwards", async () => {
  await withPair(async ({ ws }) => {
    for (const name of names) {
      assert.is(ws[name], null);
      const handler = (): void => {};
      ws[name] = handler;
      assert.is(ws[name], handler);
    }
  });
});

test("what is no object becomes null ([LegacyTreatNonObjectAsNull])", async () => {
  await withPair(async ({ ws }) => {
    for (const name of names) {
      for (const value of [null, undefined, 1, "alert()", true, Symbol("x"), 1n]) {
        ws[name] = () => {};
        loose(ws)[name] = value;
        assert.is(ws[name], null, `${name} = ${String(value)}`);
      }
    }
  });
});

test("an object that is no function is kept, and not called", async () => {
  await withPair(async ({ ws, peer }) => {
    const handler = { handleEvent: (): never => assert.unreachable() as never };
    loose(ws).onmessage = handler;
    assert.is(loose(ws).onmessage, handler);
    peer.send(text("a"));
    await eventOf(ws, "message");
  });
});

test("a handler is called with the event, and with the WebSocket as this", async () => {
  await withPair(async ({ ws, peer }) => {
    let seen: readonly unknown[] = [];
    ws.onmessage = function (event) {
      seen = [this, event.type, event.data];
    };
    peer.send(text("a"));
    await eventOf(ws, "message");
    assert.ok(seen[0] === ws);
    assert.equal(seen.slice(1), ["message", "a"]);
  });
});

test("a handler has the place among the listeners that it first had, whatever is assigned", async () => {
  await withPair(async ({ ws, peer }) => {
    const order: string[] = [];
    ws.addEventListener("message", () => order.push("first"));
    ws.onmessage = () => order.push("never");
    ws.addEventListener("message", () => order.push("last"));
    loose(ws).onmessage = {};
    ws.onmessage = () => order.push("handler");
    peer.send(text("a"));
    await eventOf(ws, "message");
    assert.equal(order, ["first", "handler", "last"]);
  });
});

test("a handler that was null for a while comes last", async () => {
  await withPair(async ({ ws, peer }) => {
    const order: string[] = [];
    ws.onmessage = () => order.push("never");
    ws.addEventListener("message", () => order.push("listener"));
    ws.onmessage = null;
    ws.onmessage = () => order.push("handler");
    peer.send(text("a"));
    await eventOf(ws, "message");
    assert.equal(order, ["listener", "handler"]);
  });
});

test("a handler may replace and remove itself", async () => {
  await withPair(async ({ ws, peer }) => {
    const order: string[] = [];
    ws.onmessage = () => {
      order.push("one");
      ws.onmessage = () => {
        order.push("two");
        ws.onmessage = null;
      };
    };
    peer.send(text("a"), text("b"), text("c"));
    for (let count = 0; count < 3; count++) await eventOf(ws, "message");
    assert.equal(order, ["one", "two"]);
  });
});

test("a handler and a listener of the same function are two", async () => {
  await withPair(async ({ ws, peer }) => {
    let count = 0;
    const listener = (): unknown => count++;
    ws.onmessage = listener;
    ws.addEventListener("message", listener);
    ws.removeEventListener("message", listener);
    peer.send(text("a"));
    await eventOf(ws, "message");
    assert.is(count, 1);
  });
});

test.run();
