// The shape of the interface, as Web IDL binds it to JavaScript. WebSockets Standard §3.1, Web IDL §3.7.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { WebSocket } from "../../../bindings/node/index.ts";
import { eventOf, nameOf, withPair, withRawServer } from "./support.ts";

const test = suite("WebSocket / interface");

const prototype = WebSocket.prototype;
const attributes = ["url", "readyState", "bufferedAmount", "extensions", "protocol"] as const;
const handlers = ["onopen", "onmessage", "onerror", "onclose"] as const;
const accessors = [...attributes, ...handlers, "binaryType"] as const;

/** A property as it is, or fails. */
function described(holder: object, name: PropertyKey): PropertyDescriptor {
  const descriptor = Object.getOwnPropertyDescriptor(holder, name);
  assert.ok(descriptor, `${String(name)} is there`);
  return descriptor;
}

test("the four constants are on the interface and on its prototype, enumerable and fixed (Web IDL §3.7.5)", () => {
  for (const [value, name] of ["CONNECTING", "OPEN", "CLOSING", "CLOSED"].entries()) {
    for (const holder of [WebSocket, prototype]) {
      const expected = { value, writable: false, enumerable: true, configurable: false };
      assert.equal(described(holder, name), expected, name);
    }
  }
});

test("attributes are accessors of the prototype, enumerable, and settable only where they are not readonly (§3.7.6)", () => {
  for (const name of accessors) {
    const { get, set, enumerable, configurable } = described(prototype, name);
    const isReadOnly = (attributes as readonly string[]).includes(name);
    assert.equal(
      [typeof get, typeof set, enumerable, configurable],
      ["function", isReadOnly ? "undefined" : "function", true, true],
      name,
    );
  }
});

test("operations are enumerable, and their length is the number of required arguments (§3.7.7)", () => {
  for (const [name, length] of [
    ["send", 1],
    ["close", 0],
  ] as const) {
    const { value, writable, enumerable, configurable } = described(prototype, name);
    assert.equal([value.length, writable, enumerable, configurable], [length, true, true, true], name);
  }
});

test("nothing else is on the prototype: listeners are EventTarget's affair, console.log is Node's", () => {
  const members = [...accessors, "send", "close", "constructor", "CONNECTING", "OPEN", "CLOSING", "CLOSED"];
  assert.equal(Object.getOwnPropertyNames(prototype).sort(), members.sort());
  const symbols = [Symbol.toStringTag, Symbol.for("nodejs.util.inspect.custom")];
  assert.equal(Object.getOwnPropertySymbols(prototype).map(String), symbols.map(String));
});

test("the interface object has one required argument, a name and a fixed prototype (§3.7.1)", () => {
  assert.equal([WebSocket.length, WebSocket.name], [1, "WebSocket"]);
  const { writable, enumerable, configurable } = described(WebSocket, "prototype");
  assert.equal([writable, enumerable, configurable], [false, false, false]);
  assert.is(Object.getPrototypeOf(WebSocket), EventTarget);
  assert.is(Object.getPrototypeOf(prototype), EventTarget.prototype);
});

test("a call without new, and one without arguments, throw a TypeError (§3.7.1)", () => {
  const call = WebSocket as unknown as (url: string) => unknown;
  assert.is(
    nameOf(() => call("ws://127.0.0.1/")),
    "TypeError",
  );
  assert.is(
    nameOf(() => Reflect.construct(WebSocket, [])),
    "TypeError",
  );
});

test("every member throws a TypeError on an object that is no WebSocket (§3.7.6)", () => {
  const strangers = [prototype, {}, new EventTarget(), Object.create(prototype)];
  for (const stranger of strangers) {
    for (const name of accessors) {
      const { get, set } = described(prototype, name);
      assert.is(
        nameOf(() => get!.call(stranger)),
        "TypeError",
        `get ${name}`,
      );
      if (set !== undefined)
        assert.is(
          nameOf(() => set.call(stranger, null)),
          "TypeError",
          `set ${name}`,
        );
    }
    assert.is(
      nameOf(() => prototype.send.call(stranger, "x")),
      "TypeError",
      "send",
    );
    assert.is(
      nameOf(() => prototype.close.call(stranger)),
      "TypeError",
      "close",
    );
  }
});

test("Symbol.toStringTag is the interface's name (§3.7.3)", async () => {
  const expected = { value: "WebSocket", writable: false, enumerable: false, configurable: true };
  assert.equal(described(prototype, Symbol.toStringTag), expected);
  await withPair(async ({ ws }) => assert.is(String(ws), "[object WebSocket]"));
});

test("an assignment to a readonly attribute throws in strict mode and changes nothing", async () => {
  await withPair(async ({ ws }) => {
    for (const name of [...attributes, "OPEN"] as const) {
      const before = ws[name];
      assert.is(
        nameOf(() => ((ws as unknown as Record<string, unknown>)[name] = 7)),
        "TypeError",
        name,
      );
      assert.is(ws[name], before);
    }
  });
});

test("an instance is an EventTarget with no property of its own", async () => {
  await withPair(async ({ ws }) => {
    assert.ok(ws instanceof WebSocket && ws instanceof EventTarget);
    assert.equal(Object.keys(ws), []);
    assert.ok([...accessors, "send", "OPEN"].every((name) => name in ws));
  });
});

test("a subclass has the interface's behaviour and its own methods", async () => {
  class Chat extends WebSocket {
    readonly heard: string[] = [];
    constructor(url: string) {
      super(url);
      this.addEventListener("message", ({ data }) => this.heard.push(String(data)));
    }
    override send(data: string): void {
      super.send(`chat: ${data}`);
    }
  }
  await withRawServer(async (server) => {
    const chat = new Chat(server.url);
    const peer = await server.next();
    peer.upgrade();
    await eventOf(chat, "open");
    chat.send("hello");
    assert.equal(await peer.frameCount(1), ["1 chat: hello"]);
    peer.send(Buffer.from("8102686f", "hex"));
    await eventOf(chat, "message");
    assert.equal(chat.heard, ["ho"]);
    assert.ok(chat instanceof WebSocket && chat.constructor === Chat && Chat.OPEN === 1);
  });
});

test.run();
