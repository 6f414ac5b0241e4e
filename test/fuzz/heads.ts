// Opening handshakes: the two sides' reading of a head as one function from pieces to a verdict, and heads to feed it,
// valid and mutated. However the octets are cut the verdict is one, and its code is a documented one. RFC 6455 §4.

import { HandshakeError } from "../../bindings/errors/classes.ts";
import {
  acceptHandshake,
  checkHandshakeResponse,
  createHandshakeRequest,
  HandshakePolicy,
  HeadReader,
  isInterimResponse,
  parseRequestHead,
  parseResponseHead,
} from "../../bindings/handshake/index.ts";
import { concat, type Random } from "../support/octets.ts";
import { damageOctets } from "./damage.ts";
import { documentedHandshakeCodes } from "./documented.ts";
import { cutsOf } from "./generate.ts";
import { hexOf } from "./stream-case.ts";
import { thrownText } from "./subjects.ts";

/** One head, and what follows it, on its way to one side. */
export interface HeadCase {
  /** Who reads. */
  readonly role: "server" | "client";
  readonly octets: Uint8Array;
  readonly cuts: readonly number[];
}

const policy = new HandshakePolicy({
  protocols: ["chat", "superchat"],
  negotiateExtensions: (offers) => offers.filter(({ name }) => name === "permessage-deflate").slice(0, 1),
  maxHeadLength: 1000,
  maxHeaderCount: 20,
});
const key = "x3JJHMbDL1EzLkh9GBhXDw==";
const asked = createHandshakeRequest({
  url: "ws://server.example.com/chat",
  key,
  protocols: ["chat", "superchat"],
  extensions: [{ name: "permessage-deflate", parameters: [] }],
});

/** What a side says in the end, and the octets behind the head. */
interface HeadVerdict {
  readonly text: string;
  readonly code: string;
}

function readRequest(pieces: readonly Uint8Array[]): HeadVerdict {
  const reader = new HeadReader(policy);
  const behind = pieces.findIndex((piece) => reader.push(piece));
  if (behind === -1) reader.end();
  const rest = concat(reader.rest, ...pieces.slice(behind + 1));
  const verdict = acceptHandshake(parseRequestHead(reader.head), policy);
  const { headers, httpStatus } = verdict;
  return {
    text: `${httpStatus} ${JSON.stringify(headers)} ${JSON.stringify(verdict.accepted || verdict.body)} rest ${hexOf(rest)}`,
    code: verdict.accepted ? "" : verdict.error.code,
  };
}

function readResponse(pieces: readonly Uint8Array[]): HeadVerdict {
  const waiting = [...pieces];
  for (;;) {
    const reader = new HeadReader({ role: "client", maxHeadLength: 1000, maxHeaderCount: 20 });
    let isComplete = false;
    while (!isComplete && waiting.length > 0) isComplete = reader.push(waiting.shift()!);
    if (!isComplete) reader.end();
    waiting.unshift(reader.rest);
    const response = parseResponseHead(reader.head);
    if (isInterimResponse(response)) continue; // RFC 9110 §15.2
    const { protocol, extensions } = checkHandshakeResponse(response, asked);
    return { text: `${protocol} ${JSON.stringify(extensions)} rest ${hexOf(concat(...waiting))}`, code: "" };
  }
}

function verdictOf(role: "server" | "client", pieces: readonly Uint8Array[]): HeadVerdict {
  try {
    return role === "server" ? readRequest(pieces) : readResponse(pieces);
  } catch (error) {
    if (!(error instanceof HandshakeError)) return { text: thrownText(error), code: "thrown" };
    return { text: `${error.code} ${error.httpStatus} ${error.message}`, code: error.code };
  }
}

/** Says what is wrong; "" for nothing. */
export function judgeHead({ role, octets, cuts }: HeadCase): { problem: string; code: string } {
  const pieces = [...cuts, octets.length].map((end, index) => octets.slice(index === 0 ? 0 : cuts[index - 1]!, end));
  const whole = verdictOf(role, [octets]);
  const cut = verdictOf(role, pieces);
  const { code } = whole;
  if (code === "thrown" || cut.code === "thrown") return { problem: `${whole.text}\n${cut.text}`, code };
  if (cut.text !== whole.text) return { problem: `cut: ${cut.text}\nwhole: ${whole.text}`, code };
  if (code !== "" && !documentedHandshakeCodes.has(code)) return { problem: `${code} is in no page`, code };
  return { problem: "", code };
}

/** A case in words. */
export function describeHead({ role, octets, cuts }: HeadCase): string {
  const text = JSON.stringify(Buffer.from(octets).toString("latin1").slice(0, 1500));
  return `  read by a ${role}, cut at [${cuts.join(" ")}]\n  ${text}\n  ${hexOf(octets)}`;
}

type Line = readonly [name: string, value: string];

