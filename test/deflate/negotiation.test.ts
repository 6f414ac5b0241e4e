// What the two ends agree on, as tables: offers and a server's answer to them, a client's offer, and answers that it takes or
// refuses. RFC 7692 §5, §7.1. Options: test/deflate/options.test.ts.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { DeflateOptions } from "../../bindings/deflate/options.ts";
import { PerMessageDeflate } from "../../bindings/deflate/permessage-deflate.ts";
import { HandshakeError } from "../../bindings/errors/classes.ts";
import { parseExtensions, serializeExtensions } from "../../bindings/handshake/index.ts";
import { zlibProvider } from "../../bindings/runtime/zlib.ts";
import { Watched } from "./support.ts";

const NAME = "permessage-deflate";

/** What a server with `options` answers to a field's value. */
function answerTo(offers: string, options: DeflateOptions = {}): string {
  return serializeExtensions(new PerMessageDeflate(options, zlibProvider()).negotiate(parseExtensions(offers)));
}

/** The window bits that streams are made with, and whether contexts are kept, as far as the extension shows. */
function agreedBy(make: (deflate: PerMessageDeflate) => unknown, options: DeflateOptions = {}): unknown {
  return make(new PerMessageDeflate({ ...options, provider: new Watched(zlibProvider()) }));
}

type Row = readonly [offer: string, answer: string | undefined];

const server = suite("permessage-deflate: a server's answers");

/** Each parameter, with values it may have and may not have. */
const offers: readonly Row[] = [
  ["", ""],
  ["; server_no_context_takeover", "; server_no_context_takeover"],
  ["; client_no_context_takeover", ""], // §7.1.1.2: a hint, which needs no answer
  ["; server_no_context_takeover=1", undefined],
  ["; client_no_context_takeover=1", undefined],
  ["; server_no_context_takeover=true", undefined],
  ['; client_no_context_takeover="x"', undefined],
  ["; server_no_context_takeover; server_no_context_takeover", undefined],
  ["; client_no_context_takeover; client_no_context_takeover", undefined],
  ["; client_max_window_bits", ""],
  ["; client_max_window_bits; client_max_window_bits", undefined],
  ["; client_max_window_bits=15; client_max_window_bits=15", undefined],
  ["; client_max_window_bits; client_max_window_bits=10", undefined],
  ["; server_max_window_bits=10; server_max_window_bits=10", undefined],
  ["; server_max_window_bits=10; server_max_window_bits=11", undefined],
  ["; server_max_window_bits", undefined], // §7.1.2.1: it must have a value
  ["; server_max_window_bits=8", undefined], // zlib has no such window
  ...[9, 10, 11, 12, 13, 14, 15].map(
    (bits): Row => [`; server_max_window_bits=${bits}`, `; server_max_window_bits=${bits}`],
  ),
  ...[8, 9, 10, 11, 12, 13, 14].map(
    (bits): Row => [`; client_max_window_bits=${bits}`, `; client_max_window_bits=${bits}`],
  ),
  ["; client_max_window_bits=15", ""],
  ['; server_max_window_bits="10"', "; server_max_window_bits=10"], // §5.1 of RFC 6455: a quoted token
  ['; client_max_window_bits="10"', "; client_max_window_bits=10"],
  ...["server", "client"].flatMap((side) =>
    ["0", "1", "7", "16", "100", "09", "010", "15x", "x15", "1e1", "0x0a", "-9", "10.0", "+10", "nan"].map(
      (bits): Row => [`; ${side}_max_window_bits=${bits}`, undefined],
    ),
  ),
  ...["unknown", "__proto__", "constructor", "toString", "hasOwnProperty", "server_max_window_bit"].flatMap(
    (name): Row[] => [
      [`; ${name}`, undefined],
      [`; ${name}=15`, undefined],
      [`; client_max_window_bits; ${name}`, undefined],
    ],
  ),
  ["; SERVER_NO_CONTEXT_TAKEOVER", undefined],
  [
    "; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=12; client_max_window_bits=11",
    "; server_no_context_takeover; server_max_window_bits=12; client_max_window_bits=11",
  ],
];

server("declines an offer with a parameter that is unknown, there twice, or not of its values (§7.1)", () => {
  for (const [offer, answer] of offers)
    assert.is(answerTo(`${NAME}${offer}`), answer === undefined ? "" : `${NAME}${answer}`, offer);
});

