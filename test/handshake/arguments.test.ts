// Mistakes of the caller: misspelt options and wrong arguments are UsageErrors that say what is wrong, never TypeErrors.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { UsageError } from "../../bindings/errors/classes.ts";
import {
  acceptHandshake,
  acceptKey,
  checkHandshakeResponse,
  createHandshakeRequest,
  HandshakePolicy,
  HeadReader,
  handshakeError,
  isInterimResponse,
  isUpgradeRequest,
  parseExtensions,
  parseRequestHead,
  parseResponseHead,
  refuseHandshake,
  serializeExtensions,
  serializeResponse,
} from "../../bindings/handshake/index.ts";
import { answer, assertAccepted, caught, exampleKey, headOf, requestLines, text, validFields } from "./support.ts";

/** Runs what must throw a UsageError of a code, whose message has every one of the words. */
function assertUsage(run: () => unknown, code: string, ...words: readonly string[]): void {
  const error = caught(run);
  assert.instance(error, UsageError, String(error));
  assert.is((error as UsageError).code, code);
  for (const word of words) assert.ok((error as UsageError).message.includes(word), (error as UsageError).message);
}

const valid = { method: "GET", target: "/", headers: validFields };

const options = suite("names of options");

const misspelt: readonly [owner: string, name: string, run: () => unknown][] = [
  ["HandshakePolicy", "allowedOrigin", () => new HandshakePolicy({ allowedOrigin: [] } as never)],
  ["acceptHandshake", "allowedOrigns", () => acceptHandshake(valid, { allowedOrigns: ["null"] } as never)],
  ["HeadReader", "maxHeadLenght", () => new HeadReader({ maxHeadLenght: 1 } as never)],
  ["HeadReader", "protocols", () => new HeadReader({ protocols: [] } as never)],
  ["createHandshakeRequest", "protcols", () => createHandshakeRequest({ url: "ws://a/", protcols: ["x"] } as never)],
];

for (const [owner, name, run] of misspelt) {
  options(`${owner} names the unknown option ${name}`, () => assertUsage(run, "WS_OPTION", `no option "${name}"`));
}

options("HeadReader's role is server or client", () => {
  assertUsage(() => new HeadReader({ role: "clinet" } as never), "WS_OPTION", "role", "clinet");
  assertUsage(() => new HeadReader({ role: null } as never), "WS_OPTION", "role", "null");
  for (const role of ["server", "client", undefined] as const) new HeadReader({ role });
});

options("options are an object", () => {
  for (const wrong of [null, 5, "text", true, () => {}] as readonly unknown[] as readonly never[]) {
    assertUsage(() => new HeadReader(wrong), "WS_OPTION", "HeadReader", "object");
    assertUsage(() => new HandshakePolicy(wrong), "WS_OPTION", "object");
    assertUsage(() => acceptHandshake(valid, wrong), "WS_OPTION", "object");
    assertUsage(() => createHandshakeRequest(wrong), "WS_OPTION", "createHandshakeRequest", "object");
  }
  assertUsage(() => createHandshakeRequest(undefined as never), "WS_OPTION", "createHandshakeRequest", "object");
  assertUsage(() => createHandshakeRequest({} as never), "WS_OPTION", "url");
});

options("HeadReader takes its limits from a HandshakePolicy", () => {
  const whole = headOf(requestLines());
  const exact = new HandshakePolicy({ maxHeadLength: whole.length, protocols: ["a"] });
  assert.is(new HeadReader(exact).push(whole), true);
  const short = new HandshakePolicy({ maxHeadLength: whole.length - 1 });
  assert.throws(() => new HeadReader(short).push(whole), /maxHeadLength/);
  assert.throws(() => new HeadReader(new HandshakePolicy({ maxHeaderCount: 4 })).push(whole), /maxHeaderCount 4/);
});

options("one subprotocol may be asked for by its name alone", () => {
  const request = createHandshakeRequest({ url: "ws://a/", protocols: "x" });
  assert.equal(request.protocols, ["x"]);
  assert.match(text(request.head), "\r\nSec-WebSocket-Protocol: x\r\n");
});

options("an option of the right name and the wrong kind is named", () => {
  for (const origin of [5, null, ["http://a"], new URL("http://a")]) {
    assertUsage(() => createHandshakeRequest({ url: "ws://a/", origin: origin as never }), "WS_OPTION", "origin");
  }
  for (const key of [5, []]) {
    assertUsage(() => createHandshakeRequest({ url: "ws://a/", key: key as never }), "WS_OPTION", "key");
  }
  for (const extensions of [[null], ["x"], [{ name: "x" }], [{ name: "x", parameters: [null] }]]) {
    const run = (): unknown => createHandshakeRequest({ url: "ws://a/", extensions: extensions as never });
    assertUsage(run, "WS_ARGUMENT", "extensions");
  }
});

options("what negotiateExtensions returns is checked whole", () => {
  for (const accepted of [[null], ["x"], [{ name: "x" }], [{ name: "x", parameters: [null] }], [undefined]]) {
    const negotiate = { negotiateExtensions: () => accepted as never };
    assert.instance(
      caught(() => answer({ "Sec-WebSocket-Extensions": "x" }, negotiate)),
      UsageError,
    );
  }
});

options.run();

