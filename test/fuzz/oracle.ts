// What a case must give, by the reference decoder of test/support, which sees the stream whole and knows no chunk.

import { violations } from "../../bindings/errors/violations.ts";
import { hex } from "../support/octets.ts";
import { referenceDecode } from "../support/reference.ts";
import { inflated } from "./extension.ts";
import type { StreamCase } from "./stream-case.ts";
import { closeEvent, packed } from "./trace.ts";

export interface Expectation {
  readonly wire: readonly string[];
  /** "" without a fault. */
  readonly code: string;
  readonly byteOffset: number;
}

/** A reference event in the words of a trace. */
function wordsOf(event: string): string {
  const space = event.indexOf(" ");
  const name = event.slice(0, space);
  const payload = hex(event.slice(space + 1));
  if (name === "close") {
    if (payload.length === 0) return closeEvent(1005, "");
    return closeEvent(payload[0]! * 256 + payload[1]!, Buffer.from(payload.subarray(2)).toString());
  }
  if (!name.endsWith("+rsv1")) return `${name} ${packed(payload)}`;
  return `${name.replace("+rsv1", "")} ${packed(inflated(payload))}`;
}

/** What a connection must be told of a case. What follows a Close is not read (§5.5.1). */
export function expectedOf({ stream, role, allowedRsv, maxMessageLength }: StreamCase): Expectation {
  const { events, violation, frameOffset } = referenceDecode(stream, { role, allowedRsv, maxMessageLength });
  const closeAt = events.findIndex((event) => event.startsWith("close "));
  const wire = (closeAt === -1 ? events : events.slice(0, closeAt + 1)).map(wordsOf);
  const isFailed = closeAt === -1 && violation !== 0;
  return { wire, code: isFailed ? violations[violation - 1]!.code : "", byteOffset: isFailed ? frameOffset : -1 };
}
