// Heads of requests and responses, valid, changed and arbitrary: cut anywhere they get the verdict they get whole, the octets
// behind them are kept, and what refuses them is a documented code. RFC 6455 §4.1, §4.2; RFC 9112.

import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { concat } from "../support/octets.ts";
import { cutsAt } from "./arbitraries.ts";
import {
  describeHead,
  fieldNames,
  fieldValues,
  type HeadCase,
  headOctets,
  judgeHead,
  startLines,
  validLines,
} from "./heads.ts";
import { holds } from "./property.ts";

const test = suite("opening handshakes");

const fractionsArbitrary = fc.option(fc.array(fc.nat(9999), { maxLength: 6 }), { freq: 3 });
const behindArbitrary = fc.uint8Array({ maxLength: 20 });

function caseOf(role: "server" | "client", octets: Uint8Array, fractions: readonly number[] | null): HeadCase {
  return { role, octets, cuts: cutsAt(fractions, octets.length) };
}

const valueArbitrary = fc.oneof(fc.constantFrom(...fieldValues), fc.string({ unit: "binary-ascii", maxLength: 30 }));

/** A valid head in which some lines were dropped, added, repeated or given another value. */
const changedArbitrary: fc.Arbitrary<HeadCase> = fc
  .record({
    role: fc.constantFrom("server" as const, "client" as const),
    start: fc.option(fc.oneof(fc.constantFrom(...startLines), fc.string({ maxLength: 20 })), { freq: 5 }),
    changes: fc.array(fc.tuple(fc.nat(30), fc.constantFrom(...fieldNames), valueArbitrary, fc.nat(3)), {
      maxLength: 3,
    }),
    behind: behindArbitrary,
    fractions: fractionsArbitrary,
  })
  .map(({ role, start, changes, behind, fractions }) => {
    const [validStart, ...validFields] = validLines[role];
    const fields = [...validFields];
    for (const [place, name, value, how] of changes) {
      const at = place % (fields.length + 1);
      const kept = fields[at]?.[0] ?? name;
      if (how === 0) fields.splice(at, 1);
      else if (how === 1) fields.splice(at, 0, [name, value]);
      else fields.splice(at, 1, [kept, value]);
    }
    return caseOf(role, concat(headOctets(start ?? validStart, fields), behind), fractions);
  });

/** A valid head with octets changed in it. */
const damagedArbitrary: fc.Arbitrary<HeadCase> = fc
  .record({
    role: fc.constantFrom("server" as const, "client" as const),
    damage: fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 3 }),
    length: fc.nat(9999),
    behind: behindArbitrary,
    fractions: fractionsArbitrary,
  })
  .map(({ role, damage, length, behind, fractions }) => {
    const [start, ...fields] = validLines[role];
    const octets = headOctets(start, fields);
    for (const [place, octet] of damage) octets[place % octets.length] = octet;
    const end = length < 3000 ? Math.floor((length * octets.length) / 3000) : octets.length;
    return caseOf(role, end < octets.length ? octets.slice(0, end) : concat(octets, behind), fractions);
  });

const arbitraryArbitrary: fc.Arbitrary<HeadCase> = fc
  .tuple(fc.constantFrom("server" as const, "client" as const), fc.uint8Array({ maxLength: 60 }), fractionsArbitrary)
  .map(([role, octets, fractions]) => caseOf(role, octets, fractions));

for (const [what, runs, arbitrary] of [
  ["with changed lines", 2500, changedArbitrary],
  ["with changed octets", 1500, damagedArbitrary],
  ["of arbitrary octets", 1000, arbitraryArbitrary],
] as const) {
  test(`${what}: one verdict, cut and whole, of a documented code`, () => {
    holds(runs, arbitrary, (given) => judgeHead(given).problem, describeHead);
  });
}

test("that are valid are accepted in any split, whatever follows", () => {
  const validArbitrary = fc
    .tuple(fc.constantFrom("server" as const, "client" as const), behindArbitrary, fractionsArbitrary)
    .map(([role, behind, fractions]) => {
      const [start, ...fields] = validLines[role];
      return caseOf(role, concat(headOctets(start, fields), behind), fractions);
    });
  const problemOf = (given: HeadCase): string => {
    const { problem, code } = judgeHead(given);
    return problem || code;
  };
  holds(300, validArbitrary, problemOf, describeHead);
});

test("are refused for many reasons", () => {
  const codes = new Set(fc.sample(changedArbitrary, { seed: 1, numRuns: 1500 }).map((given) => judgeHead(given).code));
  assert.ok(codes.has(""), "none is accepted");
  assert.ok(codes.size >= 18, `only ${[...codes].join(", ")}`);
});

test.run();
