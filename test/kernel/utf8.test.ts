// validateUtf8 of whole texts, RFC 3629 and RFC 6455 §8.1: the payloads of the conformance suite, and masses of short
// sequences against the platform's own decoder.

import { same } from "../support/assertions.ts";
import { kernelSuite, kernels } from "../support/kernels.ts";
import { concat, filled, hex, placeGuarded, Random, toHex, utf8 } from "../support/octets.ts";
import { isUtf8 } from "../support/utf8.ts";

const K = "ce ba e1 bd b9 cf 83 ce bc ce b5";

/** Every start octet of a row, each followed by a space. */
function starts(first: number, last: number): string {
  let text = "";
  for (let octet = first; octet <= last; octet++) text += `${octet.toString(16)} 20 `;
  return text;
}

const lastOfPlanes = Array.from({ length: 16 }, (_, plane) =>
  [0xfffe, 0xffff].map((low) => toHex(utf8(String.fromCodePoint((plane + 1) * 0x10000 + low)))),
);
const overlongAndCut = [
  "c0",
  "e0 80",
  "f0 80 80",
  "f8 80 80 80",
  "fc 80 80 80 80",
  "df",
  "ef bf",
  "f7 bf bf",
  "fb bf bf bf",
  "fd bf bf bf bf",
];
const highSurrogates = ["ed a0 80", "ed ad bf", "ed ae 80", "ed af bf"];

const valid: Record<string, readonly string[]> = {
  "6.2: text with umlauts": ["48 65 6c 6c 6f 2d c2 b5 40 c3 9f c3 b6 c3 a4 c3 bc c3 a0 c3 a1 2d 55 54 46 2d 38 21 21"],
  "6.5: one character of each length": [
    "68 65 24 77",
    "68 65 c2 a2 77",
    "68 65 e2 82 ac 77",
    "68 65 f0 a4 ad a2 77",
    K,
  ],
  "6.6: cut between characters": [2, 5, 7, 9, 11].map((length) => toHex(hex(K).subarray(0, length))),
  "6.7: first of each length": ["00", "c2 80", "e0 a0 80", "f0 90 80 80"],
  "6.9: last of each length": ["7f", "df bf", "ef bf bf", "f4 8f bf bf"],
  "6.11: around the surrogates, U+FFFD, U+10FFFF": ["ed 9f bf", "ee 80 80", "ef bf bd", "f4 8f bf bf"],
  "6.22: noncharacters": ["ef bf be", "ef bf bf", ...lastOfPlanes.flat()],
  "6.23: specials": ["b9", "ba", "bb", "bc", "bd", "be", "bf"].map((last) => `ef bf ${last}`),
};

const invalid: Record<string, readonly string[]> = {
  "6.3: a surrogate in text": [`${K} ed a0 80 65 64 69 74 65 64`],
  "6.4: past U+10FFFF in text": [`${K} f4 90 80 80 65 64 69 74 65 64`],
  "6.6: cut inside a character": [1, 3, 4, 6, 8, 10].map((length) => toHex(hex(K).subarray(0, length))),
  "6.8 and 6.10: five and six octets": [
    "f8 88 80 80 80",
    "fc 84 80 80 80 80",
    "f7 bf bf bf",
    "fb bf bf bf bf",
    "fd bf bf bf bf bf",
  ],
  "6.11: U+110000": ["f4 90 80 80"],
  "6.12: lone continuations": [
    "80",
    "bf",
    "80 bf",
    "80 bf 80",
    "80 bf 80 bf",
    "80 bf 80 bf 80",
    "80 bf 80 bf 80 bf",
    toHex(Uint8Array.from({ length: 63 }, (_, index) => 0x80 + index)),
  ],
  "6.13: lone start octets": [starts(0xc0, 0xde), starts(0xe0, 0xee), starts(0xf0, 0xf6), starts(0xf8, 0xfa), "fc 20"],
  "6.14 and 6.15: last continuation missing": [...overlongAndCut, overlongAndCut.join(" ")],
  "6.16: octets that never occur": ["fe", "ff", "fe fe ff ff"],
  "6.17: overlong slash": ["c0 af", "e0 80 af", "f0 80 80 af", "f8 80 80 80 af", "fc 80 80 80 80 af"],
  "6.18: longest overlong": ["c1 bf", "e0 9f bf", "f0 8f bf bf", "f8 87 bf bf bf", "fc 83 bf bf bf bf"],
  "6.19: overlong NUL": ["c0 80", "e0 80 80", "f0 80 80 80", "f8 80 80 80 80", "fc 80 80 80 80 80"],
  "6.20: lone surrogates": [...highSurrogates, "ed b0 80", "ed be 80", "ed bf bf"],
  "6.21: surrogate pairs": highSurrogates.flatMap((high) => [`${high} ed b0 80`, `${high} ed bf bf`]),
};

