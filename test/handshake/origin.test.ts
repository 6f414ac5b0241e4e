// Which pages may connect (§10.2): the default, the option, and what proxies change.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { HandshakeOptions } from "../../bindings/handshake/index.ts";
import { answer, answerHead, assertAccepted, assertRefused, assertUsageError, requestLines } from "./support.ts";

const allowed = (origin: string, host: string, options?: HandshakeOptions): boolean => {
  const verdict = answer({ Origin: origin, Host: host }, options);
  if (!verdict.accepted) assertRefused(verdict, 403, "WS_HANDSHAKE_ORIGIN");
  return verdict.accepted;
};

const same = suite("allowedOrigins by default");

same("host and port of Origin equal those of Host, any scheme's default port filled in (§10.2)", () => {
  const pairs: [string, string][] = [
    ["http://example.com", "example.com"],
    ["http://example.com", "example.com:80"],
    ["http://example.com:80", "example.com"],
    ["https://example.com", "example.com"], // behind a proxy that ends TLS
    ["https://example.com", "example.com:443"],
    ["https://example.com:443", "example.com"],
    ["https://example.com:8443", "example.com:8443"],
    ["http://localhost:3000", "localhost:3000"],
    ["HTTP://Example.COM", "eXample.com"],
    ["http://[::1]:8080", "[::1]:8080"],
    ["http://[2001:DB8::1]", "[2001:db8::1]"],
    ["ws://example.com", "example.com"],
    ["wss://example.com", "example.com:443"],
    ["http://example.com", "example.com:"],
  ];
  for (const [origin, host] of pairs) assert.ok(allowed(origin, host), `${origin} at ${host}`);
});

same("every other origin is 403", () => {
  const pairs: [string, string][] = [
    ["https://evil.example", "example.com"],
    ["http://example.com:8080", "example.com"],
    ["http://example.com", "example.com:8080"],
    ["https://example.com", "example.com:80"],
    ["http://example.com", "example.com:443"],
    ["http://sub.example.com", "example.com"],
    ["http://example.com", "sub.example.com"],
    ["http://example.com.evil.example", "example.com"],
    ["http://evilexample.com", "example.com"],
    ["chrome-extension://example.com", "example.com"],
    ["file://", "example.com"],
    ["null", "example.com"],
  ];
  for (const [origin, host] of pairs) assert.not.ok(allowed(origin, host), `${origin} at ${host}`);
});

same("the refusal names the option, the origin and the host", () => {
  const refused = assertRefused(answer({ Origin: "https://evil.example" }), 403, "WS_HANDSHAKE_ORIGIN");
  for (const word of ["allowedOrigins", "https://evil.example", "server.example.com"]) assert.match(refused.body, word);
});

same("no Origin is no page: let in", () => {
  assertAccepted(answer());
});

same("two Origins, an empty one, a list, a path or userinfo are 400 (RFC 6454 §7.1)", () => {
  assertRefused(answer({ Origin: ["http://a", "http://a"] }), 400, "WS_HANDSHAKE_ORIGIN_MALFORMED");
  for (const origin of [
    "",
    "http://a http://b",
    "http://a,http://b",
    "null, null",
    "http://a/",
    "http://u@a",
    "http://",
    "a",
    "://a",
    "1x://a",
    "http://a:x",
  ]) {
    assertRefused(answer({ Origin: origin }, { allowedOrigins: "*" }), 400, "WS_HANDSHAKE_ORIGIN_MALFORMED", origin);
  }
});

same("an absolute-form target's authority stands for Host (RFC 9112 §3.2.2)", () => {
  const ask = (origin: string): ReturnType<typeof answerHead> =>
    answerHead(requestLines({ Host: "inner.example", Origin: origin }, "GET http://outer.example:81/ HTTP/1.1"));
  assertAccepted(ask("http://outer.example:81"));
  assertRefused(ask("http://inner.example"), 403, "WS_HANDSHAKE_ORIGIN");
});

