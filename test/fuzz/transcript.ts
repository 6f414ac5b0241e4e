// One case again, on everything, with what each said: for whoever follows up a seed.

import { Random } from "../support/octets.ts";
import { allSubjects } from "./all-subjects.ts";
import { kindOf, streamCaseOf } from "./generate.ts";
import { describeHead, headCaseOf, judgeHead } from "./heads.ts";
import { isHarmless } from "./judge.ts";
import { judgeFully } from "./loop.ts";
import { expectedOf } from "./oracle.ts";
import { describeCase, type StreamCase } from "./stream-case.ts";
import { runConnection, runDecoder } from "./subjects.ts";
import { verdictText } from "./trace.ts";
import { runWs } from "./ws-receiver.ts";

/** Of one line; the stream is shown whole. */
const MOST_CHARACTERS = 4000;

function block(title: string, lines: readonly string[]): string {
  return [
    `${title}:`,
    ...lines.map((line) => `  ${line.length > MOST_CHARACTERS ? `${line.slice(0, MOST_CHARACTERS)}…` : line}`),
    "",
  ].join("\n");
}

function streamTranscript(given: StreamCase): string {
  const blocks = [describeCase(given, given.stream.length), ""];
  for (const subject of allSubjects) {
    const { told, output, verdict, faults } = runConnection(subject, given);
    const sent = output.map((line) => `sent ${line}`);
    blocks.push(block(`Connection, ${subject.label}`, [...told, ...sent, verdictText(verdict), ...faults]));
    const decoder = runDecoder(subject, given);
    blocks.push(
      block(`FrameDecoder, ${subject.label}`, [...decoder.frames, verdictText(decoder.verdict), ...decoder.faults]),
    );
  }
  const expected = expectedOf(given);
  blocks.push(
    block("reference decoder", [...expected.wire, `${expected.code || "no fault"} at ${expected.byteOffset}`]),
  );
  const theirs = runWs(given);
  blocks.push(block("ws", [...theirs.wire, verdictText(theirs.verdict)]));
  return blocks.join("\n");
}

/** @returns  the transcript, and what is wrong: "" for nothing */
export function transcriptOf(seed: number): { text: string; problem: string } {
  if (kindOf(seed) === "handshake") {
    const head = headCaseOf(new Random(seed));
    const { problem, code } = judgeHead(head);
    return { text: `handshake\n${describeHead(head)}\n${code || "accepted"}`, problem };
  }
  const given = streamCaseOf(seed);
  const { problem, disagreement } = judgeFully(given);
  const withWs = isHarmless(given) ? disagreement || "agree" : "not compared: a handler ends the connection";
  return { text: `${kindOf(seed)}\n${streamTranscript(given)}\nwsimd and ws: ${withWs}`, problem };
}
