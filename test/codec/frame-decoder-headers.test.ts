// FrameDecoder and all 65,536 first two octets of a frame, whole and cut between the two: the same frame or the same error, and
// what the two decide is said at the second. RFC 6455 §5.2.

import { FrameDecoder, type FrameSink } from "../../bindings/codec/frame-decoder.ts";
import { same } from "../support/assertions.ts";
import { builtOnKernel } from "../support/current-kernel.ts";
import { endpointSituations, forEveryPair, sameError, situationName, type Trial } from "../support/every-pair.ts";
import { kernels } from "../support/kernels.ts";

/** Remembers the last frame only. */
class LastFrame implements FrameSink {
  count = 0;
  first = -1;
  payloadLength = -1;

  frame(opcode: number, flags: number, payload: Uint8Array): void {
    this.count++;
    this.first = flags | opcode;
    this.payloadLength = payload.length;
  }
}

for (const tested of kernels) {
  const test = builtOnKernel("FrameDecoder's headers", tested);

  for (const situation of endpointSituations) {
    const { role, allowedRsv, fragmentation } = situation;
    const openCount = fragmentation.open === undefined ? 0 : 1;

    const judge = (trial: Trial, chunks: readonly Uint8Array[]): void => {
      const { expected, stream, frameAt, where } = trial;
      const decoder = new FrameDecoder({ role, allowedRsv });
      const sink = new LastFrame();
      let error: unknown = null;
      for (const chunk of chunks) error = decoder.decode(chunk, sink);
      same(sink.count, openCount + (expected.violation ? 0 : 1), () => `frames of ${where()}`);
      if (expected.violation) {
        sameError(error, trial);
        return;
      }
      same(error, null, () => `error of ${where()}`);
      same(sink.first, stream[frameAt]!, () => `opcode and flags of ${where()}`);
      same(sink.payloadLength, expected.payloadLength, () => `payload's length of ${where()}`);
      same(decoder.isInside, expected.opens, () => `whether a message is open after ${where()}`);
    };

    test(`judges every first two octets, whole and cut between them, ${situationName(situation)} (§5.2)`, () => {
      forEveryPair(situation, judge);
    });
  }

  test.run();
}
