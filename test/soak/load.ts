// The load of the soak in a process of its own: residents that stay and talk, visitors that come and go, every answer checked.

import { obey } from "../hostile/processes.ts";
import { Random } from "../support/octets.ts";
import { Letters } from "./letters.ts";
import { type Past, Resident, type Start, visit } from "./lives.ts";

export interface LoadStart {
  readonly port: number;
  readonly seed: number;
  readonly residentCount: number;
  /** The number of the load's first connection; others have those above. */
  readonly firstId: number;
}

/** A part of the run. */
export interface Stage {
  readonly messageCount: number;
  readonly visitorCount: number;
  /** When it ends though there is more to do; Infinity for never. */
  readonly seconds: number;
}

export interface LoadTally {
  /** Echoes that came back right, and their octets. */
  readonly messageCount: number;
  readonly octetCount: number;
  /** Connections that are over; those whose handshake was done; those that ended with a closing handshake. */
  readonly connectionCount: number;
  readonly upgradedCount: number;
  readonly properCount: number;
  /** The longest life of one that came and went, in ms: one that hung for a while shows here. */
  readonly longestMs: number;
}

/** Visitors at a time. */
const ABREAST = 24;

const residents: Resident[] = [];
/** Of connections that are over. */
const past = { messageCount: 0, octetCount: 0, connectionCount: 0, upgradedCount: 0, properCount: 0, longestMs: 0 };
let plan: LoadStart;
let random: Random;
let letters: Letters;
let nextId = 0;

const nextStart = (): Start => ({ port: plan.port, id: nextId++, random, letters });

function count({ ledger, isUpgraded, isProper }: Past): void {
  past.messageCount += ledger.messageCount;
  past.octetCount += ledger.octetCount;
  past.connectionCount++;
  past.upgradedCount += Number(isUpgraded);
  past.properCount += Number(isProper);
}

function tally(): LoadTally {
  const sum = (name: "messageCount" | "octetCount"): number =>
    residents.reduce((total, { ledger }) => total + ledger[name], past[name]);
  return { ...past, messageCount: sum("messageCount"), octetCount: sum("octetCount") };
}

obey({
  async start(start: LoadStart): Promise<void> {
    plan = start;
    random = new Random(start.seed);
    letters = new Letters(random);
    nextId = start.firstId;
    for (let left = start.residentCount; left > 0; left--) residents.push(await Resident.open(nextStart()));
  },
  async talk({ messageCount, visitorCount, seconds }: Stage): Promise<LoadTally> {
    const endMs = performance.now() + seconds * 1000;
    const isOver = (): boolean => performance.now() >= endMs;
    const messages = { left: messageCount }; // whoever has many under way sends more of them
    let left = visitorCount;
    const visiting = Array.from({ length: ABREAST }, async () => {
      while (left-- > 0 && !isOver()) {
        const startedMs = performance.now();
        count(await visit(nextStart()));
        past.longestMs = Math.max(past.longestMs, performance.now() - startedMs);
      }
    });
    await Promise.all([...visiting, ...residents.map((resident) => resident.talk(messages, isOver))]);
    return tally();
  },
  tally,
  /** What nobody has answered yet: where this does not change, something is lost. */
  waiting: (): string[] => residents.filter(({ ledger }) => ledger.waitingCount > 0).map(({ ledger }) => ledger.next()),
  async leave(): Promise<LoadTally> {
    for (const resident of residents.splice(0)) count(await resident.leave());
    return tally();
  },
});