const fatal = new TextDecoder("utf-8", { fatal: true });

/** The platform's verdict, from the decoder that throws and from the function that says yes or no. */
function oracle(octets: Uint8Array): boolean {
  let decodes = true;
  try {
    fatal.decode(octets);
  } catch {
    decodes = false;
  }
  same(isUtf8(octets), decodes, () => `the platform disagrees with itself about ${toHex(octets)}`);
  return decodes;
}

const twoOctets = Array.from({ length: 65536 }, (_, pair) => Uint8Array.of(pair >> 8, pair & 255));
const random = new Random(3);
const leads = hex("c2 df e0 e1 ec ed ee ef f0 f1 f3 f4 f5");
const longer = Array.from({ length: 20_000 }, (_, index) => {
  const octets = random.octets(3 + (index & 1));
  if (index & 2) octets[0] = random.pick([...leads]);
  if (index & 4) for (let at = 1; at < octets.length; at++) octets[at] = 0x80 | (octets[at]! & 0x3f);
  return octets;
});
const sequences = [...twoOctets, ...longer].map((octets) => [octets, oracle(octets)] as const);

for (const entry of kernels) {
  const { kernel } = entry;
  const test = kernelSuite("validateUtf8", entry);

  const isValid = (octets: Uint8Array, ptr = kernel.scratchPtr + 64): boolean => {
    const guardsStand = placeGuarded(kernel.octets, ptr, octets);
    const state = kernel.validateUtf8(ptr, octets.length, 0);
    same(guardsStand(), true, () => `guards around ${toHex(octets)}`);
    return state === 0;
  };

  for (const [verdict, groups] of [
    [true, valid],
    [false, invalid],
  ] as const) {
    for (const [group, payloads] of Object.entries(groups)) {
      test(`${verdict ? "accepts" : "refuses"} ${group} (§8.1)`, () => {
        for (const payload of payloads) {
          for (const padding of [0, 13, 16, 61, 64, 100]) {
            const octets = concat(filled(padding, 0x2a), hex(payload));
            same(isValid(octets), verdict, () => `${padding} asterisks, then ${payload}`);
          }
        }
      });
    }
  }

  test("agrees with TextDecoder and isUtf8 on every two octets and on many longer sequences (§8.1)", () => {
    for (const [octets, verdict] of sequences) same(isValid(octets), verdict, () => toHex(octets));
  });

  test("does not read what follows the text: continuations there end no character", () => {
    for (const cut of ["c3", "e2 82", "f0 a4 ad"]) {
      for (let padding = 0; padding < 70; padding++) {
        same(isValid(concat(filled(padding, 0x2a), hex(cut))), false, () => `${padding} asterisks, then ${cut}`);
      }
    }
  });

  test("reaches the very end of the input and of the scratch region", () => {
    for (const end of [kernel.inputPtr + kernel.inputCapacity, kernel.scratchPtr + kernel.scratchCapacity]) {
      for (let length = 0; length <= 80; length++) {
        same(isValid(filled(length, 0x2a), end - length), true, () => `${length} ASCII octets before ${end}`);
        if (length < 3) continue;
        const octets = concat(filled(length - 3, 0x2a), hex("e2 82 ac"));
        same(isValid(octets, end - length), true, () => `${length} octets before ${end}`);
        octets[length - 1] = 0x2a;
        same(isValid(octets, end - length), false, () => `${length} octets before ${end}, the last one wrong`);
      }
    }
  });

  test.run();
}