server("knows no offer by another name (RFC 6455 §9.1)", () => {
  for (const name of ["x-webkit-deflate-frame", "permessage-bzip2", "Permessage-deflate2", "__proto__", "constructor"])
    assert.is(answerTo(name), "", name);
});

server("takes the first of several offers that it can do, and no other (§5, §7.1.3)", () => {
  const rows: readonly Row[] = [
    [`${NAME}; server_max_window_bits=10, ${NAME}`, `${NAME}; server_max_window_bits=10`],
    [`${NAME}, ${NAME}; server_max_window_bits=10`, NAME],
    [`${NAME}; server_max_window_bits=8, ${NAME}`, NAME],
    [`${NAME}; unknown, x-other, ${NAME}; server_no_context_takeover, ${NAME}`, `${NAME}; server_no_context_takeover`],
    [`${NAME}; unknown, ${NAME}; server_max_window_bits=99`, ""],
    [`x-other; server_max_window_bits=10, ${NAME}; client_max_window_bits=9`, `${NAME}; client_max_window_bits=9`],
  ];
  for (const [said, answer] of rows) assert.is(answerTo(said), answer, said);
});

server("asks by its options for less than was offered (§7.1.1, §7.1.2)", () => {
  const rows: readonly (readonly [DeflateOptions, offer: string, answer: string | undefined])[] = [
    [{ contextTakeover: false }, "", "; server_no_context_takeover"],
    [{ contextTakeover: false }, "; server_no_context_takeover", "; server_no_context_takeover"],
    [{ peerContextTakeover: false }, "", "; client_no_context_takeover"],
    [{ peerContextTakeover: false }, "; client_no_context_takeover", "; client_no_context_takeover"],
    [
      { contextTakeover: false, peerContextTakeover: false },
      "",
      "; server_no_context_takeover; client_no_context_takeover",
    ],
    [{ windowBits: 11 }, "", "; server_max_window_bits=11"],
    [{ windowBits: 11 }, "; server_max_window_bits=9", "; server_max_window_bits=9"],
    [{ windowBits: 11 }, "; server_max_window_bits=14", "; server_max_window_bits=11"],
    [{ windowBits: 9 }, "; server_max_window_bits=8", undefined],
    // §7.1.2.2: a client that does not know the parameter must not be sent it
    [{ peerWindowBits: 11 }, "", undefined],
    [{ peerWindowBits: 11 }, "; client_max_window_bits", "; client_max_window_bits=11"],
    [{ peerWindowBits: 11 }, "; client_max_window_bits=13", "; client_max_window_bits=11"],
    [{ peerWindowBits: 11 }, "; client_max_window_bits=9", "; client_max_window_bits=9"],
    [{ peerWindowBits: 11 }, "; client_max_window_bits=8", "; client_max_window_bits=8"],
    [{ peerWindowBits: 15 }, "", ""],
  ];
  for (const [options, offer, answer] of rows) {
    const found = answerTo(`${NAME}${offer}`, options);
    assert.is(found, answer === undefined ? "" : `${NAME}${answer}`, `${JSON.stringify(options)} ${offer}`);
  }
  const fallback = `${NAME}; client_no_context_takeover, ${NAME}; client_max_window_bits`;
  assert.is(answerTo(fallback, { peerWindowBits: 11 }), `${NAME}; client_max_window_bits=11`, "the second offer fits");
});

server("answers nothing, and has no extension, where nothing was offered", () => {
  const deflate = new PerMessageDeflate({}, zlibProvider());
  assert.equal(deflate.negotiate([]), []);
  assert.is(deflate.forServer([]), undefined);
  assert.is(deflate.forServer(parseExtensions("x-other")), undefined);
});

server.run();

const client = suite("permessage-deflate: a client's offer, and the answers to it");

/** What a client with `options` offers. */
function offerOf(options: DeflateOptions): string {
  return serializeExtensions([new PerMessageDeflate(options, zlibProvider()).offer]);
}

