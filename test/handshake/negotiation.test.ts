// Subprotocols and extensions: what is offered, what is picked, and what may be picked.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Extension, parseExtensions, serializeExtensions } from "../../bindings/handshake/index.ts";
import { answer, assertAccepted, assertHandshakeError, assertRefused, assertUsageError, fieldOf } from "./support.ts";

const offer = (value: string | readonly string[]): Record<string, string | readonly string[]> => ({
  "Sec-WebSocket-Protocol": value,
});

const protocols = suite("Sec-WebSocket-Protocol");

protocols("the server's order wins: its first that the client offers (§4.2.2 item 5.5)", () => {
  const options = { protocols: ["c", "a", "b"] };
  assert.is(assertAccepted(answer(offer("a, b, c"), options)).protocol, "c");
  assert.is(assertAccepted(answer(offer("b, a"), options)).protocol, "a");
  assert.is(assertAccepted(answer(offer(["b", "x"]), options)).protocol, "b");
  assert.is(fieldOf(answer(offer("b"), options), "Sec-WebSocket-Protocol"), "b");
});

protocols("with none in common, or none offered, there is no field and no subprotocol", () => {
  for (const verdict of [
    answer(offer("x"), { protocols: ["a"] }),
    answer({}, { protocols: ["a"] }),
    answer(offer("a")),
  ]) {
    assert.is(assertAccepted(verdict).protocol, "");
    assert.is(fieldOf(verdict, "Sec-WebSocket-Protocol"), undefined);
  }
});

protocols("names are compared octet by octet: Chat is not chat", () => {
  assert.is(assertAccepted(answer(offer("Chat"), { protocols: ["chat"] })).protocol, "");
  assertAccepted(answer(offer("Chat, chat")));
});

protocols("a list that is malformed, or names one twice, is 400 (§4.1 item 10)", () => {
  for (const value of ["", ",", "a,", ",a", "a,,b", "a b", "a;b", '"a"', "a/b", "a, a", "caf\u00e9", "a, b, a"]) {
    assertRefused(answer(offer(value)), 400, "WS_HANDSHAKE_PROTOCOL", value);
  }
  assertRefused(answer(offer(["a", "a"])), 400, "WS_HANDSHAKE_PROTOCOL");
  assertRefused(answer(offer(["a", ""])), 400, "WS_HANDSHAKE_PROTOCOL");
});

protocols("selectProtocol is asked with the offers and the request, and only where some are", () => {
  const asked: unknown[] = [];
  const selectProtocol = (offered: readonly string[], request: { target: string }): string | false => {
    asked.push([[...offered], request.target]);
    return offered[1] ?? false;
  };
  assert.is(assertAccepted(answer(offer("a, b"), { selectProtocol })).protocol, "b");
  assert.is(assertAccepted(answer(offer("a"), { selectProtocol })).protocol, "");
  assert.is(assertAccepted(answer({}, { selectProtocol })).protocol, "");
  assert.is(assertAccepted(answer(offer("a"), { selectProtocol: () => "" })).protocol, "");
  assert.equal(asked, [
    [["a", "b"], "/chat"],
    [["a"], "/chat"],
  ]);
});

protocols("a choice the client did not offer is a UsageError (§4.2.2 item 5.5)", () => {
  for (const choice of ["c", "A", "a, b", "a\r\nX: y", undefined, true, Promise.resolve("a")]) {
    assertUsageError(() => answer(offer("a, b"), { selectProtocol: () => choice as never }), "selectProtocol");
  }
});

protocols("constructor, __proto__ and toString are names like any other", () => {
  const names = ["constructor", "__proto__", "toString"];
  assert.is(assertAccepted(answer(offer(names), { protocols: ["chat"] })).protocol, "");
  for (const name of names) {
    assert.is(assertAccepted(answer(offer(names), { protocols: [name] })).protocol, name);
    assert.is(assertAccepted(answer(offer("chat"), { protocols: [name] })).protocol, "");
  }
});

protocols.run();

const extension = (name: string, ...parameters: [string, string?][]): Extension => ({
  name,
  parameters: parameters.map(([parameter, value]) => ({ name: parameter, value })),
});

const grammar = suite("parseExtensions");