/** A valid head of each kind, in lines. */
export const validLines: Readonly<Record<"server" | "client", readonly [start: string, ...fields: Line[]]>> = {
  server: [
    "GET /chat?room=1 HTTP/1.1",
    ["Host", "server.example.com"],
    ["Upgrade", "websocket"],
    ["Connection", "keep-alive, Upgrade"],
    ["Sec-WebSocket-Key", key],
    ["Sec-WebSocket-Version", "13"],
    ["Origin", "http://server.example.com"],
    ["Sec-WebSocket-Protocol", "superchat, chat"],
    ["Sec-WebSocket-Extensions", "permessage-deflate; client_max_window_bits"],
    ["User-Agent", "fuzz/1 (any)"],
  ],
  client: [
    "HTTP/1.1 101 Switching Protocols",
    ["Upgrade", "websocket"],
    ["Connection", "Upgrade"],
    ["Sec-WebSocket-Accept", asked.accept],
    ["Sec-WebSocket-Protocol", "chat"],
    ["Sec-WebSocket-Extensions", "permessage-deflate"],
  ],
};

/** Start lines and values that matter to some rule. */
export const startLines: readonly string[] = [
  "GET / HTTP/1.0",
  "GET / HTTP/1.2",
  "GET / HTTP/2.0",
  "POST / HTTP/1.1",
  "HEAD / HTTP/1.1",
  "GET http://server.example.com/x HTTP/1.1",
  "GET ftp://a/ HTTP/1.1",
  "GET * HTTP/1.1",
  "GET /#a HTTP/1.1",
  "GET  / HTTP/1.1",
  "PRI * HTTP/2.0",
  "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 101 x",
  "HTTP/1.1 103 Early Hints",
  "HTTP/1.1 200 OK",
  "HTTP/1.1 301 ",
  "HTTP/1.1 404 Not Found",
  "HTTP/1.0 101 x",
  "HTTP/1.1 999 x",
  "HTTP/1.1 101",
  "SSH-2.0-OpenSSH_9.6",
  "",
];

export const fieldValues: readonly string[] = [
  "",
  " ",
  "\t, ,\t",
  "websocket",
  "WebSocket, h2c",
  "Upgrade",
  "close",
  "13",
  "8",
  "013",
  "256",
  key,
  "AQIDBAUGBwgJCgsMDQ4PEC==",
  "c2hvcnQ=",
  "null",
  "https://evil.example",
  "http://server.example.com:80",
  "http://[::1]:99999",
  "server.example.com:8080",
  "[::1]",
  "a b",
  "user@host",
  "chat, chat",
  "constructor, __proto__, toString",
  "permessage-deflate; client_max_window_bits=15x",
  'x; a="unclosed',
  'x; a="quoted, \\" ; =", y',
  "permessage-deflate; ; ,",
  "5",
  "0",
  "chunked",
  "\u00e9\u00ff",
  "a\u0000b",
  "a\rb",
  "a\nb",
  "a\r\n folded",
];

export const fieldNames: readonly string[] = [
  ...new Set(
    [...validLines.server, ...validLines.client].flatMap((line) => (typeof line === "string" ? [] : [line[0]])),
  ),
  "Content-Length",
  "Transfer-Encoding",
  "X-Forwarded-Host",
  "__proto__",
  "bad name",
  "",
];

/** Lines as octets, one a character, with the empty line. */
export function headOctets(start: string, fields: readonly Line[]): Uint8Array {
  const lines = [start, ...fields.map(([name, value]) => `${name}: ${value}`)];
  return new Uint8Array(Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1"));
}

function changeFields(fields: Line[], random: Random): void {
  const at = random.below(fields.length + 1);
  const line: Line = [random.pick(fieldNames), random.pick(fieldValues)];
  const name = fields[at]?.[0] ?? "X";
  const draw = random.below(6);
  if (draw === 0) fields.splice(at, 1);
  else if (draw === 1) fields.splice(at, 0, line);
  else if (draw === 2 && at < fields.length) fields.push(fields[at]!);
  else if (draw === 3) fields.push(["X-Long", "y".repeat(random.pick([100, 700, 2000]))]);
  else fields.splice(at, 1, [random.below(3) === 0 ? name.toUpperCase() : name, line[1]]);
}

/** A head from a generator of numbers. */
export function headCaseOf(random: Random): HeadCase {
  const role = random.pick(["server", "client"] as const);
  const [validStart, ...validFields] = validLines[role];
  const fields = [...validFields];
  for (let count = random.pick([0, 0, 1, 1, 1, 2, 5]); count > 0; count--) changeFields(fields, random);
  if (random.below(30) === 0) for (let count = random.below(30); count > 0; count--) fields.push(["X", String(count)]);
  let octets = headOctets(random.below(6) === 0 ? random.pick(startLines) : validStart, fields);
  if (random.below(3) === 0) octets = new Uint8Array(damageOctets(octets, random));
  if (random.below(3) === 0) octets = concat(octets, random.octets(random.below(40)));
  return { role, octets, cuts: cutsOf(random, octets.length) };
}
