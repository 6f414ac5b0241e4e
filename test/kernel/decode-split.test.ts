// Conversations cut by the transport: whole, octet by octet, at every cut, and with trailing octets, the same messages come
// out, and faults are seen as soon as they can be. Memory is poisoned between calls (see driver.ts).

import * as assert from "uvu/assert";
import * as K from "../../assembly/constants.ts";
import { DecodeDriver, decodeCut } from "../support/driver.ts";
import { frame } from "../support/frames.ts";
import { kernelSuite, kernels } from "../support/kernels.ts";
import { concat, filled, hex, Random, toHex, utf8 } from "../support/octets.ts";
import { type Rules, referenceDecode } from "../support/reference.ts";

const keys = new Random(6);

/** A conversation with every kind of frame, as a client or a server sends it. */
function conversation(masked: boolean): Uint8Array {
  const key = (): { maskingKey?: Uint8Array } => (masked ? { maskingKey: keys.octets(4) } : {});
  return concat(
    frame({ opcode: 1, payload: utf8("κόσμε €𤭢 and ASCII"), ...key() }),
    frame({ opcode: 9, payload: hex("00 ff fe"), ...key() }),
    frame({ opcode: 1, fin: false, payload: hex("41 f0 a4"), ...key() }),
    frame({ opcode: 10, ...key() }),
    frame({ opcode: 0, fin: false, payload: hex("ad"), ...key() }),
    frame({ opcode: 0, fin: false, ...key() }),
    frame({ opcode: 0, payload: hex("a2 42"), ...key() }),
    frame({ opcode: 1, rsv: 4, fin: false, payload: hex("ff c0"), ...key() }),
    frame({ opcode: 0, payload: hex("80"), ...key() }),
    frame({ opcode: 2, ...key() }),
    frame({ opcode: 2, payload: filled(126, 0xfe), ...key() }),
    frame({ opcode: 1, ...key() }),
    frame({ opcode: 9, payload: filled(125, 0x80), ...key() }),
    frame({ opcode: 8, payload: concat(hex("03 e8"), utf8("auf Wiedersehen, schöne Welt")), ...key() }),
  );
}

const expected = referenceDecode(conversation(false), { role: "client", allowedRsv: 4 });

for (const entry of kernels) {
  const { kernel } = entry;
  const test = kernelSuite("decode splits", entry);

  for (const role of ["server", "client"] as const) {
    const rules: Rules = { role, allowedRsv: 4 };
    const stream = conversation(role === "server");

    test(`as ${role}, gives the same messages whole and octet by octet (§5.4)`, () => {
      assert.is(expected.events.length, 10);
      assert.equal(decodeCut(kernel, rules, stream).outcome, expected);
      const everywhere = Array.from({ length: stream.length }, (_, cut) => cut);
      assert.equal(decodeCut(kernel, rules, stream, everywhere).outcome, expected);
    });

    test(`as ${role}, gives the same messages at every cut (§5.4)`, () => {
      for (let cut = 0; cut <= stream.length; cut++) {
        assert.equal(decodeCut(kernel, rules, stream, [cut]).outcome, expected, `cut ${cut}`);
      }
    });

    test(`as ${role}, gives the same messages in chunks of every length to 40 (§5.4)`, () => {
      for (let length = 1; length <= 40; length++) {
        const cuts = Array.from({ length: Math.floor(stream.length / length) }, (_, at) => at * length);
        assert.equal(decodeCut(kernel, rules, stream, cuts).outcome, expected, `chunks of ${length}`);
      }
    });

    test(`as ${role}, gives the same messages with trailing octets, and keeps those (§5.2)`, () => {
      const next = frame({
        opcode: 2,
        payload: hex("01 02 03"),
        ...(role === "server" ? { maskingKey: hex("0a 0b 0c 0d") } : {}),
      });
      for (let trailing = 1; trailing < next.length; trailing++) {
        const driver = decodeCut(kernel, rules, concat(stream, next.subarray(0, trailing)));
        assert.equal(driver.outcome.events, expected.events, `${trailing} trailing octets`);
        driver.receive(next.subarray(trailing));
        assert.equal(
          driver.outcome.events,
          [...expected.events, "binary 01 02 03"],
          `${trailing} trailing octets, and the rest`,
        );
      }
    });
  }

  test("carries the masking key through pieces of every length (§5.3)", () => {
    const payload = new Random(7).octets(301);
    const stream = frame({ opcode: 2, payload, maskingKey: hex("81 42 c3 fe") });
    for (let length = 1; length <= 70; length++) {
      const cuts = Array.from({ length: Math.floor(stream.length / length) }, (_, at) => at * length);
      assert.equal(
        decodeCut(kernel, { role: "server" }, stream, cuts).outcome.events,
        [`binary ${toHex(payload)}`],
        `chunks of ${length}`,
      );
    }
  });

  test("carries a frame longer than the input region", () => {
    const payload = new Random(8).octets(200_000);
    const stream = frame({ opcode: 2, payload, maskingKey: hex("81 42 c3 fe") });
    const driver = new DecodeDriver(kernel, { role: "server" });
    for (let at = 0; at < stream.length; at += 65_535) driver.receive(stream.subarray(at, at + 65_535));
    assert.is(Buffer.compare(concat(...driver.records.map((record) => record.payload)), payload), 0);
    assert.is(driver.records.filter((record) => record.bits & K.RECORD_MESSAGE_END).length, 1);
  });

  test("sees each fault at the octet that settles it (§5.2, §8.1)", () => {
    const wrong: Record<string, string> = {
      "reserved opcode": "83 80",
      "ping without FIN": "09 80",
      "length not minimal": "82 fe 00 7d",
      "top bit of a length": "82 ff 80 00 00 00 00 00 00 00",
      "text past U+10FFFF (case 6.4)": "81 95 00 00 00 00 ce ba e1 bd b9 cf 83 ce bc ce b5 f4 90",
      "lone continuation": "81 85 00 00 00 00 41 80",
      "text that ends inside a character": "81 82 00 00 00 00 41 c3",
      "close code 1005": "88 82 00 00 00 00 03 ed",
    };
    for (const [name, frameHex] of Object.entries(wrong)) {
      const stream = concat(hex("89 80 00 00 00 00"), hex(frameHex));
      const driver = new DecodeDriver(kernel, { role: "server" });
      for (let at = 0; at < stream.length; at++) {
        assert.is(driver.violation, 0, `${name}: nothing is wrong before octet ${at}`);
        driver.receive(concat(stream.subarray(at, at + 1)));
      }
      assert.is(driver.settledAt, stream.length, name);
    }
  });

  test.run();
}
