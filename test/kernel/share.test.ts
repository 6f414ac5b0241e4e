// share: several builds of one version in a program have one value of each name.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { share } from "../../bindings/share.ts";
import { copyOf } from "../support/runtime.ts";

type Share = typeof import("../../bindings/share.ts");
type Classes = typeof import("../../bindings/errors/classes.ts");

const test = suite("share");

test("the first value under a name is kept, for every copy", async () => {
  const copy = await copyOf<Share>(new URL("../../bindings/share.js", import.meta.url));
  assert.is.not(copy.share, share, "they are two modules");
  const first = {};
  assert.is(share("test: one", first), first);
  assert.is(copy.share("test: one", {}), first);
  assert.is(copy.share("test: two", first), first);
  assert.is(share("test: two", {}), first);
});

test("undefined, null and 0 are values as any other", () => {
  for (const value of [undefined, null, 0]) {
    const name = `test: ${value}`;
    assert.is(share<unknown>(name, value), value);
    assert.is(share<unknown>(name, "later"), value);
  }
});

test("names of Object.prototype are names as any other", () => {
  const value = {};
  for (const name of ["constructor", "__proto__", "toString"]) assert.is(share(name, value), value);
});

test("error classes are one set: instanceof works between copies", async () => {
  const classes: Classes = await import("../../bindings/errors/classes.ts");
  const copy = await copyOf<Classes>(new URL("../../bindings/errors/classes.js", import.meta.url));
  assert.is.not(copy, classes, "they are two modules");
  for (const name of [
    "WsimdError",
    "PeerError",
    "ProtocolError",
    "InvalidPayloadError",
    "LimitError",
    "HandshakeError",
    "UsageError",
  ] as const) {
    assert.is(copy[name], classes[name], name);
  }
  assert.instance(new copy.UsageError("WS_OPTION", "text"), classes.WsimdError);
});

test("the registry does not show in the global object's keys, and cannot be replaced", () => {
  const [key] = Object.getOwnPropertySymbols(globalThis).filter((symbol) => symbol.description?.startsWith("wsimd@"));
  const descriptor = Object.getOwnPropertyDescriptor(globalThis, key!)!;
  assert.equal([descriptor.enumerable, descriptor.writable, descriptor.configurable], [false, false, false]);
});

test.run();
