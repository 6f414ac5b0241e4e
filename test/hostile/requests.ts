// Requests that no server may take for an opening handshake, and odd ones that it must. Each is what an attacker sends whole,
// in octets, or cut anywhere; who sends them is handshake-requests.test.ts, and survival.test.ts once more.

import { exampleKey, headOf, latin1, requestLines } from "../handshake/support.ts";

/** What a server answers: the status, and the stable code of the reason, "" where there is none. */
export interface Expected {
  readonly httpStatus: number;
  readonly code: string;
}

export interface HostileRequest {
  readonly name: string;
  /** What it belongs to: a row of the table in README.md. */
  readonly row: string;
  readonly octets: Uint8Array;
  readonly expected: Expected;
  /** Where a server that takes heads of `LENIENT_HEAD_LENGTH` answers something else. */
  readonly whenLenient?: Expected;
}

/** For requests that the default would refuse before anything is parsed. */
export const LENIENT_HEAD_LENGTH: number = 2 ** 20;

type Changes = Parameters<typeof requestLines>[0];
type Row = readonly (readonly [name: string, expected: Expected, octets: Uint8Array, whenLenient?: Expected])[];

const get = "GET /chat HTTP/1.1";
const request = (changes: Changes, line = get): Uint8Array => headOf(requestLines(changes, line));

const is = (httpStatus: number, code: string): Expected => ({ httpStatus, code: `WS_HANDSHAKE_${code}` });
const malformed = is(400, "HEAD_MALFORMED");
const tooLong = is(431, "HEAD_TOO_LONG");
const accepted: Expected = { httpStatus: 101, code: "" };

const limits: Row = [
  ["a field of 16 KiB", tooLong, request({ "X-A": "x".repeat(16384) })],
  ["a target of 16 KiB", tooLong, request({}, `GET /${"x".repeat(16384)} HTTP/1.1`)],
  ["a first line of 20,000 octets that does not end", tooLong, latin1(`GET /${"x".repeat(20_000)}`)],
  ["64 KiB of spaces", tooLong, latin1(`${" ".repeat(65536)}\r\n\r\n`), malformed],
  ["101 fields", is(431, "TOO_MANY_HEADERS"), request({ "X-A": Array.from({ length: 96 }, () => "") })],
  ["5,000 empty fields", is(431, "TOO_MANY_HEADERS"), latin1(`${get}\r\n${"a:\r\n".repeat(5000)}\r\n`)],
];

const wrongFields: readonly (readonly [name: string, missing: string, wrong: readonly string[]])[] = [
  ["Host", "HOST", ["", ",", "a b", "a:b", "a:65536", "a@b", "[::1", "a/b", "\u00ff"]],
  ["Upgrade", "UPGRADE", ["", ",", "h2c", "websocket/", "websocket/13", "web socket", "websocket\u00ff"]],
  ["Connection", "CONNECTION", ["", ",", "keep-alive", "close", "Up grade", "upgrade\u00ff", "upgrade;x"]],
  ["Sec-WebSocket-Key", "KEY", ["", ",", "dG9vIHNob3J0", `${exampleKey}A`, "?".repeat(24), "\u00ff".repeat(24)]],
  ["Sec-WebSocket-Version", "VERSION_MALFORMED", ["", ",", "13.0", "013", "+13", "0x0d", "256", "-1", "\u00b9\u00b3"]],
];

const fields: Row = wrongFields.flatMap(
  ([name, code, values]): Row => [
    [`no ${name}`, name.endsWith("Version") ? is(426, "VERSION") : is(400, code), request({ [name]: undefined })],
    ...values.map((value) => [`${name}: ${shown(value)}`, is(400, code), request({ [name]: value })] as const),
  ],
);

