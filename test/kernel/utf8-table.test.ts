// The oracle of the UTF-8 tests, Unicode's table 3-7 as an automaton, against the platform: what is valid, and what can still
// become valid.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { same } from "../support/assertions.ts";
import { toHex } from "../support/octets.ts";
import { automaton, COMPLETE, INVALID, stateAfter, table } from "../support/table-3-7.ts";
import { boundaryOctets, edgeOctets, isAlive, isUtf8 } from "../support/utf8.ts";

const test = suite("table 3-7");

test("has the nine states of UTF-8: between characters, none, and seven inside one (RFC 3629 §4)", () => {
  assert.is(automaton.stateCount, 9);
  assert.is(new Set(automaton.words).size, 9);
});

test("has its edges at the octets that the tests of blocks are made of", () => {
  const around = table.flat().flatMap(([lowest, highest]) => [lowest - 1, lowest, highest, highest + 1]);
  const inOrder = [...new Set([...around, 0xff])].filter((octet) => octet >= 0).sort((one, other) => one - other);
  assert.equal(inOrder, edgeOctets);
});

test("calls valid what the platform does: every one or two octets, and every four boundary octets or fewer", () => {
  const judge = (octets: Uint8Array): void => {
    same(stateAfter(octets) === COMPLETE, isUtf8(octets), () => toHex(octets));
  };
  for (let first = 0; first < 256; first++) {
    judge(Uint8Array.of(first));
    for (let second = 0; second < 256; second++) judge(Uint8Array.of(first, second));
  }
  const octets = new Uint8Array(4);
  const extend = (length: number): void => {
    for (const octet of boundaryOctets) {
      octets[length] = octet;
      judge(octets.subarray(0, length + 1));
      if (length < 3) extend(length + 1);
    }
  };
  extend(0);
});

test("calls unfinished what the platform finds some continuation for, octet by octet", () => {
  let judged = 0;
  const extend = (begun: readonly number[]): void => {
    for (let octet = 0; octet < 256; octet++) {
      const octets = Uint8Array.of(...begun, octet);
      const state = stateAfter(octets);
      same(state !== INVALID, isAlive(octets), () => toHex(octets));
      judged++;
      // What follows a fault stays at fault, and what follows a character is judged as it is alone.
      if (state > INVALID && boundaryOctets.includes(octet)) extend([...octets]);
    }
  };
  extend([]);
  assert.ok(judged > 256 * 40, `${judged} judged`);
});

test("says in its words how many octets are wanted, and which may come next", () => {
  for (let state = 2; state < automaton.stateCount; state++) {
    const word = automaton.words[state]!;
    const takes = Array.from({ length: 256 }, (_, octet) => octet).filter(
      (octet) => stateAfter([octet], state) !== INVALID,
    );
    assert.equal([(word >> 8) & 255, word >> 16], [takes[0], takes.at(-1)], `state ${word.toString(16)}`);
    const rest = Array.from({ length: (word & 255) - 1 }, () => 0x80);
    assert.is(stateAfter([takes[0]!, ...rest], state), COMPLETE, `state ${word.toString(16)}`);
  }
});

test.run();
