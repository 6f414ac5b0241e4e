// What is offered, answered and agreed on; and what fails the handshake. RFC 7692 §5 and §7.1.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { chooseCases } from "../cases/index.ts";
import { parseExtensions } from "./extensions.ts";
import { type Agreed, agreedByReply, offersOf, replyTo, type Wish } from "./negotiation.ts";

/** The wishes of 13.1 to 13.7. */
const wishesOf = (group: string): readonly Wish[] => chooseCases([`${group}.1`])[0]!.compression!.wishes;

const base = "permessage-deflate; client_no_context_takeover; client_max_window_bits";

/** In words, to read a failure by: "server 9 reset, client 15". */
function words(agreed: Agreed | null): string {
  if (agreed === null) return "nothing";
  const direction = (role: "server" | "client"): string =>
    `${role} ${agreed[role].windowBits}${agreed[role].contextTakeover ? "" : " reset"}`;
  return `${direction("server")}, ${direction("client")}`;
}

const grammar = suite("conformance extensions");

const readable: readonly (readonly [field: string, words: string])[] = [
  ["a", "a"],
  ["a;b", "a b=null"],
  [" a ; b = 1 ,\tc ", "a b=1 | c"],
  ["a,a; x=1; x=2", "a | a x=1 x=2"],
  ['a; b="1\\5"', "a b=15"],
];

for (const [field, expected] of readable) {
  grammar(`reads ${JSON.stringify(field)} (RFC 6455 §9.1)`, () => {
    const found = parseExtensions(field).map(({ name, parameters }) =>
      [name, ...parameters.map((pair) => pair.join("="))].join(" "),
    );
    assert.is(found.join(" | "), expected.replaceAll("=null", "="));
  });
}

for (const field of [
  "",
  ",",
  "a,",
  "a;",
  "a,,b",
  "a;;b",
  "a=1",
  "a; b=",
  'a; b="',
  'a; b=""',
  "a b",
  "a; =1",
  'a; b=" 1"',
]) {
  grammar(`cannot read ${JSON.stringify(field)}`, () => {
    assert.throws(() => parseExtensions(field), /^(?:an extension with a value|extensions that cannot be read)/);
  });
}

grammar.run();

const asClient = suite("conformance offers");

const offers: readonly (readonly [group: string, offer: string])[] = [
  ["12.1", base],
  ["13.1", base],
  ["13.2", `${base}; server_no_context_takeover`],
  ["13.3", `${base}; server_max_window_bits=9`],
  ["13.4", `${base}; server_max_window_bits=15`],
  ["13.5", `${base}; server_no_context_takeover; server_max_window_bits=9`],
  ["13.6", `${base}; server_no_context_takeover; server_max_window_bits=15`],
  ["13.7", `${base}; server_no_context_takeover; server_max_window_bits=9,${base}; server_no_context_takeover,${base}`],
];

for (const [group, offer] of offers) {
  asClient(`${group} offers ${offer}`, () => assert.is(offersOf(wishesOf(group)), offer));
}

asClient("other cases offer nothing, and no answer may have an extension", () => {
  assert.is(offersOf([]), null);
  assert.is(agreedByReply([], undefined), null);
  assert.throws(() => agreedByReply([], "permessage-deflate"), /not offered/);
});

const answers: readonly (readonly [field: string | undefined, agreed: string])[] = [
  [undefined, "nothing"],
  ["permessage-deflate", "server 15, client 15"],
  ["permessage-deflate; server_no_context_takeover", "server 15 reset, client 15"],
  ["permessage-deflate; client_no_context_takeover", "server 15, client 15 reset"],
  ["permessage-deflate; server_max_window_bits=9; client_max_window_bits=10", "server 9, client 10"],
  ['permessage-deflate; server_max_window_bits="12"', "server 12, client 15"],
];

for (const [field, agreed] of answers) {
  asClient(`${field ?? "no field"} in an answer agrees on ${agreed}`, () => {
    assert.is(words(agreedByReply(wishesOf("13.3"), field)), agreed);
  });
}

