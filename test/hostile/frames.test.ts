// Every frame of the corpus against the sans-IO endpoint: the whole of what handlers hear and the peer reads, however the
// octets are cut, and whatever comes behind. Sections of the RFC stand with the inputs in corpus.ts.

import * as assert from "uvu/assert";
import type { PeerError } from "../../bindings/errors/classes.ts";
import { endpoint, textEvent } from "../connection/support.ts";
import { poison } from "../support/current-kernel.ts";
import { concat } from "../support/octets.ts";
import { cutAt, octetByOctet, Peer } from "../support/peer.ts";
import { referenceDecode } from "../support/reference.ts";
import { CORPUS_LIMIT, hostileFrames } from "./corpus.ts";
import { connectionTo } from "./floods.ts";
import { checkInput, checkRow, endpointFor, eventsOf } from "./frames-support.ts";
import { hostileKernels, kernelSuite } from "./on-kernels.ts";

/** Where an input need not be cut at every octet for the cuts to differ. */
const LONG = 100;

for (const tested of hostileKernels) {
  const test = kernelSuite("frames", tested);

  test("a declared length of 2^63 or more is a violation at the header (§5.2)", () => {
    checkRow("reserved lengths");
  });

  test("a declared length of 2^53 + 1, 2^32 or the limit and one passes the limit at the header", () => {
    checkRow("declared lengths");
  });

  test("a declared length within the limit is waited for", () => {
    checkRow("declared, never sent");
  });

  test("a length that is not in its shortest form is a violation at the header (§5.2)", () => {
    checkRow("lengths not minimal");
  });

  test("an unmasked client's frame and a masked server's are violations at the header (§5.1)", () => {
    checkRow("masks");
  });

  test("a reserved bit is a violation at the header, on every kind of frame (§5.2)", () => {
    checkRow("reserved bits");
  });

  test("a reserved opcode is a violation at the header (§5.2)", () => {
    checkRow("reserved opcodes");
  });

  test("a control frame that is fragmented or longer than 125 octets is a violation at the header (§5.5)", () => {
    checkRow("control frames");
  });

  test("a continuation of nothing, and a message inside a message, are violations at the header (§5.4)", () => {
    checkRow("continuations");
  });

  test("a thousand fragments, one octet long or empty, are one message (§5.4)", () => {
    checkRow("fragments without number");
  });

  test("the octets of a message are counted anew for the next (§10.4)", () => {
    checkRow("counters");
  });

  test("control frames between fragments, however many, are answered and leave the message whole (§5.4, §5.5)", () => {
    checkRow("floods of control frames");
  });

  test("a Close of one octet, with a code that may not be sent, or with a reason that is not UTF-8, is refused (§5.5.1)", () => {
    checkRow("close payloads");
  });

  test("every close code that may be sent is accepted, 1012 to 1014 and 3000 to 4999 among them (§7.4)", () => {
    checkRow("close codes");
  });

  test("frames behind a Close, another Close among them, are ignored, and the closing handshake is clean (§5.5.1)", () => {
    checkRow("frames after Close");
  });

  test("of all 65536 close codes those that the RFC lets be sent are accepted, and no other (§7.4)", () => {
    const peer = new Peer("client");
    for (let code = 0; code < 65536; code++) {
      const mayBeSent =
        (code >= 1000 && code <= 1014 && (code < 1004 || code > 1006)) || (code >= 3000 && code <= 4999);
      const connection = connectionTo(undefined, { role: "client" });
      connection.receive(peer.close(code));
      const { received, error } = connection.closeReport!;
      const found = received?.code ?? (error as PeerError).code;
      assert.is(found, mayBeSent ? code : "WS_CLOSE_CODE", `Close code ${code}`);
    }
  });

  test("one octet a chunk gives every input of the corpus the same verdict and the same events", () => {
    for (const input of hostileFrames) checkInput(input, octetByOctet(input.octets), "one octet a chunk");
  });

  test("one octet a chunk, with linear memory overwritten between chunks, gives short inputs the same", () => {
    for (const input of hostileFrames) {
      if (input.octets.length > LONG) continue;
      const { connection, events } = endpointFor(input);
      for (const octet of octetByOctet(input.octets)) {
        connection.receive(octet);
        poison(tested.kernel);
      }
      assert.equal(events, eventsOf(input, false), `${input.name}, to a ${input.role}`);
    }
  });

  test("a chunk a frame, and every cut of a short input, give the same verdict and the same events", () => {
    for (const input of hostileFrames) {
      checkInput(input, input.frames, "a chunk a frame");
      if (input.octets.length > LONG) continue;
      for (let cut = 1; cut < input.octets.length; cut++) {
        checkInput(input, cutAt(input.octets, cut), `cut at ${cut}`);
      }
    }
  });

  test("a chunk that may be overwritten gives the same verdict and the same events", () => {
    for (const input of hostileFrames) {
      const { connection, events } = endpointFor(input);
      connection.receive(input.octets.slice(), { mayOverwrite: true });
      connection.receiveEnd();
      assert.equal(events, eventsOf(input, true), `${input.name}, to a ${input.role}`);
    }
  });

  test("what comes behind a verdict is not heard, and a connection that goes on hears it", () => {
    for (const input of hostileFrames) {
      const peer = new Peer(input.role);
      const { connection, events } = endpointFor(input);
      connection.receive(concat(input.octets, peer.text("behind"), peer.ping("behind"), peer.close(1000)));
      const isHeard = input.verdict === "open" && input.row !== "declared, never sent";
      const heard = isHeard ? ["text 62 65 68 69 6e 64", "ping 62 65 68 69 6e 64"] : [];
      const expected = [...eventsOf(input, false), ...heard];
      assert.equal(events.slice(0, expected.length), expected, `${input.name}, to a ${input.role}`);
      if (input.row !== "declared, never sent") assert.is(events.length, expected.length, input.name);
    }
  });

  test("a verdict is there with the first octet that settles it, no later and no sooner", () => {
    for (const input of hostileFrames) {
      if (!input.verdict.startsWith("WS_")) continue;
      const rules = { role: input.role, maxMessageLength: CORPUS_LIMIT };
      const { settledAt } = referenceDecode(input.octets, rules);
      const { connection, errors } = endpointFor(input);
      connection.receive(input.octets.subarray(0, settledAt - 1));
      assert.is(errors.length, 0, `${input.name}, to a ${input.role}: before octet ${settledAt}`);
      connection.receive(input.octets.subarray(settledAt - 1, settledAt));
      assert.is(errors.length, 1, `${input.name}, to a ${input.role}: at octet ${settledAt}`);
    }
  });

  test("an endpoint that failed leaves every other as it was", () => {
    const { receive, peer, events } = endpoint();
    receive(peer.text("", false));
    for (const input of hostileFrames) {
      endpointFor(input).receive(input.octets);
      receive(peer.more("x", false));
    }
    receive(peer.more(""));
    assert.equal(events, [textEvent("x".repeat(hostileFrames.length))]);
  });

  test.run();
}
