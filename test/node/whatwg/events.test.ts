// The events: their classes, their order, and what happens between them. WebSockets Standard §3.1, §3.2, §6; DOM §2.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { WebSocket } from "../../../bindings/node/index.ts";
import { turns, until } from "../support.ts";
import { Diary, eventOf, ScriptedStream, serverClose, text, violation, withPair, withRawServer } from "./support.ts";

const test = suite("WebSocket / events");

/** Every event of a connection that the server opens and ends, in order. */
async function eventsOf(...frames: readonly Uint8Array[]): Promise<Event[]> {
  const events: Event[] = [];
  await withRawServer(async (server) => {
    const ws = new WebSocket(server.url);
    for (const type of ["open", "message", "error", "close"]) ws.addEventListener(type, (event) => events.push(event));
    const peer = await server.next();
    peer.upgrade([], ...frames);
    peer.socket.end();
    await eventOf(ws, "close");
    await turns();
  });
  return events;
}

const typesOf = (events: readonly Event[]): string => events.map(({ type }) => type).join(" ");

test("the order is open, messages, error, close; open, error and close come at most once", async () => {
  assert.is(typesOf(await eventsOf(text("a"), text("b"), violation)), "open message message error close");
  assert.is(typesOf(await eventsOf(text("a"), serverClose(1000))), "open message close");
  assert.is(typesOf(await eventsOf(serverClose(1000))), "open close");
  assert.is(typesOf(await eventsOf(violation)), "open error close");
});

test("they are of the platform's classes where it has them, else of classes of the same name", async () => {
  const [open, message, error, close] = await eventsOf(text("a"), violation);
  const platform = globalThis as unknown as Record<string, typeof Event | undefined>;
  assert.is(open!.constructor, Event);
  for (const [event, name] of [
    [message!, "MessageEvent"],
    [error!, "ErrorEvent"],
    [close!, "CloseEvent"],
  ] as const) {
    assert.ok(event instanceof (platform[name] ?? Event), name);
    assert.is(event.constructor.name, name);
  }
});

test("they neither bubble nor can be cancelled, and their target is the WebSocket", async () => {
  await withPair(async ({ ws, peer }) => {
    const seen: unknown[] = [];
    ws.onmessage = (event) => {
      event.preventDefault();
      seen.push(event.target === ws, event.bubbles, event.cancelable, event.defaultPrevented);
    };
    peer.send(text("a"));
    await eventOf(ws, "message");
    assert.equal(seen, [true, false, false, false]);
  });
});

test("a close event has wasClean, code and reason", async () => {
  await withPair(async ({ ws, peer }) => {
    peer.send(serverClose(4000, "why"));
    peer.socket.end();
    const { wasClean, code, reason } = await eventOf<Event & Record<"wasClean" | "code" | "reason", unknown>>(
      ws,
      "close",
    );
    assert.equal([wasClean, code, reason], [true, 4000, "why"]);
  });
});

test("readyState, protocol and extensions change with the open event, not before", async () => {
  const stream = new ScriptedStream((stream, acceptance) =>
    stream.tell(acceptance.replace("\r\n\r\n", "\r\nSec-WebSocket-Protocol: b\r\n\r\n")),
  );
  const seen: unknown[] = [];
  // Whoever else hears the answer is a microtask ahead of the event.
  stream.on("data", () => queueMicrotask(() => seen.push([ws.readyState, ws.protocol, ws.extensions])));
  const ws = new WebSocket("ws://127.0.0.1/", { protocols: ["a", "b"], connect: () => stream });
  ws.onopen = () => seen.push([ws.readyState, ws.protocol, ws.extensions]);
  await eventOf(ws, "open");
  stream.destroy();
  assert.equal(seen, [
    [0, "", ""],
    [1, "b", ""],
  ]);
});

test("between two events every microtask runs", async () => {
  await withPair(async ({ ws, peer }) => {
    const order: string[] = [];
    const listener = ({ data }: { readonly data: unknown }): void => {
      order.push(String(data));
      let chain = Promise.resolve();
      for (let hop = 0; hop < 10; hop++) chain = chain.then(() => {});
      chain.then(() => queueMicrotask(() => order.push(`after ${data}`)));
    };
    ws.addEventListener("message", listener);
    for (const type of ["error", "close"]) ws.addEventListener(type, () => listener({ data: type }));
    peer.send(text("a"), text("b"), violation);
    peer.socket.end();
    await eventOf(ws, "close");
    await turns(1);
    assert.equal(order, ["a", "after a", "b", "after b", "error", "after error", "close", "after close"]);
  });
});

test("a listener that throws stops neither the others nor the connection, and reaches uncaughtException", async () => {
  await withPair(async ({ ws, peer, diary }) => {
    const uncaught: unknown[] = [];
    const listen = (error: unknown): unknown => uncaught.push(error);
    process.on("uncaughtException", listen);
    try {
      const error = new Error("mine");
      ws.onmessage = () => {
        throw error;
      };
      ws.addEventListener("message", () => diary.lines.push("the next listener"));
      peer.send(text("a"), text("b"));
      await until(() => uncaught.length === 2);
      assert.equal(uncaught, [error, error]);
    } finally {
      process.off("uncaughtException", listen);
    }
    ws.send("still open");
    assert.equal(await peer.frameCount(1), ["1 still open"]);
    const heard = ["message a", "the next listener", "message b", "the next listener"];
    assert.equal(diary.lines, ["open", ...heard]);
  });
});

test("a WebSocket is an EventTarget for other events too", async () => {
  await withPair(async ({ ws }) => {
    const types: string[] = [];
    ws.addEventListener("custom", ({ type }) => types.push(type), { once: true });
    ws.dispatchEvent(new Event("custom"));
    ws.dispatchEvent(new Event("custom"));
    ws.onopen = ({ type }) => types.push(type);
    ws.dispatchEvent(new Event("open"));
    assert.equal([ws.readyState, ...types], [1, "custom", "open"]);
  });
});

test("a removed listener, and one whose signal is aborted, hears nothing", async () => {
  await withPair(async ({ ws, peer }) => {
    const heard: string[] = [];
    const controller = new AbortController();
    const removed = (): unknown => heard.push("removed");
    ws.addEventListener("message", removed);
    ws.addEventListener("message", { handleEvent: () => heard.push("object") });
    ws.addEventListener("message", () => heard.push("aborted"), { signal: controller.signal });
    ws.addEventListener("message", () => heard.push("once"), { once: true });
    ws.removeEventListener("message", removed);
    controller.abort();
    peer.send(text("a"), text("b"));
    for (let count = 0; count < 2; count++) await eventOf(ws, "message");
    assert.equal(heard, ["object", "once", "object"]);
  });
});

test("what happened before a listener was there is not told again", async () => {
  await withPair(async ({ ws, peer, diary }) => {
    peer.send(serverClose(1000));
    peer.socket.end();
    await diary.closed;
    const late = new Diary(ws);
    await turns();
    assert.equal(late.lines, []);
  });
});

test.run();
