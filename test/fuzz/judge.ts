// Runs a case on everything and says what is wrong: "" for nothing. Between kernels everything must be equal; a Connection,
// a FrameDecoder and the reference decoder must tell the same; ws may differ where disagreements.ts explains it.

import { differenceWithWs } from "./disagreements.ts";
import { documentedCodes } from "./documented.ts";
import { expectedOf } from "./oracle.ts";
import { expectedOutput } from "./output.ts";
import { harmlessActions, type StreamCase } from "./stream-case.ts";
import { type ConnectionTrace, type DecoderTrace, runConnection, runDecoder, type Subject } from "./subjects.ts";
import { difference, verdictText } from "./trace.ts";
import { runWs } from "./ws-receiver.ts";

/** What a case is run on besides the kernels. */
export interface Thoroughness {
  /** The first kernel again, in one chunk. */
  readonly whole?: boolean;
  /** The reference decoder: slow. */
  readonly oracle?: boolean;
  readonly ws?: boolean;
}

export interface Judgement {
  /** What is wrong; "" for nothing. */
  readonly problem: string;
  /** The code of the fault that was found; "" for none. */
  readonly code: string;
  /** The same, by the FrameDecoder. */
  readonly decoderCode: string;
  /** Whether the peer closed. */
  readonly isClosed: boolean;
  /** Which disagreement with ws; "" for none. */
  readonly disagreement: string;
}

type Lines = readonly string[];

function connectionLines({ told, output, verdict, faults, byteOffset }: ConnectionTrace): Lines {
  return [...told, ...output.map((line) => `sent ${line}`), verdictText(verdict), ...faults, `${byteOffset} decoded`];
}

/** What the cut must not change: batches are what it decides, and `terminate` drops the output of its batch. */
function linesOfAnyCut({ actions }: StreamCase, trace: ConnectionTrace): Lines {
  const told = trace.told.filter((line) => line !== "end" && line !== "destroy");
  const output = actions.includes("terminate") ? [] : trace.output;
  // Octets behind a Close are decoded as far as its batch goes.
  return connectionLines({ ...trace, told, output, byteOffset: trace.verdict === null ? 0 : trace.byteOffset });
}

function decoderLines({ frames, verdict, faults }: DecoderTrace): Lines {
  return [...frames, verdictText(verdict), ...faults];
}

/** "" or what differs, in words. */
function compare(what: string, one: Lines, other: Lines, names: readonly [string, string]): string {
  const found = difference(one, other, names);
  return found === "" ? "" : `${what} disagree at ${found}`;
}

/** A FrameDecoder reads on behind a Close, and judges frames where a Connection judges messages. */
function compareDecoder(connection: ConnectionTrace, decoder: DecoderTrace): string {
  const codes = [connection.verdict?.code, decoder.verdict?.code];
  if (codes.some((code) => code === "WS_MESSAGE_TOO_LONG" || code === "WS_FRAME_TOO_LONG")) return "";
  const decoderVerdict = decoder.isClosed ? null : decoder.verdict;
  return compare(
    "Connection and FrameDecoder",
    [...connection.wire, verdictText(connection.verdict)],
    [...decoder.wire, verdictText(decoderVerdict)],
    ["Connection", "FrameDecoder"],
  );
}

/** Whether handlers and the ceiling leave what is told as it is, so that others can be compared with it. */
export function isHarmless({ actions, maxProcessBuffered }: StreamCase): boolean {
  return maxProcessBuffered === Number.POSITIVE_INFINITY && actions.every((action) => harmlessActions.includes(action));
}

function compareOracle(given: StreamCase, trace: ConnectionTrace): string {
  const expected = expectedOf(given);
  const { verdict, wire, output } = trace;
  const found = [...wire, `${verdict?.code ?? ""} at ${verdict?.byteOffset ?? -1}`];
  const told = compare(
    "Connection and reference",
    found,
    [...expected.wire, `${expected.code} at ${expected.byteOffset}`],
    ["Connection", "reference"],
  );
  if (told !== "" || given.actions.includes("send")) return told;
  const due = expectedOutput(wire, verdict?.closeCode ?? null);
  return compare("output and RFC 6455 §5.5", output, due, ["sent", "due"]);
}

/** @param subjects  the first is compared with every other */
export function judge(given: StreamCase, subjects: readonly Subject[], how: Thoroughness): Judgement {
  const connections = subjects.map((subject) => runConnection(subject, given));
  const decoders = subjects.map((subject) => runDecoder(subject, given));
  const [connection, decoder] = [connections[0]!, decoders[0]!];
  const problems: string[] = [];
  const check = (problem: string): void => void (problem !== "" && problems.push(problem));

  subjects.forEach(({ label }, index) => {
    for (const fault of [...connections[index]!.faults, ...decoders[index]!.faults]) check(`${label}: ${fault}`);
    if (index === 0) return;
    const names = [subjects[0]!.label, label] as const;
    check(compare("Connections", connectionLines(connection), connectionLines(connections[index]!), names));
    check(compare("FrameDecoders", decoderLines(decoder), decoderLines(decoders[index]!), names));
  });
  for (const { verdict } of [connection, decoder]) {
    if (verdict !== null && !documentedCodes.has(verdict.code)) check(`${verdict.code} is in no page`);
  }
  if (how.whole && given.cuts.length !== 0 && given.maxProcessBuffered === Number.POSITIVE_INFINITY) {
    const whole = { ...given, cuts: [], mayOverwrite: false };
    const names = ["cut", "whole"] as const;
    const again = runConnection(subjects[0]!, whole);
    check(compare("cut and whole", linesOfAnyCut(given, connection), linesOfAnyCut(given, again), names));
    check(compare("cut and whole", decoderLines(decoder), decoderLines(runDecoder(subjects[0]!, whole)), names));
  }
  let disagreement = "";
  if (isHarmless(given)) {
    check(compareDecoder(connection, decoder));
    if (how.oracle) check(compareOracle(given, connection));
    if (how.ws) {
      const theirs = runWs(given);
      check(theirs.fault);
      const found = differenceWithWs(given, connection, theirs);
      disagreement = found.name;
      check(found.problem);
    }
  }
  const code = connection.verdict?.code ?? "";
  const decoderCode = decoder.verdict?.code ?? "";
  const isClosed = connection.wire.at(-1)?.startsWith("close ") === true;
  return { problem: problems.join("\n"), code, decoderCode, isClosed, disagreement };
}
