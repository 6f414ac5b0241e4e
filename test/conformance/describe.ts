// A case in one line, for lists and for the names of tests.

import type { Case, Compression, Event, Step } from "./case.ts";
import { lengthOf, type Payload } from "./payload.ts";
import type { Frame } from "./wire.ts";

const opcodeNames: Readonly<Record<number, string>> = {
  0: "continuation",
  1: "text",
  2: "binary",
  8: "close",
  9: "ping",
  10: "pong",
};

const SHOWN_STEPS = 8;

const sized = (name: string, payload: Payload): string => `${name}(${lengthOf(payload)})`;

function nameOf({ opcode, payload = "", fin = true, rsv = 0 }: Frame): string {
  const name = sized(opcodeNames[opcode] ?? `opcode ${opcode}`, payload);
  return `${name}${fin ? "" : "-"}${rsv === 0 ? "" : ` RSV ${rsv}`}`;
}

function describeStep(step: Step): string {
  if ("wait" in step) return `wait ${step.wait.seconds} s`;
  if ("close" in step) {
    const { close } = step;
    return close.length < 2 ? sized("close", close) : `close ${close[0]! * 256 + close[1]!}(${close.length - 2})`;
  }
  if ("message" in step) return `${nameOf(step.message)} in fragments of ${step.fragmentLength}`;
  if ("parts" in step) return `${nameOf(step.frame)} in ${step.waits.length + 1} parts, 1 s apart`;
  return nameOf(step.frame);
}

const nameOfEvent = ({ kind, payload }: Event): string => sized(kind, payload);

/** Lists short lists, counts long ones. */
const list = (names: readonly string[]): string =>
  names.length <= SHOWN_STEPS
    ? names.join(", ")
    : `${names.slice(0, SHOWN_STEPS).join(", ")} and ${names.length - SHOWN_STEPS} more`;

function describeCompression({ corpus, kind, wishes, ...compression }: Compression, rounds: number): string {
  const { messageLength, fragmentLength } = compression;
  const unit = kind === "text" ? "code points" : "octets";
  const fragments = fragmentLength === null ? "" : ` in fragments of ${fragmentLength}`;
  const asked = wishes.map(({ contextTakeover, windowBits }) => {
    const words = [!contextTakeover && "no context takeover", windowBits !== null && `a window of ${windowBits} bits`];
    return words.filter((word) => word !== false).join(" and ") || "nothing";
  });
  return (
    `${kind} of ${messageLength} ${unit} of ${corpus}, compressed${fragments}, ${rounds} times, ` +
    `asking the peer for ${asked.join(", else ")}: each comes back`
  );
}

/** A frame without FIN ends with "-"; lengths in octets stand in parentheses. */
export function describeCase(tested: Case): string {
  const { compression, steps, pace, rounds, ok, ending, closeCodes, isInformational } = tested;
  if (compression !== null) return describeCompression(compression, rounds);
  const paces = typeof pace === "object" ? `, in pieces of ${pace.chop}` : pace === "together" ? "" : `, ${pace}`;
  const sent = `${list(steps.map(describeStep))}${paces}${rounds > 1 ? `, ${rounds} times` : ""}`;
  const events = ok.filter(({ kind }) => kind !== "wait").map(nameOfEvent);
  const endings = {
    echo: `back comes ${list(events)}`,
    "our close": `answered by a Close (${closeCodes.join(", ")})`,
    "peer fails": `${events.length === 0 ? "" : `back comes ${list(events)}; `}the peer fails the connection (${closeCodes})`,
  };
  return `${sent}: ${isInformational ? "informational" : endings[ending]}`;
}
