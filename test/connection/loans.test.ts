// Octets that many borrow are one memory: who is charged for them, and until when.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Account, heldOctets } from "../../bindings/connection/budget.ts";
import { borrow, giveBack, isLent } from "../../bindings/connection/loans.ts";
import { filled } from "../support/octets.ts";

const test = suite("loans");
const account = (): Account => new Account({ evict() {} }, Number.POSITIVE_INFINITY);

test("the first borrower is charged, and the next when it gives back", () => {
  const octets = filled(1000, 1);
  const [one, two, three] = [account(), account(), account()];
  for (const each of [one, two, three]) borrow(octets, each);
  assert.equal([one.held, two.held, three.held], [1000, 0, 0]);
  giveBack(octets, two);
  assert.equal([one.held, two.held, three.held], [1000, 0, 0]);
  giveBack(octets, one);
  assert.equal([one.held, two.held, three.held], [0, 0, 1000]);
  assert.is(isLent(octets), true);
  giveBack(octets, three);
  assert.is(isLent(octets), false);
  assert.is(heldOctets(), 0);
});

test("who borrows twice gives back twice", () => {
  const octets = filled(10, 1);
  const one = account();
  borrow(octets, one);
  borrow(octets, one);
  giveBack(octets, one);
  assert.is(one.held, 10);
  giveBack(octets, one);
  assert.is(one.held, 0);
});

test("memory that was given away meanwhile is paid back as it was charged", () => {
  const octets = filled(10, 1);
  const one = account();
  borrow(octets, one);
  structuredClone(octets.buffer, { transfer: [octets.buffer] });
  assert.is(octets.length, 0);
  giveBack(octets, one);
  assert.is(one.held, 0);
});

test.run();
