// The files and their slices: the same in every run, as long as they must be, about as compressible as what they stand for.

import { createHash } from "node:crypto";
import { deflateRawSync } from "node:zlib";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Compression } from "../case.ts";
import { cases, chooseCases, withMessages } from "../cases/index.ts";
import { Inflater } from "./codec.ts";
import { type CorpusName, corpusOf } from "./corpora.ts";
import { Messages } from "./messages.ts";
import type { Direction } from "./negotiation.ts";

const files = suite("conformance files");

const isAscii = (octets: Uint8Array): boolean => octets.every((octet) => octet < 128);

function isUtf8(octets: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(octets);
    return true;
  } catch {
    return false;
  }
}

type Row = readonly [CorpusName, length: number, least: number, most: number, start: string, sha1: string];

/** Between which ratios zlib compresses it. */
const rows: readonly Row[] = [
  ["json", 194_056, 0.15, 0.3, '[ {"id":', "9d1d908c2fdabf335b69c89b85a6c5eb01cf00df"],
  ["bitmap", 263_222, 0.8, 0.95, "BM", "aec485686c0a54878db7e2a740361dd06b08b31c"],
  ["prose", 222_218, 0.25, 0.5, "", "2478e7786372fad8a7f4da0ef7c7a44960125c9e"],
  ["html", 263_647, 0.15, 0.35, "<div", "c47016393df7dc744c0c870694cdfb15ff3d53a1"],
  ["pdf", 1_042_328, 0.9, 0.99, "%PDF-1.4\n", "3ca6f192ccac68449a10e6550ce8a52d87d6c2ab"],
];

for (const [name, length, least, most, start, sha1] of rows) {
  files(`${name}: ${length} octets, always the same`, () => {
    const octets = corpusOf(name);
    assert.is(octets.length, length);
    assert.is(Buffer.from(octets.subarray(0, start.length)).toString("latin1"), start);
    const ratio = deflateRawSync(octets, { level: 6 }).length / length;
    assert.ok(ratio > least && ratio < most, `compressed to ${ratio}`);
    assert.is(createHash("sha1").update(octets).digest("hex"), sha1);
  });
}

files("JSON is ASCII; HTML has 263620 code points of one to four octets; prose is no UTF-8", () => {
  assert.ok(isAscii(corpusOf("json")));
  const html = Buffer.from(corpusOf("html"));
  assert.ok(isUtf8(html));
  const codePoints = [...html.toString()];
  assert.is(codePoints.length, 263_620);
  assert.equal([...new Set(codePoints.map((point) => Buffer.byteLength(point)))].sort(), [1, 2, 3, 4]);
  assert.not(isUtf8(corpusOf("prose")));
});

files.run();

const test = suite("conformance messages");

const direction: Direction = { contextTakeover: true, windowBits: 15 };

/** The first messages of a case, decompressed again. */
function firstOf(compression: Compression, count: number): Uint8Array[] {
  const messages = new Messages(compression, direction);
  const inflater = new Inflater(direction);
  return Array.from({ length: count }, () => {
    const { steps, ok } = messages.next();
    const [step] = steps;
    const { payload, rsv } =
      "message" in step! ? step.message : (step as { frame: { payload: Uint8Array; rsv: number } }).frame;
    assert.is(rsv, 4);
    const message = inflater.decompress(payload as Uint8Array);
    assert.is(Buffer.compare(message, ok[0]!.payload as Uint8Array), 0);
    return message;
  });
}

const compressionOf = (id: string): Compression => chooseCases([id])[0]!.compression!;

test("messages are slices in a row, and begin anew behind the end of the file (12.1.10)", () => {
  const json = corpusOf("json");
  const expected = Buffer.concat([json, json, json]).subarray(0, 4 * 131_072);
  assert.is(Buffer.compare(Buffer.concat(firstOf(compressionOf("12.1.10"), 4)), expected), 0);
});

test("slices of text count code points (12.4.9)", () => {
  const slices = firstOf(compressionOf("12.4.9"), 6);
  for (const slice of slices) assert.is([...Buffer.from(slice).toString()].length, 65_536);
  const html = corpusOf("html");
  assert.is(
    Buffer.compare(Buffer.concat(slices), Buffer.concat([html, html]).subarray(0, Buffer.concat(slices).length)),
    0,
  );
});

test("slices of binary files count octets (12.3.9)", () => {
  for (const slice of firstOf(compressionOf("12.3.9"), 6)) assert.is(slice.length, 65_536);
});

const shapes: readonly (readonly [id: string, shape: string])[] = [
  ["12.1.1", "json text 16 null"],
  ["12.2.5", "bitmap binary 4096 null"],
  ["12.3.10", "prose binary 131072 null"],
  ["12.4.11", "html text 8192 256"],
  ["12.5.18", "pdf binary 131072 32768"],
  ["13.7.16", "json text 131072 1024"],
];

for (const [id, shape] of shapes) {
  test(`${id}: ${shape}`, () => {
    const { corpus, kind, messageLength, fragmentLength } = compressionOf(id);
    assert.is(`${corpus} ${kind} ${messageLength} ${fragmentLength}`, shape);
  });
}

test("each case has 1000 messages, unless fewer are asked for; other cases stay as they are", () => {
  const compressing = cases.filter(({ compression }) => compression !== null);
  assert.is(compressing.length, 216);
  assert.ok(compressing.every(({ rounds }) => rounds === 1000));
  const fewer = withMessages(cases, ({ messageLength }) => messageLength);
  fewer.forEach((tested, index) => {
    if (tested.compression === null) assert.is(tested, cases[index]);
    else assert.is(tested.rounds, tested.compression.messageLength);
  });
});

test.run();
