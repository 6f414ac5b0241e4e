// The two hosts, with Buffer and without, give the same octets and the same strings.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { host, platformIsUtf8, transcodeBelowOn, webHost } from "../../bindings/host.ts";
import { concat, filled, hex, toHex, utf8 } from "../support/octets.ts";
import { copyOf, runtime } from "../support/runtime.ts";

/** Texts, and their octets in UTF-8 as the Encoding Standard gives them. */
const texts: Record<string, readonly [string, Uint8Array]> = {
  "empty text": ["", hex("")],
  ASCII: ["Hello", hex("48 65 6c 6c 6f")],
  "a NUL": ["a\0b", hex("61 00 62")],
  "two and three octets": ["éß€\u0080\u07ff\u0800\uffff", hex("c3 a9 c3 9f e2 82 ac c2 80 df bf e0 a0 80 ef bf bf")],
  "characters beyond the BMP": ["𤭢🎉\u{10000}\u{10ffff}", hex("f0 a4 ad a2 f0 9f 8e 89 f0 90 80 80 f4 8f bf bf")],
  "a byte order mark": ["\ufeffx\ufeff", hex("ef bb bf 78 ef bb bf")],
  "only a byte order mark": ["\ufeff", hex("ef bb bf")],
  "long text": ["é".repeat(5000), concat(...Array.from({ length: 5000 }, () => hex("c3 a9")))],
};

/** Strings that are not Unicode text: each lone surrogate becomes U+FFFD. */
const broken: Record<string, readonly [string, string]> = {
  "a lone high surrogate": ["a\ud800b", "61 ef bf bd 62"],
  "a lone low surrogate": ["a\udc00b", "61 ef bf bd 62"],
  "a high surrogate at the end": ["\udbff", "ef bf bd"],
  "surrogates the wrong way round": ["\udc00\ud800", "ef bf bd ef bf bd"],
  "two high surrogates": ["\ud800\ud800", "ef bf bd ef bf bd"],
  "a high surrogate before a pair": ["\ud83c\ud83c\udf89", "ef bf bd f0 9f 8e 89"],
};

const test = suite("host");

test("the platform's host is the one with Buffer, the other is the web's", () => {
  assert.is(host.name, "buffer");
  assert.is(webHost.name, "web");
});

for (const each of [host, webHost]) {
  const name = `${each.name} host`;

  test(`${name}: strings from octets, and octets from strings`, () => {
    for (const [what, [text, octets]] of Object.entries(texts)) {
      const memory = each.view(concat(hex("c3 ff"), octets, hex("a9 ff")).buffer);
      assert.is(each.utf8Text(memory, 2, 2 + octets.length), text, what);
      const wide = Buffer.from(`x${text}y`, "utf16le");
      assert.is(each.utf16Text(each.view(Uint8Array.from(wide).buffer), 2, wide.length - 2), text, what);
      assert.is(each.utf8Length(text), octets.length, what);
      const written = each.view(filled(octets.length + 6, 0xa5).buffer);
      assert.is(each.writeText(text, written, 3), octets.length, what);
      assert.is(toHex(written), toHex(concat(filled(3, 0xa5), octets, filled(3, 0xa5))), what);
    }
  });

  test(`${name}: lone surrogates become U+FFFD`, () => {
    for (const [what, [text, expected]] of Object.entries(broken)) {
      const memory = each.view(filled(16, 0).buffer);
      const length = each.writeText(text, memory, 0);
      assert.is(toHex(memory.subarray(0, length)), expected, what);
      assert.is(each.utf8Length(text), length, what);
    }
  });

  test(`${name}: fills a place of just the right length`, () => {
    const octets = utf8("é€🎉");
    const memory = each.view(filled(octets.length, 0).buffer);
    assert.is(each.writeText("é€🎉", memory, 0), octets.length);
    assert.is(toHex(memory), toHex(octets));
    assert.is(each.writeText("", memory, memory.length), 0, "no text where no place is left");
  });

  test(`${name}: every ASCII octet as text`, () => {
    const octets = Uint8Array.from({ length: 128 }, (_, octet) => octet);
    const text = String.fromCharCode(...octets);
    const memory = each.view(octets.buffer);
    assert.is(each.asciiText(memory, 0, 128), text);
    assert.is(each.asciiText(memory, 0x41, 0x44), "ABC");
    assert.is(each.asciiText(memory, 5, 5), "");
  });

  test(`${name}: every short length of ASCII, from any place`, () => {
    const memory = each.view(new ArrayBuffer(128));
    for (let index = 0; index < 128; index++) memory[index] = index;
    const all = String.fromCharCode(...memory);
    for (let length = 0; length <= 40; length++) {
      for (const at of [0, 1, 64, 128 - length]) {
        assert.is(each.asciiText(memory, at, at + length), all.slice(at, at + length), `${length} from ${at}`);
      }
    }
  });

  test(`${name}: a view covers its buffer, or the part asked for, and shares it`, () => {
    const buffer = new ArrayBuffer(8);
    const view = each.view(buffer);
    assert.equal([view.byteOffset, view.length], [0, 8]);
    view[7] = 9;
    assert.is(new Uint8Array(buffer)[7], 9);
    const inside = each.viewOf(buffer, 6, 2);
    assert.equal([inside.byteOffset, inside.length, inside[1]], [6, 2, 9]);
  });

  test(`${name}: allocated octets have an ArrayBuffer of their own, and a part shares it`, () => {
    for (const length of [0, 1, 100, 70_000]) {
      const octets = each.allocate(length);
      assert.equal(
        [octets.byteOffset, octets.length, octets.buffer.byteLength],
        [0, length, length],
        `${length} octets`,
      );
    }
    const octets = each.allocate(10).fill(0);
    const part = each.part(each.part(octets, 2, 8), 1, 3);
    part.fill(7);
    assert.is(toHex(octets), "00 00 00 07 07 07 00 00 00 00");
  });
}

