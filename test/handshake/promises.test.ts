// The application's functions answer at once: a promise is a UsageError, and its rejection harms nobody.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { HandshakeError } from "../../bindings/errors/classes.ts";
import {
  acceptHandshake,
  createHandshakeRequest,
  type HandshakeOptions,
  HandshakePolicy,
  type HeaderSource,
  headerFields,
} from "../../bindings/handshake/index.ts";
import { answer, assertAccepted, assertUsageError, validFields } from "./support.ts";

/** A request for which every function of the options is asked. */
const changes = { "Sec-WebSocket-Protocol": "a", "Sec-WebSocket-Extensions": "b", Origin: "https://c.example" };

/** Options with `answering` in the place of each function. */
const functions: Readonly<Record<string, (answering: () => unknown) => HandshakeOptions>> = {
  headers: (answering) => ({ allowedOrigins: "*", headers: answering as never }),
  selectProtocol: (answering) => ({ allowedOrigins: "*", selectProtocol: answering as never }),
  negotiateExtensions: (answering) => ({ allowedOrigins: "*", negotiateExtensions: answering as never }),
  allowedOrigins: (answering) => ({ allowedOrigins: answering as never }),
};

/** What an asynchronous function may return. */
const promises: Readonly<Record<string, () => unknown>> = {
  "that is fulfilled": async () => true,
  "of no fields": async () => ({}),
  "of a list": async () => [],
  "that is rejected": async () => {
    throw new HandshakeError("MY_TICKET", "no ticket", 401);
  },
  "that is rejected later": () => new Promise((_, reject) => setTimeout(reject, 1, new Error("late"))),
  "of somebody else's making": () => ({
    // biome-ignore lint/suspicious/noThenProperty: a promise of another library
    then: (_: unknown, reject: (reason: unknown) => void) => reject(new Error("foreign")),
  }),
  "whose then throws": () => ({
    // biome-ignore lint/suspicious/noThenProperty: a promise of another library
    then: () => {
      throw new Error("then");
    },
  }),
};

const test = suite("promises");

let unheard: unknown[] = [];
const hear = (reason: unknown): void => {
  unheard.push(reason);
};
test.before(() => {
  process.on("unhandledRejection", hear);
});
test.before.each(() => {
  unheard = [];
});
test.after(() => {
  process.off("unhandledRejection", hear);
});

/** Long enough for every rejection above to be found unheard. */
const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

for (const [name, optionsOf] of Object.entries(functions)) {
  for (const [what, promise] of Object.entries(promises)) {
    test(`${name} may not return a promise ${what} (UsageError); it stays heard`, async () => {
      const words = [name, "found a promise", "must be synchronous"];
      assertUsageError(() => answer(changes, optionsOf(promise)), ...words);
      assertUsageError(() => answer(changes, new HandshakePolicy(optionsOf(promise))), ...words);
      await settle();
      assert.equal(unheard, []);
    });
  }
}

test("the listener of these tests hears what nobody else does", async () => {
  Promise.reject(new Error("unheard"));
  await settle();
  assert.is(unheard.length, 1);
});

/** Makes what is given anew, so that each rejection is one that nobody heard. */
const noFields: Readonly<Record<string, () => unknown>> = {
  "a promise": async () => ({}),
  "a rejected promise": () => Promise.reject(new Error("rejected")),
  "a promise with properties of its own": () => Object.assign(Promise.reject(new Error("rejected")), { a: "b" }),
  "a field that is a promise": () => ({ "X-A": Promise.reject(new Error("rejected")) }),
  "a line that is a promise": () => [["X-A", Promise.reject(new Error("rejected"))]],
  "an asynchronous generator": async function* () {},
  "a Date": () => new Date(0),
  "a pattern": () => /a/,
  "an Error": () => new Error("a"),
  "a WeakMap": () => new WeakMap(),
  "an ArrayBuffer": () => new ArrayBuffer(1),
  octets: () => new Uint8Array(1),
  "a boxed string": () => new String("a"),
  "an instance without fields": () => new (class Nothing {})(),
  "an instance whose fields are no strings": () =>
    new (class Numbers {
      a = 1;
    })(),
  "a Map of numbers": () => new Map([["a", 1]]),
  "a number": () => 5,
  true: () => true,
  text: () => "a: b",
  null: () => null,
};

for (const [what, make] of Object.entries(noFields)) {
  test(`${what} is no source of fields (UsageError), given or returned`, async () => {
    const given = (): HeaderSource => make() as HeaderSource;
    assertUsageError(() => headerFields(given()), "headers");
    assertUsageError(() => answer({}, { headers: () => given() }), "headers");
    assertUsageError(() => createHandshakeRequest({ url: "ws://a/", headers: given() }), "headers");
    assertUsageError(() => new HandshakePolicy({ headers: given() }), "headers");
    await settle();
    assert.equal(unheard, []);
  });
}

test("nothing is not a source of fields either, where a function returns it", () => {
  assertUsageError(() => answer({}, { headers: () => undefined as never }), "headers", "undefined");
});

test("no fields at all, and an instance's own, are sources of fields", () => {
  class Fields {
    "X-A" = "b";
  }
  const sources: [HeaderSource, [string, string][]][] = [
    [{}, []],
    [Object.create(null), []],
    [[], []],
    [new Map(), []],
    [new Headers(), []],
    [new Fields() as never, [["X-A", "b"]]],
    // biome-ignore lint/suspicious/noThenProperty: a field of that name is no promise
    [{ then: "b" }, [["then", "b"]]],
    [new Map([["X-A", "b"]]), [["X-A", "b"]]],
  ];
  for (const [headers, expected] of sources) {
    assert.equal(assertAccepted(answer({}, { headers })).headers.slice(3), expected);
    assert.equal(assertAccepted(answer({}, { headers: () => headers })).headers.slice(3), expected);
  }
});

test("an async function of headers is refused for plain options too", async () => {
  const request = { method: "GET", target: "/", headers: validFields };
  const headers = (async () => {
    throw new Error("no");
  }) as never;
  assertUsageError(() => acceptHandshake(request, { headers }), "headers", "found a promise");
  await settle();
  assert.equal(unheard, []);
});

test.run();