same("secure: a Host without a port means 443, so that http pages are strangers", () => {
  assert.ok(allowed("https://example.com", "example.com", { secure: true }));
  assert.ok(allowed("https://example.com", "example.com:443", { secure: true }));
  assert.not.ok(allowed("http://example.com", "example.com", { secure: true }));
  assert.ok(allowed("http://example.com", "example.com", { secure: false }));
});

same.run();

const proxy = suite("trustProxy");

const forwarded = (
  value: string | readonly string[],
  origin: string,
  options?: HandshakeOptions,
): ReturnType<typeof answer> => answer({ Host: "inner:8080", Origin: origin, "X-Forwarded-Host": value }, options);

proxy("X-Forwarded-Host stands for Host where proxies are trusted, and only there", () => {
  assertAccepted(forwarded("example.com", "https://example.com", { trustProxy: true }));
  assertRefused(forwarded("example.com", "http://inner:8080", { trustProxy: true }), 403, "WS_HANDSHAKE_ORIGIN");
  assertRefused(forwarded("evil.example", "https://evil.example"), 403, "WS_HANDSHAKE_ORIGIN");
  assertAccepted(forwarded("evil.example", "http://inner:8080"));
});

proxy("the first value counts, whether in one line or several; a malformed one is 400", () => {
  const options = { trustProxy: true };
  assertAccepted(forwarded("a.example:444, b.example", "https://a.example:444", options));
  assertAccepted(forwarded(["a.example", "b.example"], "https://a.example", options));
  assertRefused(forwarded("a.example, b.example", "https://b.example", options), 403, "WS_HANDSHAKE_ORIGIN");
  for (const value of ["", "a b", ", b.example", "http://a"]) {
    assertRefused(forwarded(value, "https://b.example", options), 400, "WS_HANDSHAKE_HOST", value);
  }
});

proxy("without X-Forwarded-Host the request's own Host counts", () => {
  assert.ok(allowed("https://example.com", "example.com", { trustProxy: true }));
  assert.not.ok(allowed("https://evil.example", "example.com", { trustProxy: true }));
});

proxy.run();

const option = suite("allowedOrigins");

option('"*" lets every well-formed origin in, null too', () => {
  for (const origin of ["https://evil.example", "null", "file://", "chrome-extension://abc"]) {
    assert.ok(allowed(origin, "example.com", { allowedOrigins: "*" }), origin);
  }
});

option("a list lets in exactly its origins, and no longer the server's own", () => {
  const options = {
    allowedOrigins: ["https://App.example", "http://b.example:8080", "chrome-extension://abc", "file://"],
  };
  for (const origin of [
    "https://app.example",
    "https://app.example:443",
    "http://b.example:8080",
    "chrome-extension://abc",
    "file://",
  ]) {
    assert.ok(allowed(origin, "example.com", options), origin);
  }
  for (const origin of [
    "http://app.example",
    "https://x.app.example",
    "https://app.example:444",
    "https://b.example:8080",
    "http://b.example",
    "null",
    "https://example.com",
  ]) {
    assert.not.ok(allowed(origin, "example.com", options), origin);
  }
  assert.not.ok(allowed("https://example.com", "example.com", { allowedOrigins: [] }));
});

option("null is let in only where it is listed", () => {
  assert.ok(allowed("null", "example.com", { allowedOrigins: ["null"] }));
  assert.not.ok(allowed("https://example.com", "example.com", { allowedOrigins: ["null"] }));
});

option("a function is asked with origin and request, and only where there is an Origin", () => {
  const asked: string[] = [];
  const options: HandshakeOptions = {
    allowedOrigins(origin, request) {
      asked.push(`${origin} ${request.target}`);
      return origin.endsWith(".example");
    },
  };
  assert.ok(allowed("https://a.example", "x", options));
  assert.not.ok(allowed("https://a.test", "x", options));
  assertAccepted(answer({}, options));
  assert.equal(asked, ["https://a.example /chat", "https://a.test /chat"]);
});

option("a function's answer that is no boolean is a UsageError: a promise would let everybody in", () => {
  for (const value of [Promise.resolve(false), 1, "no", undefined, null]) {
    assertUsageError(() => answer({ Origin: "https://a" }, { allowedOrigins: () => value as never }), "allowedOrigins");
  }
});

option.run();
