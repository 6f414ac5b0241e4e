// What waits for a loop: bounded, in order, and dropped when nobody will ask any more.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Account, heldOctets } from "../../bindings/connection/budget.ts";
import type { Keeper } from "../../bindings/connection/gate.ts";
import { type Source as Held, Inbox } from "../../bindings/connection/inbox.ts";
import { filled } from "../support/octets.ts";

const KIB = 1024;
const test = suite("inbox");

/** Where an inbox's pauses go; on `resume` more may come, as from a connection that held it back. */
class Source implements Held {
  readonly calls: string[] = [];
  onResume: () => void = () => {};
  keeper: Keeper | null = null;
  readonly account: Account = new Account({ evict() {} }, Number.POSITIVE_INFINITY);

  pause(): void {
    this.calls.push("pause");
  }

  stall(): void {
    this.calls.push("stall");
  }

  resume(): void {
    this.calls.push("resume");
    this.onResume();
  }

  readonly isHeld: boolean = false;

  hold(): void {}

  release(): boolean {
    return false;
  }

  fail(): void {
    this.calls.push("fail");
  }
}

/** The microtasks are never used up: nothing is let through that nobody asks for. */
const never = (): void => {};

const peerClose = { first: "peer", sent: null, received: { code: 1000, reason: "" }, error: undefined } as const;
const noClose = { ...peerClose, received: null } as const;

/** Takes `count` messages. */
async function take(inbox: Inbox, count: number): Promise<void> {
  const iterator = inbox.iterate();
  for (let index = 0; index < count; index++) assert.is((await iterator.next()).done, false);
  await iterator.return!();
}

test("1 MiB that waits pauses the connection, and half of it resumes it", async () => {
  const source = new Source();
  const inbox = new Inbox(source, never);
  const iterator = inbox.iterate();
  for (let count = 0; count < 15; count++) inbox.put(filled(64 * KIB, 1));
  assert.equal(source.calls, []);
  inbox.put(filled(64 * KIB, 1));
  assert.equal(source.calls, ["pause"]);
  for (let count = 0; count < 8; count++) await iterator.next();
  assert.equal(source.calls, ["pause"]);
  await iterator.next();
  assert.equal(source.calls, ["pause", "resume"]);
});

test("messages without octets count too", () => {
  const source = new Source();
  const inbox = new Inbox(source, never);
  let count = 0;
  while (source.calls.length === 0 && count < 100_000) {
    inbox.put("");
    count++;
  }
  assert.ok(count < 20_000, `${count} empty messages wait`);
});

test("what comes while the connection is resumed stands behind what waits", async () => {
  const source = new Source();
  const inbox = new Inbox(source, never);
  for (let index = 0; index < 20; index++) inbox.put(filled(64 * KIB, index));
  source.onResume = () => inbox.put(Uint8Array.of(99));
  const order: number[] = [];
  const iterator = inbox.iterate();
  for (let index = 0; index < 21; index++) order.push(((await iterator.next()).value as Uint8Array)[0]!);
  assert.equal(order, [...Array(20).keys(), 99]);
});

test("a loop that is never quite done keeps no memory of what it has had", async () => {
  const inbox = new Inbox(new Source(), never);
  const iterator = inbox.iterate();
  inbox.put("first");
  for (let count = 0; count < 50_000; count++) {
    inbox.put("x");
    await iterator.next();
  }
  const { waiting } = inbox as unknown as { readonly waiting: readonly unknown[] };
  assert.ok(waiting.length < 10_000, `${waiting.length} places are kept for 1 message`);
  assert.equal(await iterator.next(), { done: false, value: "x" });
});

test("an application that pauses or resumes overrules: the inbox leaves what it does alone", async () => {
  const source = new Source();
  const inbox = new Inbox(source, never);
  for (let count = 0; count < 20; count++) inbox.put(filled(64 * KIB, 1));
  inbox.overrule();
  source.calls.length = 0;
  await take(inbox, 20);
  assert.equal(source.calls, []);
});

test("our own close where no loop runs drops what waits, and resumes: the peer's Close has to be seen", async () => {
  const source = new Source();
  const inbox = new Inbox(source, never);
  for (let count = 0; count < 20; count++) inbox.put(filled(64 * KIB, 1));
  source.calls.length = 0;
  inbox.closing();
  assert.equal(source.calls, ["resume"]);
  inbox.put("late");
  inbox.closed(noClose);
  assert.equal(await inbox.iterate().next(), { done: true, value: undefined });
});

test("our own close in a loop keeps what waits for it, until the loop is left", async () => {
  const source = new Source();
  const inbox = new Inbox(source, never);
  for (let count = 0; count < 20; count++) inbox.put(filled(64 * KIB, count));
  const iterator = inbox.iterate();
  source.calls.length = 0;
  assert.is(((await iterator.next()).value as Uint8Array)[0], 0);
  inbox.closing();
  assert.equal(source.calls, []);
  assert.is(((await iterator.next()).value as Uint8Array)[0], 1);
  await iterator.return!();
  assert.equal(source.calls, ["resume"], "nobody is left to make room for the peer's Close");
});

