// The table of disagreements with ws: each row's example on both, the page, and that a row explains no more than it says.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { publishedSubjects } from "./all-subjects.ts";
import { differenceWithWs, disagreements, equivalents, exampleCase } from "./disagreements.ts";
import { pageText, renderedPage } from "./page.ts";
import { plainCase, type StreamCase } from "./stream-case.ts";
import { runConnection } from "./subjects.ts";
import type { Trace } from "./trace.ts";
import { runWs } from "./ws-receiver.ts";

const test = suite("disagreements with ws");

/** Events and code, as rows have them. */
function said({ wire, verdict }: Trace): string {
  return [...wire, ...(verdict === null ? [] : [verdict.code])].join(", ");
}

for (const row of disagreements) {
  test(`${row.name}: both say of the example what the row says`, () => {
    const given = exampleCase(row);
    const theirs = runWs(given);
    assert.is(said(theirs), row.says.ws, "ws");
    for (const subject of publishedSubjects) {
      const ours = runConnection(subject, given);
      assert.is(said(ours), row.says.wsimd, subject.label);
      assert.equal(differenceWithWs(given, ours, theirs), { name: row.name, problem: "" });
    }
  });
}

/** Every octet of an example, changed in every bit, and left out at the end. */
function* neighbours(given: StreamCase): Generator<StreamCase, void, void> {
  for (let at = 0; at < given.stream.length; at++) {
    yield { ...given, stream: given.stream.slice(0, at), cuts: [] };
    for (let bit = 0; bit < 8; bit++) {
      const stream = Uint8Array.from(given.stream);
      stream[at]! ^= 1 << bit;
      yield { ...given, stream };
    }
  }
}

test("whatever is one bit away from an example agrees, or a row explains it", () => {
  for (const row of disagreements) {
    for (const given of neighbours(exampleCase(row))) {
      const ours = runConnection(publishedSubjects[0]!, given);
      assert.is(differenceWithWs(given, ours, runWs(given)).problem, "", row.name);
    }
  }
});

const nothing: Trace = { wire: [], verdict: null };
const hello: Trace = { wire: ["text 4869"], verdict: null };

test("an event more, less or other, and a fault that one side did not see, are explained by no row", () => {
  const given = { ...plainCase, stream: Uint8Array.of(0x81, 0x82, 0, 0, 0, 0, 0x48, 0x69) };
  const failed = (code: string, closeCode: number): Trace => {
    return { wire: [], verdict: { code, closeCode, byteOffset: 0, details: "" } };
  };
  for (const [ours, theirs] of [
    [hello, nothing],
    [nothing, hello],
    [hello, { ...hello, wire: ["text 4870"] }],
    [failed("WS_RESERVED_BIT", 1002), nothing],
    [nothing, failed("WS_ERR_INVALID_UTF8", 1007)],
    [failed("WS_INVALID_UTF8", 1007), hello],
    [failed("WS_MASK_MISSING", 1002), failed("WS_ERR_EXPECTED_FIN", 1002)],
    [failed("WS_MESSAGE_TOO_LONG", 1009), nothing],
    [nothing, failed("WS_ERR_TOO_MANY_BUFFERED_PARTS", 1008)],
  ] as const) {
    assert.ok(differenceWithWs(given, ours, theirs).problem !== "", `${said(ours)} / ${said(theirs)}`);
  }
});

test("ws's codes are those that its page lists", () => {
  const root = createRequire(import.meta.url).resolve("ws/package.json");
  const receiver = readFileSync(root.replace("package.json", "lib/receiver.js"), "utf8");
  const codes = new Set([...receiver.matchAll(/'(WS_ERR_[A-Z0-9_]+)'/g)].map(([, code]) => code!));
  codes.delete("WS_ERR_TOO_MANY_BUFFERED_PARTS"); // wsimd has no such limits: rows explain it
  assert.equal([...codes].sort(), Object.keys(equivalents).sort());
});

test("README.md shows the table as it is: `node build/test/fuzz/page.js` writes it", () => {
  const page = pageText();
  assert.ok(page.includes("<!-- disagreements -->"));
  assert.is(page, renderedPage(page));
});

test.run();
