// The two verdicts on a case: on what came, and on how the connection ended. Pure functions of facts.

import type { Case, Event } from "./case.ts";
import type { CloseFacts } from "./endpoint.ts";
import { lengthOf, octetsOf } from "./payload.ts";
import type { Role } from "./wire.ts";

export type Behavior = "OK" | "NON-STRICT" | "INFORMATIONAL" | "UNIMPLEMENTED" | "FAILED";
export type BehaviorClose = "OK" | "INFORMATIONAL" | "UNCLEAN" | "WRONG CODE" | "FAILED BY CLIENT" | "FAILED";

export interface Verdict {
  /** On the events. */
  readonly behavior: Behavior;
  /** On the close. */
  readonly behaviorClose: BehaviorClose;
}

/** Of a connection that never opened. */
export const neverOpened: Verdict = { behavior: "FAILED", behaviorClose: "FAILED" };

/** Whether two events are the same to a case. */
export function isSameEvent(a: Event, b: Event, compare: Case["compare"]): boolean {
  if (a.kind !== b.kind || lengthOf(a.payload) !== lengthOf(b.payload)) return false;
  return compare === "length" || Buffer.compare(octetsOf(a.payload), octetsOf(b.payload)) === 0;
}

/** Whether two lists of events are the same to a case. */
export function areSameEvents(a: readonly Event[], b: readonly Event[], compare: Case["compare"]): boolean {
  return a.length === b.length && a.every((event, index) => isSameEvent(event, b[index]!, compare));
}

/** @param role  of the test side */
export function judge(tested: Case, role: Role, events: readonly Event[], facts: CloseFacts): Verdict {
  if (tested.isInformational) return { behavior: "INFORMATIONAL", behaviorClose: "INFORMATIONAL" };
  return { behavior: behaviorOf(tested, events, facts), behaviorClose: behaviorCloseOf(tested, role, facts) };
}

function behaviorOf(tested: Case, events: readonly Event[], facts: CloseFacts): Behavior {
  const { alsoFails, compare, compression, ok, nonStrict } = tested;
  if (facts.violation !== null) return "FAILED";
  if (compression !== null && facts.agreed === null) return events.length === 0 ? "UNIMPLEMENTED" : "FAILED";
  if (alsoFails === "wrong code" && hasWrongCode(tested, facts)) return "FAILED";
  if (alsoFails === "our close" && facts.closedByUs) return "FAILED";
  if (areSameEvents(events, ok, compare)) return "OK";
  return nonStrict !== null && areSameEvents(events, nonStrict, compare) ? "NON-STRICT" : "FAILED";
}

function behaviorCloseOf(tested: Case, role: Role, facts: CloseFacts): BehaviorClose {
  if (facts.closedByUs !== (tested.ending !== "peer fails")) return "FAILED";
  if (tested.needsCleanClose && !facts.wasClean) return "UNCLEAN";
  if (hasWrongCode(tested, facts)) return "WRONG CODE";
  if (role === "client" && facts.gaveUp) return "FAILED BY CLIENT";
  return "OK";
}

function hasWrongCode({ closeCodes }: Case, { closeCode }: CloseFacts): boolean {
  return closeCode !== null && !closeCodes.includes(closeCode);
}