const duplicates: Row = [
  ["two Hosts", is(400, "HOST"), request({ Host: ["server.example.com", "server.example.com"] })],
  ["two Keys", is(400, "KEY"), request({ "Sec-WebSocket-Key": [exampleKey, exampleKey] })],
  ["two Versions", is(400, "VERSION_MALFORMED"), request({ "Sec-WebSocket-Version": ["13", "13"] })],
  ["two Versions, one spoken", is(400, "VERSION_MALFORMED"), request({ "Sec-WebSocket-Version": ["13", "8"] })],
  ["two Versions in a line", is(400, "VERSION_MALFORMED"), request({ "Sec-WebSocket-Version": "8, 13" })],
  ["neither Upgrade nor Key", is(426, "NOT_UPGRADE"), request({ Upgrade: undefined, "Sec-WebSocket-Key": undefined })],
];

/** What stands 64 KiB long in a list. */
export const fillers: readonly (readonly [name: string, filler: string])[] = [
  ["spaces", " "],
  ["tabs", "\t"],
  ["commas", ","],
  ["semicolons", ";"],
  ["equals signs", "="],
  ["quotes", '"'],
  ["backslashes", "\\"],
  ["spaces and commas", " ,"],
  ["empty parameters", "; "],
  ["quoted backslashes", '"\\'],
  ["octets above 0x7F", "\u00e9"],
];

const wrongLists: readonly (readonly [name: string, value: string])[] = [
  ["empty", ""],
  ["a comma alone", ","],
  ["an empty element in front", ", a"],
  ["an empty element inside", "a,, b"],
  ["an empty element behind", "a, "],
  ["octets that are not ASCII", "caf\u00e9"],
  ["a slash", "a/b"],
  ["a quoted name", '"a"'],
];

const wrongExtensions: readonly (readonly [name: string, value: string])[] = [
  ["an unclosed quote", 'a; b="c'],
  ["a quote that closes on an escape", 'a; b="c\\"'],
  ["an empty quoted value", 'a; b=""'],
  ["an empty value", "a; b="],
  ["an empty parameter", "a;; b"],
  ["a semicolon behind", "a;"],
  ["a parameter without a name", "a; =1"],
  ["whitespace around =", "a; b = 1"],
  ["octets that are not ASCII in a value", "a; b=\u00e9"],
  ["octets that are not ASCII in quotes", 'a; b="\u00e9"'],
];

const lists: Row = (
  [
    ["Sec-WebSocket-Protocol", is(400, "PROTOCOL"), wrongLists],
    ["Sec-WebSocket-Extensions", is(400, "EXTENSIONS"), [...wrongLists, ...wrongExtensions]],
  ] as const
).flatMap(
  ([name, expected, values]): Row => [
    ...values.map(([what, value]) => [`${name}: ${what}`, expected, request({ [name]: value })] as const),
    ...fillers.map(([what, filler]) => {
      const value = `a${filler.repeat(65536 / filler.length)}!b`;
      return [`${name}: 64 KiB of ${what}`, tooLong, request({ [name]: value }), expected] as const;
    }),
  ],
);

const deflate = (parameters: string): Uint8Array =>
  request({ "Sec-WebSocket-Extensions": `permessage-deflate; ${parameters}` });

const names: Row = ["constructor", "__proto__", "toString", "hasOwnProperty"].map((name) => [
  `an extension, a subprotocol and a field named ${name}`,
  accepted,
  request({ "Sec-WebSocket-Extensions": `${name}; ${name}=1`, "Sec-WebSocket-Protocol": name, [name]: "y" }),
]);

const windowBits: Row = [
  ...["0", "7", "16", "15x", "-1", "1e1", "9".repeat(400), '"15x"'].map(
    (bits) => [`window bits ${shown(bits)}`, accepted, deflate(`server_max_window_bits=${bits}`)] as const,
  ),
  ["window bits twice", accepted, deflate("server_max_window_bits=8; server_max_window_bits=9")],
  ["client window bits twice", accepted, deflate("client_max_window_bits; client_max_window_bits")],
  ["window bits without any", accepted, deflate("server_max_window_bits")],
  ["empty window bits", is(400, "EXTENSIONS"), deflate("server_max_window_bits=")],
  ["empty quoted window bits", is(400, "EXTENSIONS"), deflate('server_max_window_bits=""')],
];

const lines = requestLines().join("\r\n");