const wrongArguments = suite("wrong arguments");

/** What is no object, no octets, no text, by turns. */
const values: readonly unknown[] = [undefined, null, 5, "text", true, Symbol("s"), () => {}, {}, [], new Date(0)];
const request = createHandshakeRequest({ url: "ws://a/", key: exampleKey });
const response = parseResponseHead(headOf(["HTTP/1.1 101 x"]));

/** Each function with the values it must refuse, and what its error must say. */
const refusals: readonly [name: string, run: (value: never) => unknown, values: readonly unknown[], word: string][] = [
  ["acceptHandshake", (value) => acceptHandshake(value), values, ""],
  ["isUpgradeRequest", (value) => isUpgradeRequest(value), values, ""],
  ["refuseHandshake", (value) => refuseHandshake(value), [...values, new Error("x")], "HandshakeError"],
  ["serializeResponse", (value) => serializeResponse(value), values, ""],
  ["parseRequestHead", (value) => parseRequestHead(value), values, "Uint8Array"],
  ["parseResponseHead", (value) => parseResponseHead(value), values, "Uint8Array"],
  ["isInterimResponse", (value) => isInterimResponse(value), values, "response"],
  ["checkHandshakeResponse", (value) => checkHandshakeResponse(value, request), values, ""],
  ["checkHandshakeResponse", (value) => checkHandshakeResponse(response, value), values, "createHandshakeRequest"],
  ["HeadReader.push", (value) => new HeadReader().push(value), values, "Uint8Array"],
  ["acceptKey", (value) => acceptKey(value), values.filter((value) => typeof value !== "string"), "string"],
  ["parseExtensions", (value) => parseExtensions(value), values.filter((value) => typeof value !== "string"), "string"],
  ["serializeExtensions", (value) => serializeExtensions(value), values.filter((v) => !Array.isArray(v)), "array"],
  [
    "handshakeError",
    (value) => handshakeError(value),
    [...values, "toString", "__proto__", ["WS_HANDSHAKE_KEY"]],
    "code",
  ],
];

for (const [name, run, wrong, word] of refusals) {
  wrongArguments(`${name} says what it takes (UsageError)`, () => {
    for (const value of wrong) {
      const error = caught(() => run(value as never));
      assert.instance(error, UsageError, `${String(value)}: ${error}`);
      assert.match((error as Error).message, word);
    }
  });
}

wrongArguments("nothing given at all is named with the function that wants it", () => {
  const run = (call: (...given: never[]) => unknown) => () => call();
  assertUsage(run(acceptHandshake), "WS_ARGUMENT", "acceptHandshake", "request");
  assertUsage(run(isUpgradeRequest), "WS_ARGUMENT", "isUpgradeRequest", "request");
  assertUsage(run(refuseHandshake), "WS_ARGUMENT", "refuseHandshake", "HandshakeError");
  assertUsage(run(serializeResponse), "WS_ARGUMENT", "serializeResponse");
  assertUsage(run(parseRequestHead), "WS_ARGUMENT", "parseRequestHead", "Uint8Array");
  assertUsage(run(parseResponseHead), "WS_ARGUMENT", "parseResponseHead", "Uint8Array");
  assertUsage(run(checkHandshakeResponse), "WS_ARGUMENT", "checkHandshakeResponse", "response");
  assertUsage(run(createHandshakeRequest), "WS_OPTION", "createHandshakeRequest");
});

wrongArguments("an answer is checked against a whole request (UsageError)", () => {
  const { accept, protocols, extensions } = request;
  for (const wrong of [
    { protocols, extensions },
    { accept: 5, protocols, extensions },
    { accept, extensions },
    { accept, protocols: "chat", extensions },
    { accept, protocols },
    { accept, protocols, extensions: new Set() },
  ]) {
    const run = (): unknown => checkHandshakeResponse(response, wrong as never);
    assertUsage(run, "WS_ARGUMENT", "createHandshakeRequest");
  }
});

wrongArguments("refuseHandshake shows what it was given instead", () => {
  assertUsage(() => refuseHandshake(new RangeError("x") as never), "WS_ARGUMENT", "HandshakeError", "RangeError");
});

wrongArguments("a request's parts are text (UsageError)", () => {
  assertAccepted(acceptHandshake(valid));
  assertUsage(() => acceptHandshake({ ...valid, method: 5 as never }), "WS_ARGUMENT", "method", "5");
  assertUsage(() => acceptHandshake({ ...valid, httpVersion: 1.1 as never }), "WS_ARGUMENT", "httpVersion", "1.1");
  assertUsage(() => acceptHandshake({ ...valid, target: new URL("http://a/") as never }), "WS_ARGUMENT", "target");
});

wrongArguments("an answer's fields are pairs and its body is text (UsageError)", () => {
  assertUsage(() => serializeResponse({ httpStatus: 101, headers: undefined as never }), "WS_OPTION", "headers");
  assertUsage(() => serializeResponse({ httpStatus: 101, headers: [["a"]] as never }), "WS_OPTION", "headers");
  for (const body of [5, null, {}, new Uint8Array(1)]) {
    assertUsage(() => serializeResponse({ httpStatus: 400, headers: [], body: body as never }), "WS_ARGUMENT", "body");
  }
});

wrongArguments.run();
