// What every link does whose runtime writes one piece of memory at a time, over a runtime that takes what it is told to.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { BaseLink } from "../../bindings/socket/base-link.ts";
import type { LinkSink } from "../../bindings/socket/link.ts";
import { filled } from "../support/octets.ts";

/** A runtime that takes at once as many octets as it has room for. */
class TestLink extends BaseLink {
  room = 0;
  readonly written: Uint8Array[] = [];
  /** The same, as they were given: the memory is the link's. */
  readonly given: Uint8Array[] = [];
  readonly log: string[] = [];
  waiting = 0;

  constructor() {
    super("192.0.2.1");
    const sink: LinkSink = {
      arrived: (chunk) => this.log.push(`arrived ${chunk.length}`),
      landed: (_region, length) => this.log.push(`landed ${length}`),
      ended: () => this.log.push("ended"),
      closed: (error) => this.log.push(`closed ${error}`),
    };
    this.read(sink);
    this.carry({ writeCompleted: () => this.log.push("completed") });
  }

  read(sink: LinkSink): void {
    this.sink = sink;
  }

  pause(): void {}

  resume(): void {}

  protected put(octets: Uint8Array): void {
    this.given.push(octets);
    this.written.push(Uint8Array.from(octets));
    const left = Math.max(0, octets.length - this.room);
    this.room -= octets.length - left;
    this.waiting += left;
    this.waits(left);
  }

  protected shutDown(): void {
    this.log.push("shut down");
    this.outputOver();
  }

  protected drop(error: unknown): void {
    this.log.push(`dropped ${error}`);
  }

  /** The runtime takes more. */
  take(length: number): void {
    this.waiting -= length;
    this.taken(length);
  }

  peerEnds(): void {
    this.inputOver();
  }

  breaksOff(error: unknown): void {
    this.fail(error);
  }
}

const octets = (...numbers: readonly number[]): Uint8Array => Uint8Array.from(numbers);
const test = suite("base link");

test("a write that the runtime takes whole is taken, and nobody is told later", () => {
  const link = new TestLink();
  link.room = 100;
  assert.is(link.write(octets(1, 2, 3), false), true);
  assert.equal([link.isDrained, link.log], [true, []]);
});

test("a write that it takes in parts is told once, when the last part is", () => {
  const link = new TestLink();
  link.room = 1;
  assert.is(link.write(octets(1, 2, 3), false), false);
  assert.is(link.unsentLength, 2);
  link.take(1);
  assert.equal(link.log, []);
  link.take(1);
  assert.equal([link.log, link.isDrained], [["completed"], true]);
});

test("a header and its payload are one write up to 64 KiB, and two above", () => {
  const link = new TestLink();
  link.room = Number.POSITIVE_INFINITY;
  const payload = filled(65_534, 7);
  assert.is(link.write(octets(1, 2), true), false);
  assert.is(link.write(payload, false), true);
  assert.equal(
    link.written.map(({ length }) => length),
    [65_536],
  );
  assert.equal(link.written[0]!.subarray(0, 3), octets(1, 2, payload[0]!));
  link.write(octets(1, 2, 3), true);
  link.write(payload, false);
  assert.equal(
    link.written.map(({ length }) => length),
    [65_536, 3, 65_534],
  );
});

test("what is joined stays as it is until the runtime has taken it, whatever is joined meanwhile elsewhere", () => {
  const first = new TestLink();
  const second = new TestLink();
  first.write(octets(1), true);
  first.write(octets(2, 3), false);
  second.write(octets(9), true);
  second.write(octets(8, 7), false);
  assert.equal(Uint8Array.from(first.given[0]!), octets(1, 2, 3));
});

test("it half-closes behind what waits, once, and writes no more", () => {
  const link = new TestLink();
  link.write(octets(1, 2), false);
  link.end();
  link.end();
  assert.equal(link.log, []);
  link.take(2);
  assert.equal(link.log, ["completed", "shut down"]);
  assert.is(link.write(octets(3), false), false);
  assert.is(link.written.length, 1);
});

test("last octets are let go of when they are out, or when the link breaks off; once", async () => {
  for (const breaks of [false, true]) {
    const link = new TestLink();
    let sentCount = 0;
    link.conclude(octets(1, 2), () => sentCount++);
    assert.is(sentCount, 0);
    if (breaks) link.breaksOff(new Error("cut"));
    else link.take(2);
    await null;
    link.destroy();
    await null;
    assert.is(sentCount, 1, `breaks: ${breaks}`);
  }
});

test("when both sides have ended it is closed in order; the end is told after what is at work", async () => {
  const link = new TestLink();
  link.peerEnds();
  link.peerEnds();
  assert.equal(link.log, ["ended"]);
  link.end();
  assert.equal(link.log, ["ended", "shut down", "dropped undefined"]);
  await null;
  assert.equal(link.log.slice(3), ["closed undefined"]);
  assert.ok(link.isGone);
});

test("after an error nothing is told but that, and nothing is written", async () => {
  const link = new TestLink();
  link.write(octets(1, 2), false);
  link.breaksOff("cut");
  link.breaksOff("again");
  link.peerEnds();
  link.take(2);
  assert.is(link.write(octets(3), false), false);
  link.say(octets(3));
  link.conclude(octets(3), () => link.log.push("sent"));
  link.end();
  await null;
  assert.equal([link.log, link.written.length], [["dropped cut", "closed cut"], 1]);
});

test.run();
