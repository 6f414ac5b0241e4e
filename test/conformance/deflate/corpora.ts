// The files that messages of 12.* and 13.* are slices of: made up here, the same in every run, of the lengths and about as
// compressible as what they stand for: records in JSON, a grey bitmap, prose, a page of HTML and a PDF.

import { filled, Random, utf8 } from "../../support/octets.ts";

export type CorpusName = "json" | "bitmap" | "prose" | "html" | "pdf";

const syllables =
  "ba den ent er feu ge hal in kei lich ma nacht or rei schen sin tal un ver wol zu mut au ster ig ei be ra".split(" ");

/** Short words are frequent, as in every language. */
class Vocabulary {
  private readonly random: Random;
  private readonly words: readonly string[];

  constructor(random: Random, size: number, vowels: readonly string[]) {
    this.random = random;
    const word = (rank: number): string => {
      const count = 1 + random.below(rank < 100 ? 2 : 4);
      const parts = Array.from({ length: count }, () => random.pick(syllables));
      return parts.join("").replace(/[aou]/, (vowel) => (random.below(6) === 0 ? random.pick(vowels) : vowel));
    };
    this.words = Array.from({ length: size }, (_, rank) => word(rank));
  }

  word(): string {
    const { random, words } = this;
    const unit = random.below(1_000_000) / 1_000_000;
    return words[Math.floor(words.length ** unit) - 1]!; // Zipf: the n-th word is n times as rare as the first
  }

  /** Words with a capital at the start and a full stop at the end. */
  sentence(): string {
    const { random } = this;
    const words = Array.from({ length: 4 + random.below(14) }, () => this.word() + (random.below(9) === 0 ? "," : ""));
    const text = words.join(" ").replace(/,$/, "");
    return `${text[0]!.toUpperCase()}${text.slice(1)}${random.pick([".", ".", ".", "!", "?"])}`;
  }
}

const plainVowels = ["a", "e", "i"];

/** Parts of a maker in a row, cut at `length` octets. */
function cut(length: number, parts: () => string, encoding: "latin1" | "utf8"): Uint8Array {
  const chunks: string[] = [];
  for (let sum = 0; sum < length; sum += chunks.at(-1)!.length) chunks.push(parts());
  return new Uint8Array(Buffer.from(chunks.join(""), encoding).subarray(0, length));
}

function json(length: number): Uint8Array {
  const random = new Random(121);
  const words = new Vocabulary(random, 600, plainVowels);
  let id = 40_000;
  const record = (): string => {
    id += 1 + random.below(4);
    const tags = Array.from({ length: random.below(4) }, () => words.word());
    const value = {
      id,
      guid: random.octets(4).reduce((text, octet) => text + octet.toString(16).padStart(2, "0"), ""),
      isActive: random.below(2) === 0,
      balance: `$${random.below(4000)}.${10 + random.below(90)}`,
      name: { first: words.word(), last: words.word() },
      tags,
      latitude: (random.below(180_000) - 90_000) / 1000,
      about: words.sentence(),
    };
    return `  ${JSON.stringify(value)},\n`;
  };
  const octets = cut(length, record, "latin1");
  octets[0] = 0x5b; // "[", in place of a space
  return octets;
}

/** 512 by 512 pixels of 8 bits behind a palette of greys: soft shapes, with the grain of a photograph. */
function bitmap(length: number): Uint8Array {
  const random = new Random(122);
  const side = 512;
  const pixelsAt = 54 + 256 * 4;
  const file = Buffer.alloc(length);
  file.write("BM", 0, "latin1");
  file.writeUInt32LE(length, 2);
  file.writeUInt32LE(pixelsAt, 10);
  file.writeUInt32LE(40, 14);
  file.writeInt32LE(side, 18);
  file.writeInt32LE(side, 22);
  file.writeUInt16LE(1, 26);
  file.writeUInt16LE(8, 28);
  for (let grey = 0; grey < 256; grey++) file.writeUInt32LE(grey * 0x010101, 54 + grey * 4);
  for (let at = pixelsAt; at < length; at++) {
    const x = (at - pixelsAt) % side;
    const y = Math.floor((at - pixelsAt) / side);
    const light = 128 + 60 * Math.sin(x / 70 + y / 190) + 40 * Math.sin(y / 45 - x / 310);
    const grain = random.below(13) + random.below(13) - 12;
    file[at] = Math.max(0, Math.min(255, Math.round(light) + grain));
  }
  return new Uint8Array(file);
}

/** Verses in ISO 8859-1, which is why they are sent as binary: they are no UTF-8. */
function prose(length: number): Uint8Array {
  const random = new Random(123);
  const words = new Vocabulary(random, 5000, ["ä", "ö", "ü", "ß"]);
  const verse = (): string => `${random.below(9) === 0 ? "\r\n" : ""}${words.sentence().slice(0, 70)}\r\n`;
  return cut(length, verse, "latin1");
}

/** The characters of the page that are not ASCII: 18 that take 27 octets more than one each. */
const foreign = ["é", "ü", "ñ", "ä", "ö", "©", "»", "«", "ß", "é", "—", "€", "…", "’", "“", "”", "•", "\u{1f30d}"];

function html(length: number): Uint8Array {
  const random = new Random(124);
  const words = new Vocabulary(random, 2500, plainVowels);
  const classes = Array.from({ length: 30 }, () => `${words.word()}-${words.word()}`);
  let row = 0;
  const article = (): string => {
    const link = `/${words.word()}/${words.word()}-${random.below(10_000)}.html`;
    const mark = row % 20 === 0 && row / 20 < foreign.length ? foreign[row / 20]! : "";
    row++;
    return [
      `<div class="${random.pick(classes)}" id="item${row}">`,
      `  <h2><a href="${link}" title="${words.word()}">${mark}${words.sentence()}</a></h2>`,
      `  <p class="${random.pick(classes)}">${words.sentence()} ${words.sentence()}</p>`,
      "</div>\n",
    ].join("\n");
  };
  return cut(length, article, "utf8");
}

/** Objects in plain text around streams that are compressed already. */
function pdf(length: number): Uint8Array {
  const random = new Random(125);
  const words = new Vocabulary(random, 400, plainVowels);
  const file = filled(length, 0x20);
  let at = 0;
  const put = (octets: Uint8Array): void => {
    file.set(octets.subarray(0, length - at), at);
    at = Math.min(length, at + octets.length);
  };
  put(utf8("%PDF-1.4\n"));
  for (let number = 1; at < length; number++) {
    if (number % 3 !== 0) {
      put(
        utf8(
          `${number} 0 obj\n<< /Type /Page /Parent ${random.below(number)} 0 R /Title (${words.sentence()}) >>\nendobj\n`,
        ),
      );
      continue;
    }
    const streamLength = 2000 + random.below(12_000);
    put(utf8(`${number} 0 obj\n<< /Length ${streamLength} /Filter /FlateDecode >>\nstream\n`));
    put(random.octets(streamLength));
    put(utf8("\nendstream\nendobj\n"));
  }
  return file;
}

/** Octets of each file. */
const lengths: Readonly<Record<CorpusName, number>> = {
  json: 194_056,
  bitmap: 263_222,
  prose: 222_218,
  html: 263_647,
  pdf: 1_042_328,
};
const makers: Readonly<Record<CorpusName, (length: number) => Uint8Array>> = { json, bitmap, prose, html, pdf };
const made = new Map<CorpusName, Uint8Array>();

/** A file; the caller must not change it. */
export function corpusOf(name: CorpusName): Uint8Array {
  const octets = made.get(name) ?? makers[name](lengths[name]);
  made.set(name, octets);
  return octets;
}
