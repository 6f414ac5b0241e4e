// 6.1 to 6.4: text over several frames, and how early text that is not UTF-8 is noticed. RFC 6455 §8.1.
// The tables of code points are in code-points.ts.

import { concat, hex } from "../../support/octets.ts";
import {
  closeAfter,
  echo,
  fragments,
  frame,
  gotText,
  inParts,
  last,
  more,
  passed,
  text,
  textError,
  textStart,
  wait,
} from "../builders.ts";
import type { Case } from "../case.ts";
import { kosme } from "./code-points.ts";

const limit = closeAfter(1);
const middle = "middle frame payload";

/** Latin text with a dozen code points of two octets. */
const latin = hex("48 65 6c 6c 6f 2d c2 b5 40 c3 9f c3 b6 c3 a4 c3 bc c3 a0 c3 a1 2d 55 54 46 2d 38 21 21");

const beyond = hex("f4 90 80 80"); // U+110000, were there one
const edited = hex("65 64 69 74 65 64");
const surrogate = concat(kosme, hex("ed a0 80"), edited);

/** What is wrong stands in the second part: noticed before the third is strict, after it is not. */
const early = { ok: [passed("A")], nonStrict: [passed("A"), passed("B")] };
const waits = [
  { seconds: 1, name: "A" },
  { seconds: 1, name: "B" },
];
const inThreeFrames = (first: Uint8Array, second: Uint8Array, third: Uint8Array) => [
  textStart(first),
  wait(1, "A"),
  more(second),
  wait(1, "B"),
  last(third),
];
const inOneFrame = (first: Uint8Array, second: Uint8Array, third: Uint8Array) => [
  inParts({ opcode: 1, fin: false, payload: concat(first, second, third) }, [first.length, second.length], waits),
  frame(0),
];
const afterCodePoint = [kosme, beyond, edited] as const;
const insideCodePoint = [concat(kosme, hex("f4")), hex("90"), concat(hex("80 80"), edited)] as const;

export const utf8: readonly Case[] = [
  echo("6.1.1", [text("")], [gotText("")], { limit }),
  echo("6.1.2", [textStart(""), more(""), last("")], [gotText("")], { limit }),
  echo("6.1.3", [textStart(""), more(middle), last("")], [gotText(middle)], { limit }),
  echo("6.2.1", [text(latin)], [gotText(latin)], { limit }),
  echo("6.2.2", [textStart(latin.subarray(0, 15)), last(latin.subarray(15))], [gotText(latin)], { limit }),
  echo("6.2.3", [fragments(1, latin, 1)], [gotText(latin)], { limit }),
  echo("6.2.4", [fragments(1, kosme, 1)], [gotText(kosme)], { limit }),
  textError("6.3.1", [text(surrogate)]),
  textError("6.3.2", [fragments(1, surrogate, 1)]),
  textError("6.4.1", inThreeFrames(...afterCodePoint), early),
  textError("6.4.2", inThreeFrames(...insideCodePoint), early),
  textError("6.4.3", inOneFrame(...afterCodePoint), early),
  textError("6.4.4", inOneFrame(...insideCodePoint), early),
];
