// docs/errors.md and the code say the same: a row for every violation, equal to bindings/errors/violations.ts, and a line for
// every other code that the sources name.

import { readdirSync, readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import * as K from "../../assembly/constants.ts";
import { InvalidPayloadError, LimitError, PeerError, ProtocolError } from "../../bindings/errors/classes.ts";
import { errorOfViolation, violations } from "../../bindings/errors/violations.ts";

const test = suite("errors table");

const page = readFileSync("docs/errors.md", "utf8");

/** The cells of the page's rows that begin with a code. */
const rows: readonly (readonly string[])[] = page
  .split("\n")
  .filter((line) => line.startsWith("| `WS_"))
  .map((line) => line.slice(2, -2).split(" | "));

/** Every code that the sources name, without those of the opening handshake, which have a page of their own. */
function codesInSources(): Set<string> {
  const codes = new Set<string>();
  for (const path of readdirSync("bindings", { recursive: true, encoding: "utf8" })) {
    if (!path.endsWith(".ts") || /^handshake\b/.test(path)) continue;
    for (const [, code] of readFileSync(`bindings/${path}`, "utf8").matchAll(/"(WS_[A-Z0-9_]+)"/g)) codes.add(code!);
  }
  // The handshake's have a page of their own, and those of the package ws theirs.
  for (const code of codes) if (/^WS_(HANDSHAKE|ERR)_/.test(code)) codes.delete(code);
  return codes;
}

test("docs/errors.md has a row for every violation, in order, word for word", () => {
  const documented = rows.filter(([code]) => violations.some((row) => `\`${row.code}\`` === code));
  const expected = violations.map(({ code, section, closeCode, text }) => [
    `\`${code}\``,
    section,
    `${closeCode}`,
    text,
  ]);
  assert.equal(documented, expected);
});

test("docs/errors.md names every code that the sources name, once, and no other", () => {
  const documented = rows.map(([code]) => code!.slice(1, -1));
  assert.equal([...documented].sort(), [...codesInSources()].sort());
});

test("the row of a violation is the one at its number", () => {
  const numbers = new Map(Object.entries(K).filter(([name, value]) => name.startsWith("VIOLATION_") && value !== 0));
  assert.is(violations.length, numbers.size);
  violations.forEach(({ violation, code }, index) => {
    assert.is(violation, index + 1);
    assert.is(numbers.get(`VIOLATION_${code.slice(3)}`), violation, code);
  });
});

test("codes, sections and close codes have their shapes", () => {
  assert.is(new Set(violations.map(({ code }) => code)).size, violations.length);
  for (const { code, section, closeCode } of violations) {
    assert.match(code, /^WS_[A-Z0-9_]+$/);
    assert.match(section, /^RFC (6455|7692) §\d+(\.\d+)*$/);
    assert.ok([1002, 1007, 1009].includes(closeCode));
  }
});

test("each violation makes an error of the class that its close code says, with its place", () => {
  const place = { byteOffset: 7, octetOffset: undefined, frame: undefined };
  for (const { violation, code, section, closeCode, text } of violations) {
    const error = errorOfViolation(violation, place, 10, 11);
    assert.instance(error, { 1002: ProtocolError, 1007: InvalidPayloadError, 1009: LimitError }[closeCode]);
    assert.instance(error, PeerError);
    assert.equal([error.code, error.section, error.closeCode, error.byteOffset], [code, section, closeCode, 7]);
    assert.ok(error.message.startsWith(`${text} (${section})`));
    assert.is(error.name, { 1002: "ProtocolError", 1007: "InvalidPayloadError", 1009: "LimitError" }[closeCode]);
    if (error instanceof LimitError) assert.equal([error.limit, error.actual], [10, 11]);
  }
});

test.run();
