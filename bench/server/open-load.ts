// An open load: messages leave when they are due, whatever came back, and are late from when they were due, not from when they
// left. So a server that stops answering for a while is charged for everything that had to wait (no coordinated omission).

import { setImmediate as turn } from "node:timers/promises";
import type { Wire } from "../wire.ts";

/** Times that messages were due, first in first out, on one connection. */
class Due {
  private times: number[] = [];
  private first = 0;

  push(time: number): void {
    this.times.push(time);
  }

  shift(): number {
    const time = this.times[this.first]!;
    this.first++;
    if (this.first === 1024) {
      this.times = this.times.slice(this.first);
      this.first = 0;
    }
    return time;
  }

  get length(): number {
    return this.times.length - this.first;
  }
}

/** The same numbers in every run, from 0 (never itself) to 1. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state + 1) / 2 ** 32;
  };
}

const DRAIN_MS = 3000;

/**
 * Sends at `rate` for a while, from one connection after the other, at intervals as of independent clients (Poisson).
 *
 * @param message       octets of one message, masked
 * @param answerLength  octets that come back for it
 * @returns             how late each answer was, in microseconds
 * @throws              Error where answers are missing at the end
 */
export async function openLoad(
  wires: readonly Wire[],
  message: Buffer,
  answerLength: number,
  { rate, forMs }: { readonly rate: number; readonly forMs: number },
): Promise<number[]> {
  const lateUs: number[] = [];
  const queues = wires.map((wire) => {
    const due = new Due();
    let waiting = answerLength;
    wire.take = (_, length) => {
      waiting -= length;
      while (waiting <= 0) {
        waiting += answerLength;
        lateUs.push((performance.now() - due.shift()) * 1000);
      }
    };
    return due;
  });
  const random = generator(0x9e3779b9);
  const began = performance.now();
  const ends = began + forMs;
  let next = began;
  let sender = 0;
  // It never sleeps: a timer would be late by a millisecond.
  for (let now = began; now < ends; now = performance.now()) {
    for (; next <= now && next < ends; next += (-Math.log(random()) / rate) * 1000) {
      queues[sender]!.push(next);
      wires[sender]!.socket.write(message);
      sender = (sender + 1) % wires.length;
    }
    await turn();
  }
  const isDone = (): boolean => queues.every((due) => due.length === 0);
  while (!isDone() && performance.now() < ends + DRAIN_MS) await turn();
  if (!isDone()) throw new Error("answers are missing");
  return lateUs;
}