client("offers what its options say (§7.1)", () => {
  const rows: readonly (readonly [DeflateOptions, string])[] = [
    [{}, "; client_max_window_bits"],
    [{ contextTakeover: false }, "; client_no_context_takeover; client_max_window_bits"],
    [{ peerContextTakeover: false }, "; server_no_context_takeover; client_max_window_bits"],
    [{ windowBits: 10 }, "; client_max_window_bits=10"],
    [{ peerWindowBits: 9 }, "; server_max_window_bits=9; client_max_window_bits"],
    [
      {
        contextTakeover: false,
        peerContextTakeover: false,
        windowBits: 12,
        peerWindowBits: 11,
        level: 1,
        threshold: 0,
      },
      "; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=11; client_max_window_bits=12",
    ],
  ];
  for (const [options, offer] of rows) assert.is(offerOf(options), `${NAME}${offer}`, offer);
});

/** Whether a client takes an answer; the only thing that it throws is a HandshakeError with the answer's status. */
function takes(answer: string, options: DeflateOptions = {}): boolean {
  try {
    return agreedBy((deflate) => deflate.forClient(parseExtensions(answer), 101), options) !== undefined;
  } catch (error) {
    assert.instance(error, HandshakeError, answer);
    assert.is((error as HandshakeError).code, "WS_HANDSHAKE_RESPONSE_EXTENSIONS", answer);
    assert.is((error as HandshakeError).httpStatus, 101, answer);
    return false;
  }
}

client("refuses an answer with parameters that are wrong, and takes every other (§7.1)", () => {
  const taken = [
    "",
    "; server_no_context_takeover",
    "; client_no_context_takeover",
    "; server_no_context_takeover; client_no_context_takeover",
    ...[8, 9, 10, 14, 15].flatMap((bits) => [`; server_max_window_bits=${bits}`, `; client_max_window_bits=${bits}`]),
    '; client_max_window_bits="12"',
  ];
  for (const answer of taken) assert.ok(takes(`${NAME}${answer}`), answer);
  const refused = [
    "; client_max_window_bits", // §7.1.2.2: an answer's has a value
    "; server_max_window_bits",
    "; server_no_context_takeover=1",
    '; client_no_context_takeover="1"',
    "; server_no_context_takeover; server_no_context_takeover",
    "; server_max_window_bits=9; server_max_window_bits=9",
    ...["0", "7", "16", "15x", "09", "1e1", "-9"].flatMap((bits) => [
      `; server_max_window_bits=${bits}`,
      `; client_max_window_bits=${bits}`,
    ]),
    "; unknown",
    "; __proto__",
    "; constructor=1",
  ];
  for (const answer of refused) assert.not(takes(`${NAME}${answer}`), answer);
});

client("refuses an answer that does not fit its offer (§7.1.1, §7.1.2)", () => {
  const rows: readonly (readonly [DeflateOptions, answer: string, isTaken: boolean])[] = [
    [{ peerContextTakeover: false }, "", false],
    [{ peerContextTakeover: false }, "; client_no_context_takeover", false],
    [{ peerContextTakeover: false }, "; server_no_context_takeover", true],
    [{ contextTakeover: false }, "", true], // a hint, which needs no answer
    [{ peerWindowBits: 10 }, "", false],
    [{ peerWindowBits: 10 }, "; server_max_window_bits=11", false],
    [{ peerWindowBits: 10 }, "; server_max_window_bits=10", true],
    [{ peerWindowBits: 10 }, "; server_max_window_bits=8", true],
    [{ windowBits: 10 }, "", true],
    [{ windowBits: 10 }, "; client_max_window_bits=11", false],
    [{ windowBits: 10 }, "; client_max_window_bits=10", true],
    [{ windowBits: 10 }, "; client_max_window_bits=8", true],
  ];
  for (const [options, answer, isTaken] of rows)
    assert.is(takes(`${NAME}${answer}`, options), isTaken, `${JSON.stringify(options)} ${answer}`);
});

client("that is answered nothing, or other extensions, compresses nothing (RFC 6455 §4.1)", () => {
  const deflate = new PerMessageDeflate({}, zlibProvider());
  assert.is(deflate.forClient([], 101), undefined);
  assert.is(deflate.forClient(parseExtensions("x-other"), 101), undefined);
});

client("that is answered one extension twice refuses it (RFC 6455 §9.1)", () => {
  assert.not(takes(`${NAME}, ${NAME}`));
  assert.not(takes(`${NAME}; server_no_context_takeover, ${NAME}`));
});

client.run();