const framing: Row = [
  ["lines that end in LF alone", malformed, latin1(`${lines.replaceAll("\r\n", "\n")}\n\n`)],
  ["one bare LF", malformed, latin1(`${lines}\nX: a\r\n\r\n`)],
  ["one bare CR", malformed, latin1(`${lines}\r\nX: a\rY: b\r\n\r\n`)],
  ["a folded line (obs-fold)", malformed, latin1(`${lines}\r\nX: a\r\n b\r\n\r\n`)],
  ["a line folded with a tab", malformed, latin1(`${lines}\r\nX: a\r\n\tb\r\n\r\n`)],
  ["NUL in a value", malformed, latin1(`${lines}\r\nX: a\0\r\n\r\n`)],
  ["NUL in a name", malformed, latin1(`${lines}\r\nX\0: a\r\n\r\n`)],
  ["DEL in a value", malformed, latin1(`${lines}\r\nX: \x7f\r\n\r\n`)],
  ["whitespace before a colon", malformed, latin1(`${lines}\r\nX : a\r\n\r\n`)],
  ["a field without a colon", malformed, latin1(`${lines}\r\nX\r\n\r\n`)],
  ["a field without a name", malformed, latin1(`${lines}\r\n: a\r\n\r\n`)],
  ["an empty line in front", malformed, latin1(`\r\n${lines}\r\n\r\n`)],
  ["TLS instead of HTTP", malformed, latin1("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")],
  ["HTTP/2's preface", is(505, "HTTP_VERSION"), latin1("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")],
  ["Content-Length", is(400, "BODY"), latin1(`${lines}\r\nContent-Length: 5\r\n\r\nhello`)],
  ["Content-Length twice", is(400, "BODY"), latin1(`${lines}\r\nContent-Length: 0\r\nContent-Length: 0\r\n\r\n`)],
  ["Content-Length: 00", is(400, "BODY"), latin1(`${lines}\r\nContent-Length: 00\r\n\r\n`)],
  ["Transfer-Encoding", is(400, "BODY"), latin1(`${lines}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`)],
  [
    "Content-Length with Transfer-Encoding",
    is(400, "BODY"),
    latin1(`${lines}\r\nContent-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`),
  ],
];

const methods: Row = [
  ["HTTP/1.0", is(505, "HTTP_VERSION"), request({}, "GET /chat HTTP/1.0")],
  ["HTTP/2.0", is(505, "HTTP_VERSION"), request({}, "GET /chat HTTP/2.0")],
  ["HTTP/0.9", malformed, latin1("GET /chat\r\n\r\n")],
  ["HTTP/1.10", malformed, request({}, "GET /chat HTTP/1.10")],
  ["POST", is(405, "METHOD"), request({}, "POST /chat HTTP/1.1")],
  ["POST with a body", is(405, "METHOD"), latin1(`POST${lines.slice(3)}\r\nContent-Length: 5\r\n\r\nhello`)],
  ["get", is(405, "METHOD"), request({}, "get /chat HTTP/1.1")],
  ["constructor", is(405, "METHOD"), request({}, "constructor /chat HTTP/1.1")],
  ["CONNECT", is(405, "METHOD"), request({}, "CONNECT server.example.com:80 HTTP/1.1")],
];

const own = "http://server.example.com";

const targets: Row = [
  ["*", is(400, "TARGET"), request({}, "GET * HTTP/1.1")],
  ["a fragment", is(400, "TARGET"), request({}, "GET /chat#a HTTP/1.1")],
  ["an authority", is(400, "TARGET"), request({}, "GET server.example.com:80 HTTP/1.1")],
  ["a URI of another scheme", is(400, "TARGET"), request({}, "GET ftp://server.example.com/ HTTP/1.1")],
  ["a URI with a user", is(400, "TARGET"), request({}, "GET http://a@server.example.com/ HTTP/1.1")],
  ["octets above 0x7F", is(400, "TARGET"), request({}, "GET /\u00e9 HTTP/1.1")],
  [
    "another host's URI, from a page of Host",
    is(403, "ORIGIN"),
    request({ Origin: own }, "GET http://victim.example/chat HTTP/1.1"),
  ],
  ["a URI, and no Host", is(400, "HOST"), request({ Host: undefined }, `GET ${own}/chat HTTP/1.1`)],
  [
    "its own URI, from a page of it, whatever Host says",
    accepted,
    request({ Host: "elsewhere.example", Origin: own }, `GET ${own}/chat HTTP/1.1`),
  ],
];

