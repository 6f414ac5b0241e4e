// What docs/handshake.md shows is run, and does what the page says of it.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { HandshakeError, UsageError } from "../../bindings/errors/classes.ts";
import {
  type AcceptedHandshake,
  type AgreedHandshake,
  acceptHandshake,
  type HandshakeFault,
  type HandshakeOptions,
  HandshakePolicy,
  type HandshakeRequest,
  HeaderFields,
  HeadReader,
  handshakeFaults,
  type RefusedHandshake,
  type RequestHead,
} from "../../bindings/handshake/index.ts";
import { answer, assertAccepted, assertRefused, fieldOf, headOf, requestLines, text, validFields } from "./support.ts";

const page = readFileSync("docs/handshake.md", "utf8");
const blocks = [...page.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map(([, language, code]) => ({
  language,
  code: code!,
}));

const folder = mkdtempSync(join(tmpdir(), "wsimd-docs-"));
let fileCount = 0;

/** The URL of a module. */
function moduleOf(code: string): string {
  const file = join(folder, `${fileCount++}.mjs`);
  writeFileSync(file, code);
  return pathToFileURL(file).href;
}

/** What the blocks use of the package, from the files under test. */
const wsimd = moduleOf(
  ["errors/classes", "handshake/index", "codes"]
    .map((file) => `export * from "${new URL(`../../bindings/${file}.js`, import.meta.url)}";`)
    .join(""),
);

const seen = new Set<string>();

/** Runs the one block with `words` in it; returns the variables asked for and what it printed. */
async function run<T>(words: string, ...names: readonly string[]): Promise<T & { readonly printed: string[] }> {
  const found = blocks.filter(({ code }) => code.includes(words));
  assert.is(found.length, 1, `blocks with ${words}`);
  seen.add(found[0]!.code);
  const printed: string[] = [];
  const { log } = console;
  console.log = (...values: unknown[]) => printed.push(values.map(String).join(" "));
  try {
    const code = `${found[0]!.code.replaceAll('from "wsimd"', `from "${wsimd}"`)}\nexport { ${names.join(", ")} };`;
    return { ...((await import(moduleOf(code))) as T), printed };
  } finally {
    console.log = log;
  }
}

const test = suite("docs/handshake.md");

test.after(() => rmSync(folder, { recursive: true, force: true }));

test("the server without a server accepts, refuses and waits", async () => {
  type Answer = (reader: HeadReader, chunk: Uint8Array) => AcceptedHandshake | RefusedHandshake | undefined;
  const { answer, policy } = await run<{ answer: Answer; policy: HandshakePolicy }>(
    "function answer",
    "answer",
    "policy",
  );
  const head = headOf(requestLines({ "Sec-WebSocket-Protocol": "chat" }));
  const reader = new HeadReader(policy);
  assert.is(answer(reader, head.subarray(0, 20)), undefined);
  assert.is(assertAccepted(answer(reader, head.subarray(20))!).protocol, "chat");
  assertRefused(answer(new HeadReader(policy), headOf(["nonsense"]))!, 400, "WS_HANDSHAKE_HEAD_MALFORMED");
});

test("the client without a client passes over interim answers", async () => {
  type Receive = (chunk: Uint8Array) => AgreedHandshake | undefined;
  const { request, receive } = await run<{ request: HandshakeRequest; receive: Receive }>(
    "function receive",
    "request",
    "receive",
  );
  assert.equal([request.hostname, request.port, request.secure], ["example.com", 443, true]);
  const early = headOf(["HTTP/1.1 103 Early Hints"]);
  const final = headOf([
    "HTTP/1.1 101 Switching Protocols",
    "Upgrade: websocket",
    "Connection: Upgrade",
    `Sec-WebSocket-Accept: ${request.accept}`,
    "Sec-WebSocket-Protocol: chat",
  ]);
  assert.is(receive(early.subarray(0, 9)), undefined);
  assert.is(receive(Uint8Array.from([...early.subarray(9), ...final]))!.protocol, "chat");
});

test("Authenticating lets in the token and the cookie, and refuses path and stranger", async () => {
  const { headers } = await run<{ headers: (request: RequestHead) => object }>("function headers", "headers");
  const policy = new HandshakePolicy({ headers: headers as HandshakeOptions["headers"] });
  assertAccepted(answer({ Authorization: "Bearer t0k3n" }, policy));
  assertAccepted(answer({ Authorization: "bearer t0k3n" }, policy));
  assertAccepted(answer({ Cookie: "theme=dark; session=s3cr3t" }, policy));
  assertAccepted(answer({ Cookie: ["theme=dark", "session=s3cr3t"] }, policy));
  for (const stranger of [{}, { Authorization: "Basic t0k3n" }, { Authorization: "Bearer" }, { Cookie: "session" }]) {
    const refused = assertRefused(answer(stranger, policy), 401, "UNAUTHORIZED");
    assert.is(fieldOf(refused, "WWW-Authenticate"), "Bearer");
    assert.is(refused.body, "log in first\n");
  }
  for (const target of ["/", "//chat", "/chat/", "http://server.example.com/"]) {
    const request = { method: "GET", target, headers: { ...validFields, Authorization: "Bearer t0k3n" } };
    assertRefused(acceptHandshake(request, policy), 404, "NOT_FOUND");
  }
  assertAccepted(
    acceptHandshake(
      { method: "GET", target: "/chat?a", headers: { ...validFields, Cookie: "session=s3cr3t" } },
      policy,
    ),
  );
});

test("the parts print what their comments say", async () => {
  const { fields, printed } = await run<{ fields: HeaderFields }>("const fields", "fields");
  assert.instance(fields, HeaderFields);
  assert.is(printed[0], "1.1 b, 1.1 c 2 false null");
  assert.equal(printed.slice(1), ["host: a.example", "via: 1.1 b", "via: 1.1 c"]);
  for (const words of ["acceptKey,", "const late"]) {
    const { printed: lines } = await run(words);
    const comments = [...blocks.find(({ code }) => code.includes(words))!.code.matchAll(/console\.log.* \/\/ (.*)$/gm)];
    assert.ok(lines.length > 0);
    assert.equal(
      lines,
      comments.map(([, comment]) => comment!),
    );
  }
  const { octets } = await run<{ octets: Uint8Array }>("const busy", "octets");
  assert.match(text(octets), /^HTTP\/1\.1 503 Service Unavailable\r\n[\s\S]*Retry-After: 60\r\n\r\ntry again later\n$/);
});

test("the page's tables name every option", () => {
  const documented = [...page.matchAll(/^\| `(\w+)[`(]/gm)].map(([, name]) => name!);
  const server = [
    "protocols",
    "selectProtocol",
    "negotiateExtensions",
    "allowedOrigins",
    "secure",
    "trustProxy",
    "headers",
  ];
  for (const name of [...server, "maxHeadLength", "maxHeaderCount", "url", "origin", "extensions", "key"]) {
    assert.ok(documented.includes(name), name);
  }
});

test("the page says what Infinity is: a UsageError", () => {
  assert.match(page, "`Infinity` is a `UsageError`");
  assert.throws(
    () => new HandshakePolicy({ maxHeadLength: Number.POSITIVE_INFINITY }),
    (error: Error) => error instanceof UsageError,
  );
});

test("handshakeFaults has the shape the page tells", () => {
  for (const fault of Object.values<HandshakeFault>(handshakeFaults)) {
    assert.equal(Object.keys(fault).sort(), ["headers", "httpStatus", "section", "text"]);
  }
  assert.instance(new HandshakeError("A", "b", 400), Error);
});

test("no block is left that no test runs", () => {
  assert.equal(
    blocks.filter(({ language }) => language !== "js"),
    [],
  );
  assert.ok(blocks.length > 0);
  assert.is(seen.size, blocks.length);
});

test.run();
