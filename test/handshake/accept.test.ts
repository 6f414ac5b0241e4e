// SHA-1, base64 and the accept value against independent implementations.

import { createHash } from "node:crypto";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { createKey, isKey } from "../../bindings/handshake/accept.ts";
import { acceptKey } from "../../bindings/handshake/index.ts";
import { copyOctets, decodeLatin1, encodeBase64, encodeLatin1 } from "../../bindings/handshake/octets.ts";
import { sha1 } from "../../bindings/handshake/sha1.ts";

const hex = (octets: Uint8Array): string => Buffer.from(octets).toString("hex");

/** Octets that repeat only after 251, so that neither a block nor a word looks like another. */
const octets = (length: number): Uint8Array => Uint8Array.from({ length }, (_, at) => (at * 7 + 3) % 251);

const hash = suite("sha1");

hash("equals the platform's for every length from 0 to 200 (RFC 3174)", () => {
  for (let length = 0; length <= 200; length++) {
    assert.is(hex(sha1(octets(length))), createHash("sha1").update(octets(length)).digest("hex"), `${length} octets`);
  }
});

hash("equals the platform's for high octets and across many blocks", () => {
  for (const input of [new Uint8Array(64).fill(0xff), octets(4096), octets(65537)]) {
    assert.is(hex(sha1(input)), createHash("sha1").update(input).digest("hex"));
  }
});

hash("leaves its input as it was, and results of earlier calls too", () => {
  const input = octets(60);
  const first = sha1(input);
  const kept = hex(first);
  sha1(octets(100));
  assert.equal(input, octets(60));
  assert.is(hex(first), kept);
});

hash("sees only the octets of a view, not the buffer around it", () => {
  const view = octets(100).subarray(10, 40);
  assert.is(hex(sha1(view)), createHash("sha1").update(view).digest("hex"));
});

hash.run();

const text = suite("octets and text");

text("base64 equals the platform's for every remainder and every digit (RFC 4648 §4)", () => {
  for (let length = 0; length <= 64; length++) {
    assert.is(encodeBase64(octets(length)), Buffer.from(octets(length)).toString("base64"));
  }
  const all = Uint8Array.from({ length: 256 }, (_, at) => at);
  assert.is(encodeBase64(all), Buffer.from(all).toString("base64"));
});

text("latin1 keeps every octet, 0x80 to 0x9F too, across the cut between calls", () => {
  const all = Uint8Array.from({ length: 10000 }, (_, at) => at & 0xff);
  const decoded = decodeLatin1(all);
  for (let at = 0; at < all.length; at++) if (decoded.charCodeAt(at) !== all[at]) assert.unreachable(`octet ${at}`);
  assert.equal(encodeLatin1(decoded), all);
});

text("copies a Buffer's octets, where its own slice would be a view", () => {
  const buffer = Buffer.from([1, 2, 3]);
  const copy = copyOctets(buffer);
  buffer[0] = 9;
  assert.equal(copy, new Uint8Array([1, 2, 3]));
});

text.run();

const key = suite("Sec-WebSocket-Key");

key("the accept value equals the platform's SHA-1 and base64 for random keys (§4.2.2)", () => {
  for (let round = 0; round < 50; round++) {
    const fresh = createKey();
    const expected = createHash("sha1").update(`${fresh}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
    assert.is(acceptKey(fresh), expected, fresh);
  }
});

key("a fresh key is 16 octets in base64, and never the same twice (§4.1)", () => {
  const keys = new Set<string>();
  for (let round = 0; round < 100; round++) {
    const fresh = createKey();
    assert.ok(isKey(fresh), fresh);
    assert.is(Buffer.from(fresh, "base64").length, 16);
    keys.add(fresh);
  }
  assert.is(keys.size, 100);
});

key("every character of the alphabet is a digit, every other is not (RFC 4648 §4)", () => {
  const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (let code = 0; code < 0x180; code++) {
    const character = String.fromCharCode(code);
    for (const at of [0, 10, 21]) {
      const candidate = `${"A".repeat(at)}${character}${"A".repeat(21 - at)}==`;
      assert.is(isKey(candidate), digits.includes(character), `U+${code.toString(16)} at ${at}`);
    }
  }
});

key("bits of the last digit that decode to nothing may be set: §4.1 prints such a key", () => {
  assert.ok(isKey("AQIDBAUGBwgJCgsMDQ4PEC=="));
});

key.run();
