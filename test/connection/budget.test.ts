// Accounts of what is held: who is closed where the sum passes a limit. Sums and orders alone; ceiling.test.ts in hostile/
// has the connections.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { LARGEST_BLOCK } from "../../bindings/codec/blocks.ts";
import { Account, heldOctets } from "../../bindings/connection/budget.ts";
import { ChargedChain } from "../../bindings/connection/charged-chain.ts";
import type { LimitError } from "../../bindings/errors/classes.ts";
import { host } from "../../bindings/host.ts";
import { Random } from "../support/octets.ts";

const test = suite("budget");

/** A holder that lets go of everything, and remembers why. */
class Held {
  error: LimitError | null = null;
  readonly account: Account;

  constructor(limit: number, length = 0) {
    this.account = new Account(this, limit);
    this.account.charge(length);
  }

  evict(error: LimitError): void {
    this.error = error;
    this.account.charge(-this.account.held);
  }
}

/** Which of them were closed. */
const evicted = (holders: readonly Held[]): number[] =>
  holders.flatMap(({ error }, index) => (error === null ? [] : [index]));

function letGo(...holders: readonly Held[]): void {
  for (const { account } of holders) account.charge(-account.held);
}

test("up to the limit everybody is let in", () => {
  const one = new Held(100, 60);
  const two = new Held(100);
  assert.is(two.account.claim(40), null);
  assert.is(one.error, null);
  letGo(one);
});

test("whoever holds most is closed for those who hold less", () => {
  const holders = [30, 50, 20].map((length) => new Held(100, length));
  assert.is(holders[2]!.account.claim(10), null);
  assert.equal(evicted(holders), [1]);
  assert.is(heldOctets(), 50);
  letGo(...holders);
});

test("whoever would hold most is refused, and nobody closed for it", () => {
  const holders = [50, 30].map((length) => new Held(100, length));
  const error = holders[1]!.account.claim(30);
  assert.equal([error?.code, error?.closeCode, error?.limit, error?.actual], ["WS_PROCESS_BUFFERED", 1009, 100, 110]);
  assert.equal(evicted(holders), []);
  letGo(...holders);
});

test("of several that hold as much, the newest is closed, be it the one that asks", () => {
  const holders = [25, 25, 25, 5].map((length) => new Held(80, length));
  assert.is(holders[3]!.account.claim(1), null);
  assert.equal(evicted(holders), [2]);
  holders[2]!.error = null;
  assert.is(new Held(70).account.claim(25)?.code, "WS_PROCESS_BUFFERED", "it holds nothing yet: it is the newest");
  assert.is(holders[0]!.account.claim(60)?.code, "WS_PROCESS_BUFFERED");
  assert.equal(evicted(holders), []);
  letGo(...holders);
});

test("as many are closed as it takes, the largest first", () => {
  const holders = [10, 40, 35, 45].map((length) => new Held(100, length));
  assert.is(new Held(100).account.claim(30), null);
  assert.equal(evicted(holders), [1, 3], "160 octets, then 115, then 75");
  letGo(...holders);
});

test("nobody is closed in vain: where that would not be enough, whoever asks is refused", () => {
  const wide = new Held(1000, 500);
  const narrow = [30, 20].map((length) => new Held(100, length));
  assert.is(narrow[1]!.account.claim(1)?.limit, 100);
  assert.equal(evicted([wide, ...narrow]), []);
  letGo(wide, ...narrow);
});

test("a limit closes nobody whose own limit is wider", () => {
  const wide = new Held(1000, 90);
  const narrow = new Held(50, 10);
  assert.is(narrow.account.claim(1)?.limit, 50);
  assert.is(wide.error, null);
  assert.is(new Held(Number.POSITIVE_INFINITY).account.claim(1e9), null);
  letGo(wide, narrow);
});

test("one that does not let go is asked once, and whoever asked is refused", () => {
  let asked = 0;
  const stubborn = new Account({ evict: () => void asked++ }, 100);
  stubborn.charge(90);
  const one = new Held(100, 5);
  assert.is(one.account.claim(10)?.code, "WS_PROCESS_BUFFERED");
  assert.is(asked, 1);
  stubborn.charge(-90);
  letGo(one);
});

test("whoever is closed held, or asked for, more than an equal share of the limit; the sum never passes it", () => {
  const random = new Random(0xb0d9e7);
  const limit = 100_000;
  let closures = 0;
  for (let round = 0; round < 200; round++) {
    const holders = Array.from({ length: random.below(30) + 2 }, () => new Held(limit));
    for (let step = 0; step < 300; step++) {
      const one = random.pick(holders);
      if (random.below(4) === 0) {
        letGo(one);
        continue;
      }
      const length = random.below(2 ** random.below(17));
      const before = holders.map(({ account }) => account.held);
      const share = limit / before.filter((held, index) => held > 0 || holders[index] === one).length;
      const error = one.account.claim(length);
      for (const index of evicted(holders)) {
        closures++;
        assert.ok(before[index]! > share, `closed with ${before[index]}, the share is ${share}`);
        assert.ok(before[index]! >= one.account.held + (error === null ? length : 0), "it held less than who asked");
        holders[index]!.error = null;
      }
      if (error === null) one.account.charge(length);
      else assert.ok(one.account.held + length > share, `refused ${length}, the share is ${share}`);
      assert.ok(heldOctets() <= limit);
    }
    letGo(...holders);
    assert.is(heldOctets(), 0);
  }
  assert.ok(closures > 100, `${closures} were closed`);
});

test("where there is no memory for all that is appended, what there is counts, until it is let go", () => {
  const { account } = new Held(Number.POSITIVE_INFINITY);
  const chain = new ChargedChain(account);
  const { allocate } = host;
  let left = 3;
  host.allocate = (length) => {
    if (left-- === 0) throw new RangeError("no memory");
    return allocate(length);
  };
  const octets = new Uint8Array(100 * LARGEST_BLOCK); // more than the pool has
  try {
    assert.throws(() => chain.append(octets, 0, octets.length), "no memory");
  } finally {
    host.allocate = allocate;
  }
  assert.is(account.held, chain.capacity);
  chain.clear();
  assert.equal([account.held, heldOctets()], [0, 0]);
});

test.run();
