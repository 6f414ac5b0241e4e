// The frames a connection makes: right at every length, in text of any script, for both roles; and whose memory they leave
// from. RFC 6455 §5.2, §5.3, §5.6.

import * as assert from "uvu/assert";
import { BORROW_LENGTH } from "../../bindings/connection/outbox.ts";
import { builtOnKernel, poison } from "../support/current-kernel.ts";
import { frame } from "../support/frames.ts";
import { kernels } from "../support/kernels.ts";
import { concat, filled, Random, utf8 } from "../support/octets.ts";
import { endpoint, settled, textEvent } from "./support.ts";

const roles = ["server", "client"] as const;
const cliffs = [0, 1, 20, 21, 124, 125, 126, 127, 65_535, 65_536, 65_537, 131_072];

/** The one frame that octets are, unmasked. */
function onlyFrame(octets: Uint8Array, masked: boolean): { opcode: number; payload: Uint8Array } {
  const length7 = octets[1]! & 127;
  assert.is(octets[1]! >= 128, masked, "§5.1: a client masks, a server does not");
  const headLength = (length7 === 126 ? 4 : length7 === 127 ? 10 : 2) + (masked ? 4 : 0);
  const key = octets.slice(headLength - 4, headLength);
  const payload = octets.slice(headLength);
  if (masked) for (let at = 0; at < payload.length; at++) payload[at]! ^= key[at % 4]!;
  const spec = { opcode: octets[0]! & 15, payload };
  const rebuilt = frame(masked ? { ...spec, maskingKey: key } : spec);
  assert.is(Buffer.compare(rebuilt, octets), 0, "the shortest header, and nothing beside the frame");
  return spec;
}

for (const tested of kernels) {
  const test = builtOnKernel("output frames", tested);

  function check(role: "server" | "client", data: string | Uint8Array, what: string): void {
    const { connection, transport } = endpoint({ role });
    connection.send(data);
    poison(tested.kernel);
    const { opcode, payload } = onlyFrame(transport.octets, role === "client");
    assert.is(opcode, typeof data === "string" ? 1 : 2);
    assert.is(Buffer.compare(payload, typeof data === "string" ? utf8(data) : data), 0, `${role}: ${what}`);
  }

  test("are right on both sides of every length cliff (§5.2)", () => {
    const lengths = [...cliffs, BORROW_LENGTH - 1, BORROW_LENGTH, BORROW_LENGTH + 1, 16_383, 16_384];
    for (const role of roles) {
      for (const length of lengths) {
        check(role, "x".repeat(length), `${length} characters`);
        check(role, new Random(length).octets(length), `${length} octets`);
      }
    }
  });

  test("count text in octets around 125, with characters of every width (§5.6)", () => {
    for (const role of roles) {
      for (const [character, width] of [
        ["a", 1],
        ["é", 2],
        ["漢", 3],
        ["😀", 4],
      ] as const) {
        for (let octets = 115; octets <= 132; octets++) {
          const count = Math.floor(octets / width);
          const text = character.repeat(count) + "z".repeat(octets - count * width);
          check(role, text, `${octets} octets of ${character}`);
        }
      }
    }
  });

  test("count text in octets around the largest block and the 16-bit length (§5.2)", () => {
    for (const role of roles) {
      for (const length of [21_839, 21_840, 21_841, 21_845, 21_846]) {
        for (const character of ["a", "é", "漢"]) check(role, character.repeat(length), `${length} of ${character}`);
      }
      for (const octets of [65_500, 65_521, 65_522, 65_523, 65_524, 65_534, 65_535, 65_536]) {
        check(role, "漢".repeat(Math.floor(octets / 3)) + "z".repeat(octets % 3), `${octets} octets`);
        check(role, "z".repeat(octets), `${octets} octets of ASCII`);
      }
    }
  });

  test("write lone surrogates as U+FFFD (§8.1)", () => {
    for (const role of roles) {
      for (const text of ["\ud800", "a\udc00b", "\ud800\ud800\udc00", "\ud83d".repeat(42), "é\ud800".repeat(30_000)]) {
        const formed = text.replace(/\p{Surrogate}/gu, "\ufffd");
        const { connection, transport } = endpoint({ role });
        connection.send(text);
        assert.is(Buffer.compare(onlyFrame(transport.octets, role === "client").payload, utf8(formed)), 0);
        check(role, formed, "the same, well formed");
      }
    }
  });

  test("follow each other in one block, whatever their lengths", () => {
    for (const role of roles) {
      const { connection, peer, transport } = endpoint({ role });
      const texts = Array.from({ length: 400 }, (_, index) => `${index} ${"é".repeat(index % 130)}`);
      connection.run(() => {
        for (const text of texts) connection.send(text);
      });
      assert.equal(peer.read(transport.octets).events, texts.map(textEvent));
    }
  });

  test("of a client have unlike masking keys (§5.3)", () => {
    const { connection, transport, tick } = endpoint({ role: "client" });
    for (let count = 0; count < 2500; count++) connection.send("");
    tick.end();
    const octets = transport.octets;
    const keys = new Set(Array.from({ length: 2500 }, (_, at) => octets.subarray(at * 6 + 2, at * 6 + 6).join()));
    assert.ok(keys.size > 2490);
  });

  test("of a server borrow large payloads until done, and copy small ones at once", async () => {
    for (const options of [{ binary: true }, { binary: false, trusted: true }]) {
      const { connection, transport } = endpoint();
      const large = filled(BORROW_LENGTH, 0x61);
      const small = filled(BORROW_LENGTH - 1, 0x62);
      const done: string[] = [];
      transport.takes = false;
      connection.send(large, options, () => done.push("large"));
      assert.ok(transport.given.some(({ buffer, length }) => buffer === large.buffer && length === large.length));
      connection.send(small, options, () => done.push("small"));
      small.fill(0xa7);
      await settled();
      assert.equal(done, [], "the transport still has it");
      connection.writeCompleted();
      connection.writeCompleted();
      await settled();
      assert.equal(done, ["large", "small"]);
      assert.ok(transport.given.filter(({ buffer }) => buffer === large.buffer).length === 1);
      assert.not(transport.octets.includes(0xa7), "what was small was copied before send returned");
    }
  });

  test("of a client leave from memory of their own: the caller's octets stay as they are (§5.3)", () => {
    for (const length of [5, 100, BORROW_LENGTH, 100_000]) {
      const { connection, transport } = endpoint({ role: "client" });
      const octets = new Random(length).octets(length);
      const before = octets.slice();
      connection.send(octets);
      assert.is(Buffer.compare(octets, before), 0);
      assert.ok(transport.given.every(({ buffer }) => buffer !== octets.buffer));
    }
  });

  test("never leave from linear memory", () => {
    for (const role of roles) {
      const { connection, transport, peer } = endpoint({ role });
      for (const length of [0, 5, 1000, 20_000, 100_000]) {
        connection.run(() => {
          connection.send("x".repeat(length));
          connection.send(filled(length, 1));
          connection.receive(peer.ping("p"));
        });
      }
      connection.close(1000);
      assert.ok(transport.given.length > 4);
      assert.ok(transport.given.every(({ buffer }) => buffer !== tested.kernel.octets.buffer));
    }
  });

  test("show nothing of what a block held before", () => {
    const secret = endpoint();
    secret.connection.run(() => secret.connection.send(filled(20_000, 0x5e)));
    const next = endpoint();
    next.connection.close(1000, "bye");
    next.connection.flush();
    assert.equal(next.transport.octets, concat(Uint8Array.of(0x88, 5, 3, 0xe8), utf8("bye")));
  });

  test.run();
}