const badAnswers: readonly (readonly [field: string, message: RegExp])[] = [
  ["x-webkit-deflate-frame", /not offered/],
  ["permessage-deflate, permessage-deflate", /more than one/],
  ["permessage-deflate, foo", /more than one/],
  ["permessage-deflate; foo", /no parameter foo/],
  ["permessage-deflate; toString", /no parameter toString/],
  ["permessage-deflate; Server_no_context_takeover", /no parameter/],
  ["permessage-deflate; server_no_context_takeover; server_no_context_takeover", /twice/],
  ["permessage-deflate; client_no_context_takeover; client_no_context_takeover", /twice/],
  ["permessage-deflate; server_max_window_bits=9; server_max_window_bits=9", /twice/],
  ["permessage-deflate; client_max_window_bits=9; client_max_window_bits=10", /twice/],
  ["permessage-deflate; server_no_context_takeover=true", /with the value true/],
  ["permessage-deflate; client_no_context_takeover=1", /with the value 1/],
  ["permessage-deflate; server_max_window_bits", /without a value/],
  ["permessage-deflate; client_max_window_bits", /without a value/],
  ["permessage-deflate; server_max_window_bits=8", /8 bits/],
  ["permessage-deflate; client_max_window_bits=8", /8 bits/],
  ...["7", "16", "09", "9.0", "-9", "0x9", "nine"].map(
    (value) => [`permessage-deflate; server_max_window_bits=${value}`, /with the value/] as const,
  ),
  ["permessage-deflate;", /cannot be read/],
];

for (const [field, message] of badAnswers) {
  asClient(`${field} in an answer fails the handshake`, () => {
    assert.throws(() => agreedByReply(wishesOf("13.3"), field), message);
  });
}

asClient.run();

const asServer = suite("conformance answers");

/** What clients offer, most of them. */
const usual = "permessage-deflate; client_max_window_bits";
const bare = "permessage-deflate";

const replies: readonly (readonly [group: string, offer: string, reply: string, agreed: string])[] = [
  ["13.1", usual, bare, "server 15, client 15"],
  ["13.2", usual, `${bare}; client_no_context_takeover`, "server 15, client 15 reset"],
  ["13.3", usual, `${bare}; client_max_window_bits=9`, "server 15, client 9"],
  ["13.4", usual, `${bare}; client_max_window_bits=15`, "server 15, client 15"],
  ["13.5", usual, `${bare}; client_no_context_takeover; client_max_window_bits=9`, "server 15, client 9 reset"],
  ["13.6", usual, `${bare}; client_no_context_takeover; client_max_window_bits=15`, "server 15, client 15 reset"],
  ["13.7", usual, `${bare}; client_no_context_takeover; client_max_window_bits=9`, "server 15, client 9 reset"],
  ["13.2", bare, `${bare}; client_no_context_takeover`, "server 15, client 15 reset"],
  ["13.7", bare, `${bare}; client_no_context_takeover`, "server 15, client 15 reset"],
  ["13.3", `foo; bar=1, ${bare}, ${usual}`, `${bare}; client_max_window_bits=9`, "server 15, client 9"],
  [
    "13.1",
    `${bare}; server_no_context_takeover; server_max_window_bits=10; client_no_context_takeover`,
    `${bare}; server_no_context_takeover; server_max_window_bits=10`,
    "server 10 reset, client 15",
  ],
];

for (const [group, offer, reply, agreed] of replies) {
  asServer(`${group} answers ${offer} with ${reply}`, () => {
    const found = replyTo(wishesOf(group), offer);
    assert.is(found?.field, reply);
    assert.is(words(found!.agreed), agreed);
  });
}

const declined: readonly (readonly [group: string, offer: string | undefined])[] = [
  ["13.1", undefined],
  ["13.1", "foo"],
  ...["13.3", "13.4", "13.5", "13.6"].map((group) => [group, bare] as const),
  ["13.4", `${bare}; client_max_window_bits=10`], // what it asks for must not be more than what was offered
  ["13.1", `${bare}; server_max_window_bits=8`],
];

for (const [group, offer] of declined) {
  asServer(`${group} agrees on nothing where the client offers ${offer ?? "nothing"}`, () => {
    assert.is(replyTo(wishesOf(group), offer), null);
  });
}

for (const parameter of [
  "foo",
  "server_max_window_bits",
  "client_max_window_bits=16",
  "client_max_window_bits=9; client_max_window_bits",
]) {
  asServer(`an offer with ${parameter} fails the handshake`, () => {
    assert.throws(() => replyTo(wishesOf("13.1"), `${usual}, ${bare}; ${parameter}`));
  });
}

asServer.run();