test("terminate drops what waits, and resumes nothing: nothing more is delivered", async () => {
  const source = new Source();
  const inbox = new Inbox(source, never);
  for (let count = 0; count < 20; count++) inbox.put(filled(64 * KIB, count));
  const iterator = inbox.iterate();
  source.calls.length = 0;
  inbox.terminated();
  inbox.closed(noClose);
  assert.equal(source.calls, []);
  assert.equal(await iterator.next(), { done: true, value: undefined });
});

test("the end comes after what waits, once with an error and then without", async () => {
  const cause = new Error("reset");
  const inbox = new Inbox(new Source(), never);
  inbox.put("a");
  inbox.closed({ ...noClose, error: cause });
  const iterator = inbox.iterate();
  assert.is((await iterator.next()).value, "a");
  try {
    await iterator.next();
    assert.unreachable();
  } catch (error) {
    assert.is((error as { code?: string }).code, "WS_ABNORMAL_CLOSURE");
    assert.is((error as Error).cause, cause);
  }
  assert.equal(await iterator.next(), { done: true, value: undefined });
});

test("what the connection failed of is the end, whatever it is, also after a Close", async () => {
  for (const report of [peerClose, noClose]) {
    for (const isOurs of [false, true]) {
      const inbox = new Inbox(new Source(), never);
      const iterator = inbox.iterate();
      const asked = iterator.next();
      if (isOurs) inbox.closing();
      const boom = { name: "no Error at all" };
      inbox.failed(boom);
      inbox.failed(new Error("a second one"));
      inbox.closed({ ...report, error: boom });
      assert.is(await asked.catch((error: unknown) => error), boom);
    }
  }
});

test("what waits counts in the thread's budget until it is taken, dropped, or its connection closed", async () => {
  const before = heldOctets();
  for (const end of ["taken", "dropped", "closed"]) {
    const inbox = new Inbox(new Source(), never);
    inbox.put(filled(1000, 1));
    inbox.put("text");
    assert.ok(heldOctets() - before >= 1004);
    if (end === "taken") await take(inbox, 2);
    else if (end === "dropped") inbox.closing();
    else inbox.closed(noClose);
    assert.is(heldOctets(), before, end);
    if (end === "closed") await take(inbox, 2);
    assert.is(heldOctets(), before, end);
  }
});

test("what outlives its connection counts for as long as a loop runs, or is expected", async () => {
  for (const end of ["taken", "left", "not made", "made"]) {
    const before = heldOctets();
    const inbox = new Inbox(new Source(), never);
    const isLate = end === "not made" || end === "made";
    for (let count = 0; count < 3; count++) inbox.put(filled(1000, 1));
    const iterator = isLate ? null : inbox.iterate();
    if (isLate) inbox.expect();
    else await iterator!.next();
    inbox.closed(noClose);
    assert.ok(heldOctets() - before >= 2000, end);
    if (end === "taken") for (let count = 0; count < 2; count++) await iterator!.next();
    else if (end === "left") await iterator!.return!();
    if (end === "made") {
      const late = inbox.iterate();
      await late.next();
      inbox.expectNoMore();
      assert.ok(heldOctets() - before >= 2000, end);
      await late.return!();
    }
    if (end === "not made") inbox.expectNoMore();
    assert.is(heldOctets(), before, end);
  }
});

test("nobody who ever asked: the pause is one that lets silence go on", () => {
  const source = new Source();
  const inbox = new Inbox(source, never);
  for (let count = 0; count < 17; count++) inbox.put(filled(64 * KIB, 1));
  assert.equal(source.calls.slice(0, 1), ["stall"]);
});

test("a loop that was left, and none since: silence goes on, until another is made", async () => {
  const source = new Source();
  const inbox = new Inbox(source, never);
  const [first, second] = [inbox.iterate(), inbox.iterate()];
  for (let count = 0; count < 16; count++) inbox.put(filled(64 * KIB, 1));
  for (const loop of [first, second]) await loop.next();
  await first.return!();
  assert.equal(source.calls, ["pause"]);
  await second.return!();
  assert.equal(source.calls, ["pause", "stall"]);
  const third = inbox.iterate();
  assert.equal(source.calls, ["pause", "stall", "pause"]);
  for (let count = 0; count < 14; count++) await third.next();
  await third.return!();
  assert.equal(source.calls, ["pause", "stall", "pause", "resume"]);
  for (let count = 0; count < 16; count++) inbox.put(filled(64 * KIB, 1));
  assert.equal(source.calls.slice(4), ["stall"]);
});

test.run();