test("transcodes where the platform's decoder goes octet by octet: all text, or the shortest", () => {
  const slow = ["20.0.0", "20.20.2", "22.23.3", "23.11.1", "24.0.0", "24.12.0", "24.13.0", "25.0.0", "25.4.0"];
  const fast = ["24.13.1", "24.14.0", "24.21.0", "25.5.0", "25.9.0", "26.0.0", "30.1.2", "26.0.0-nightly"];
  for (const node of slow) assert.is(transcodeBelowOn({ node }), Infinity, node);
  for (const node of fast) assert.is(transcodeBelowOn({ node }), 32, node);
  assert.is(transcodeBelowOn({}), 32, "a platform that does not tell");
  assert.is(transcodeBelowOn({ node: "24.3.0", bun: "1.4.5" }), 32, "Bun");
  assert.is(transcodeBelowOn({ node: "26.3.0", deno: "2.9.6" }), Infinity, "Deno");
  assert.is(host.transcodeBelow, transcodeBelowOn(process.versions));
  assert.is(webHost.transcodeBelow, 0);
});

test("validates by the platform where that is fast and can be had", () => {
  const isUtf8 = (): boolean => true;
  const getBuiltinModule = (name: string) => (name === "buffer" ? { isUtf8 } : undefined);
  assert.is(platformIsUtf8({ versions: { node: "20.16.0" }, getBuiltinModule }), isUtf8);
  assert.is(platformIsUtf8({ versions: { node: "26.3.0", bun: "1.4.5" }, getBuiltinModule }), isUtf8);
  assert.is(platformIsUtf8({ versions: { node: "26.3.0", deno: "2.9.6" }, getBuiltinModule }), null, "Deno's is slow");
  assert.is(platformIsUtf8({ versions: { node: "20.15.0" } }), null, "no getBuiltinModule");
  assert.is(platformIsUtf8({}), null, "no process");
  assert.is(platformIsUtf8({ getBuiltinModule: () => ({}) }), null, "a module without it");
  const refuse = (): never => {
    throw new Error("a process that somebody else made");
  };
  assert.is(platformIsUtf8({ getBuiltinModule: refuse }), null);
  assert.is(webHost.isUtf8, null);
  assert.is(host.isUtf8, runtime === "deno" ? null : process.getBuiltinModule("buffer").isUtf8);
});

test("without a complete Buffer the web's host is taken", async () => {
  const complete = globalThis.Buffer;
  const again = async (stub: unknown, copy: string): Promise<string> => {
    globalThis.Buffer = stub as typeof Buffer;
    try {
      const url = new URL("../../bindings/host.js", import.meta.url);
      return (await copyOf<typeof import("../../bindings/host.ts")>(url, copy)).host.name;
    } finally {
      globalThis.Buffer = complete;
    }
  };
  assert.is(await again(undefined, "none"), "web");
  assert.is(await again(class Buffer extends Uint8Array {}, "polyfill"), "web");
  assert.is(await again(complete, "complete"), "buffer");
});

test.run();