grammar("reads names and parameters in order, repeated ones too (§9.1)", () => {
  assert.equal(parseExtensions("foo"), [extension("foo")]);
  assert.equal(parseExtensions("foo,bar;a;b=1"), [extension("foo"), extension("bar", ["a"], ["b", "1"])]);
  assert.equal(
    parseExtensions("permessage-deflate; client_max_window_bits; server_max_window_bits=10, permessage-deflate"),
    [
      extension("permessage-deflate", ["client_max_window_bits"], ["server_max_window_bits", "10"]),
      extension("permessage-deflate"),
    ],
  );
  assert.equal(parseExtensions("a;b=1;b=2;b"), [extension("a", ["b", "1"], ["b", "2"], ["b"])]);
  assert.equal(parseExtensions("\t a \t;\t b=c \t, \td "), [extension("a", ["b", "c"]), extension("d")]);
});

grammar("removes quotes around what is a token (§9.1)", () => {
  assert.equal(parseExtensions('a; b="c"; d="e.f"'), [extension("a", ["b", "c"], ["d", "e.f"])]);
  assert.equal(parseExtensions('a; b="\\c\\d"'), [extension("a", ["b", "cd"])]);
});

grammar("refuses everything else with 400 (§9.1)", () => {
  for (const value of [
    "",
    " ",
    ",",
    "a,",
    ",a",
    "a,,b",
    "a;",
    "a; ;b",
    ";a",
    "a b",
    "a;b c",
    "a;=b",
    "a;b=",
    "a;b= c",
    "a;b =c",
    "a;b==c",
    "a=b",
    'a;b="c',
    'a;b="',
    'a;b=""',
    'a;b="c d"',
    'a;b="c,d"',
    'a;b="c"d',
    'a;b="c\\"',
    'a;b="c\\"d"',
    'a;b="\\ "',
    'a;"b"=c',
    '"a"',
    "a;b=c/d",
    "a\u00e9",
    'a;b="\u00e9"',
    "a;b=\u00e9",
    "a\0",
  ]) {
    assertHandshakeError(() => parseExtensions(value), 400, "WS_HANDSHAKE_EXTENSIONS");
  }
});

grammar("__proto__ and constructor are names like any other, as extension and as parameter", () => {
  assert.equal(parseExtensions("__proto__; __proto__=1; constructor, toString"), [
    extension("__proto__", ["__proto__", "1"], ["constructor"]),
    extension("toString"),
  ]);
});

grammar("what is serialized parses to the same, canonical text (§9.1)", () => {
  const value = "a; b=1; c, d, a; b";
  assert.is(serializeExtensions(parseExtensions(value)), value);
  assert.is(serializeExtensions(parseExtensions('a;b="1"')), "a; b=1");
  assert.is(serializeExtensions([]), "");
  for (const wrong of [
    extension("a b"),
    extension(""),
    extension("a", ["b c"]),
    extension("a", ["b", "c d"]),
    extension("a", ["b", ""]),
  ]) {
    assertUsageError(() => serializeExtensions([wrong]), "token");
  }
  assertUsageError(() => serializeExtensions([extension("a", ["b", 15 as never])]), "15");
  assertUsageError(() => serializeExtensions([extension("a", ["b", "c\r\nd: e"])]), "token");
});

grammar.run();

const negotiation = suite("negotiateExtensions");

const offers = { "Sec-WebSocket-Extensions": ["x; y=1, x", "z"] };

negotiation("is asked with the offers and the request; what it accepts is agreed and sent (§4.2.2 item 5.6)", () => {
  const verdict = assertAccepted(
    answer(offers, {
      negotiateExtensions(offered, request) {
        assert.equal(offered, parseExtensions("x; y=1, x, z"));
        assert.is(request.target, "/chat");
        return [extension("z", ["w", "2"]), offered[0]!];
      },
    }),
  );
  assert.is(serializeExtensions(verdict.extensions), "z; w=2, x; y=1");
  assert.is(fieldOf(verdict, "Sec-WebSocket-Extensions"), "z; w=2, x; y=1");
});

negotiation("is not asked where none are offered; accepting none sends no field", () => {
  assertAccepted(answer({}, { negotiateExtensions: () => assert.unreachable() as never }));
  const verdict = assertAccepted(answer(offers, { negotiateExtensions: () => [] }));
  assert.is(fieldOf(verdict, "Sec-WebSocket-Extensions"), undefined);
});

negotiation("what was not offered, twice the same, and what is no list are UsageErrors", () => {
  for (const accepted of [
    [extension("w")],
    [extension("x"), extension("x")],
    undefined,
    "x",
    [extension("toString")],
  ]) {
    assertUsageError(() => answer(offers, { negotiateExtensions: () => accepted as never }), "negotiateExtensions");
  }
  assertUsageError(() => answer(offers, { negotiateExtensions: () => [extension("x", ["a b"])] }), "token");
});

negotiation.run();