const split: Row = [
  ["Connection: keep-alive, Upgrade", accepted, request({ Connection: "keep-alive, Upgrade" })],
  ["Connection over two lines", accepted, request({ Connection: ["keep-alive", "Upgrade"] })],
  ["Upgrade over two lines", accepted, request({ Upgrade: ["h2c", "websocket"] })],
  [
    "subprotocols and extensions over several lines",
    accepted,
    request({ "Sec-WebSocket-Protocol": ["a, b", "c"], "Sec-WebSocket-Extensions": ["x", "y; z"] }),
  ],
  [
    "names in any case",
    accepted,
    headOf([
      get,
      "hOST: a",
      "UPGRADE: WebSocket",
      "connection: UPGRADE",
      `sec-websocket-KEY: ${exampleKey}`,
      "SEC-WEBSOCKET-VERSION:13",
    ]),
  ],
];

const origins: Row = [
  ["a page of another host", is(403, "ORIGIN"), request({ Origin: "https://evil.example" })],
  ["a page of another port", is(403, "ORIGIN"), request({ Origin: `${own}:81` })],
  ["a page of a host that begins alike", is(403, "ORIGIN"), request({ Origin: `${own}.evil.example` })],
  [
    "a browser's extension of the same name",
    is(403, "ORIGIN"),
    request({ Origin: "chrome-extension://server.example.com" }),
  ],
  ["Origin: null", is(403, "ORIGIN"), request({ Origin: "null" })],
  ["an Origin with a path", is(400, "ORIGIN_MALFORMED"), request({ Origin: `${own}/` })],
  ["two Origins", is(400, "ORIGIN_MALFORMED"), request({ Origin: [own, "https://evil.example"] })],
  ["two Origins in a line", is(400, "ORIGIN_MALFORMED"), request({ Origin: `${own} https://evil.example` })],
  ["its own page", accepted, request({ Origin: own })],
  ["its own page, the default port written out", accepted, request({ Origin: `${own}:80` })],
  ["its own page by https, the port in Host", accepted, request({ Host: "a:443", Origin: "https://a" })],
];

const draft = (...more: readonly string[]): readonly string[] => [
  get,
  "Host: server.example.com",
  "Upgrade: WebSocket",
  "Connection: Upgrade",
  ...more,
];
const otherVersion = is(426, "VERSION");

const drafts: Row = [
  ["draft 75", otherVersion, headOf(draft(`Origin: ${own}`, "WebSocket-Protocol: a"))],
  [
    "draft 76",
    otherVersion,
    latin1(
      `${draft(`Origin: ${own}`, "Sec-WebSocket-Key1: 4 @1  46546xW%0l 1 5", "Sec-WebSocket-Key2: 12998 5 Y3 1  .P00").join("\r\n")}\r\n\r\n^n:ds[4U`,
    ),
  ],
  ["draft 8", otherVersion, request({ "Sec-WebSocket-Version": "8", "Sec-WebSocket-Origin": own })],
  ["version 0", otherVersion, request({ "Sec-WebSocket-Version": "0" })],
  ["version 255", otherVersion, request({ "Sec-WebSocket-Version": "255" })],
];

const rows: Readonly<Record<string, Row>> = {
  limits,
  fields: [...fields, ...duplicates],
  lists,
  names,
  "window bits": windowBits,
  framing,
  methods,
  targets,
  "split lists": split,
  origins,
  drafts,
};

/** Every one of them. */
export const requests: readonly HostileRequest[] = Object.entries(rows).flatMap(([row, entries]) =>
  entries.map(([name, expected, octets, whenLenient]) => ({
    name,
    row,
    octets,
    expected,
    ...(whenLenient === undefined ? {} : { whenLenient }),
  })),
);

function shown(value: string): string {
  return JSON.stringify(value.length > 20 ? `${value.slice(0, 20)}…` : value);
}
