// Strings of received text: what TextDecoder makes of the same octets, by either way, wherever they lie, at every length at
// which another way is taken and at every place where a window of the way by UTF-16 may end.

import { receivedText, transcodedText } from "../../bindings/codec/received-text.ts";
import { host } from "../../bindings/host.ts";
import { same } from "../support/assertions.ts";
import { builtOnKernel, poison } from "../support/current-kernel.ts";
import { kernels } from "../support/kernels.ts";
import { POISON, utf8 } from "../support/octets.ts";

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** A repeated character of each length in UTF-8, a text of all, and one that begins with a byte order mark. */
const scripts: Readonly<Record<string, string>> = {
  ASCII: "a",
  Cyrillic: "ж",
  Chinese: "天",
  emoji: "🎉",
  "a mixture": '{"от":"Zoë","text":"天 🎉"},',
  "a byte order mark": "\ufeff",
};

/** Text of `length` octets: `unit` over and over, then asterisks; or the other way round. */
function textOf(unit: string, length: number, asterisksFirst = false): Uint8Array {
  const characters = Array.from(unit, utf8);
  const octets = new Uint8Array(length).fill(0x2a);
  let fits = 0;
  for (let index = 0; ; index++) {
    const character = characters[index % characters.length]!;
    if (fits + character.length > length) break;
    octets.set(character, fits);
    fits += character.length;
  }
  return asterisksFirst ? octets.copyWithin(length - fits, 0, fits).fill(0x2a, 0, length - fits) : octets;
}

for (const tested of kernels) {
  const test = builtOnKernel("received text", tested);
  const { kernel } = tested;
  const window = kernel.utf16Capacity / 2;

  /** Makes the string by both functions, from linear memory where there is room, and from memory of its own. */
  function check(text: Uint8Array, what: () => string): void {
    const expected = decoder.decode(text);
    const { length } = text;
    const own = host.allocate(length + 7);
    for (const [name, make] of Object.entries({ receivedText, transcodedText })) {
      if (length <= kernel.inputCapacity - 5) {
        const start = kernel.inputPtr + 5;
        kernel.octets.fill(POISON, start - 4, Math.min(start + length + 64, kernel.inputPtr + kernel.inputCapacity));
        kernel.octets.set(text, start);
        same(make(kernel, kernel.octets, start, start + length), expected, () => `${name} in linear memory, ${what()}`);
      }
      own.fill(POISON);
      own.set(text, 3);
      same(make(kernel, own, 3, 3 + length), expected, () => `${name} in memory of its own, ${what()}`);
    }
  }

  test("are right at every short length", () => {
    for (const [script, unit] of Object.entries(scripts)) {
      for (let length = 0; length <= 140; length++) check(textOf(unit, length), () => `${length} octets of ${script}`);
    }
  });

  test("are right where a window ends before, inside and after a character", () => {
    for (const [script, unit] of Object.entries(scripts)) {
      for (const windows of [1, 2, 3]) {
        for (let more = -5; more <= 9; more++) {
          const length = windows * window + more;
          poison(kernel);
          check(textOf(unit, length), () => `${length} octets of ${script}`);
          check(textOf(unit, length, true), () => `${length} octets of ${script} after asterisks`);
        }
      }
    }
  });

  test("are right for a megabyte", () => {
    for (const [script, unit] of Object.entries(scripts)) check(textOf(unit, 1_000_003), () => `long ${script}`);
  });

  test.run();
}
