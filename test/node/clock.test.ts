// The clock of timeouts: one timer for all members, whose period is a tenth of the shortest timeout.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Clock, type Timed } from "../../bindings/socket/clock.ts";
import { FakeTimers } from "./support.ts";

const test = suite("clock");

/** A member that notes when it was asked. */
class Member implements Timed {
  readonly shortestTimeoutMs: number;
  readonly asked: number[] = [];

  constructor(shortestTimeoutMs: number) {
    this.shortestTimeoutMs = shortestTimeoutMs;
  }

  tick(nowMs: number): void {
    this.asked.push(nowMs);
  }
}

/** A timer source that remembers the periods it was asked for. */
class Periods extends FakeTimers {
  readonly periods: number[] = [];

  override every(periodMs: number, run: () => void): () => void {
    this.periods.push(periodMs);
    return super.every(periodMs, run);
  }
}

test("the period is a tenth of the shortest timeout, from 10 ms to 1 s", () => {
  for (const [shortestTimeoutMs, periodMs] of [
    [1, 10],
    [100, 10],
    [500, 50],
    [10_000, 1000],
    [60_000, 1000],
    [Infinity, 1000],
  ] as const) {
    const timers = new Periods();
    new Clock(timers).add(new Member(shortestTimeoutMs));
    assert.equal(timers.periods, [periodMs]);
  }
});

test("members that want the same period are counted: the timer stays until the last of them leaves", () => {
  const timers = new Periods();
  const clock = new Clock(timers);
  const members = Array.from({ length: 1000 }, () => new Member(5000));
  for (const member of members) clock.add(member);
  assert.equal(timers.periods, [500]);
  for (const member of members.slice(1)) clock.remove(member);
  assert.is(timers.runningCount, 1);
  timers.advance(500);
  assert.is(members[0]!.asked.length, 1);
  assert.is(members[1]!.asked.length, 0, "who has left is not asked");
  clock.remove(members[0]!);
  assert.is(timers.runningCount, 0);
});

test("adding a member twice, or removing one that is none, counts nothing", () => {
  const timers = new Periods();
  const clock = new Clock(timers);
  const member = new Member(5000);
  clock.add(member);
  clock.add(member);
  clock.remove(new Member(5000));
  assert.is(timers.runningCount, 1);
  clock.remove(member);
  assert.is(timers.runningCount, 0);
  clock.remove(member);
  clock.add(member);
  assert.is(timers.runningCount, 1);
  clock.remove(member);
});

test("a member with a shorter timeout shortens the period at once, and gives it back when it leaves", () => {
  const timers = new Periods();
  const clock = new Clock(timers);
  const [slow, fast] = [new Member(10_000), new Member(200)];
  clock.add(slow);
  clock.add(fast);
  assert.is(timers.runningCount, 1, "still one timer");
  timers.advance(100);
  assert.is(fast.asked.length, 5);
  clock.remove(fast);
  slow.asked.length = 0;
  timers.advance(10_000);
  assert.ok(slow.asked.length <= 11, `asked ${slow.asked.length} times in 10 s`);
  clock.remove(slow);
  assert.is(timers.runningCount, 0);
});

test("members that come and go do not put off those that stay", () => {
  const timers = new FakeTimers();
  const clock = new Clock(timers);
  const stays = new Member(10_000);
  clock.add(stays);
  for (let count = 0; count < 100; count++) {
    const passes = new Member(5000);
    clock.add(passes);
    timers.advance(100);
    clock.remove(passes);
    timers.advance(100);
  }
  assert.ok(stays.asked.length >= 19, `asked ${stays.asked.length} times in 20 s`);
  clock.remove(stays);
});

test("a member may leave, and another come, while the clock goes round", () => {
  const timers = new FakeTimers();
  const clock = new Clock(timers);
  const late = new Member(100);
  const leaving = new Member(100);
  const first: Timed = {
    shortestTimeoutMs: 100,
    tick() {
      clock.remove(first);
      clock.remove(leaving);
      clock.add(late);
    },
  };
  clock.add(first);
  clock.add(leaving);
  timers.advance(10);
  assert.is(leaving.asked.length, 0);
  timers.advance(10);
  assert.ok(late.asked.length >= 1);
  clock.remove(late);
  assert.is(timers.runningCount, 0);
});

test.run();
