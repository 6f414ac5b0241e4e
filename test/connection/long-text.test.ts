// Long text, which the platform validates: a batch of records ends after each, and who listens cannot tell. What handlers may
// do between two messages of a chunk, they may do between these; RFC 6455 §8.1.

import * as assert from "uvu/assert";
import { LONG_TEXT, RECORD_CAPACITY } from "../../assembly/constants.ts";
import { heldOctets } from "../../bindings/connection/budget.ts";
import { builtOnKernel, poison } from "../support/current-kernel.ts";
import { kernels } from "../support/kernels.ts";
import { concat, hex, utf8 } from "../support/octets.ts";
import type { Peer } from "../support/peer.ts";
import { type Endpoint, endpoint } from "./support.ts";
import { RECORDS_PER_LOOK, turning } from "./turns-support.ts";

/** The text of one message. */
const long = (index: number): string => `${index} ${"é".repeat(LONG_TEXT / 2)}`;

const longTexts = (peer: Peer, count: number): Uint8Array =>
  concat(...Array.from({ length: count }, (_, index) => peer.text(long(index))));

const texts = (count: number): string[] => Array.from({ length: count }, (_, index) => long(index));

/** Text that the platform has to judge, wrong at its end. */
const wrong = concat(utf8(long(0)), hex("c3 28"));

for (const tested of kernels) {
  const test = builtOnKernel("long text", tested);

  test("takes turns as short text does", () => {
    for (const looks of [1, 2]) {
      const { connection, data, peer, turn } = turning({}, {}, looks);
      connection.receive(longTexts(peer, 100));
      assert.is(data.length, looks * RECORDS_PER_LOOK);
      while (turn.isAwaited) {
        const told = data.length;
        poison(tested.kernel);
        turn.end();
        assert.ok(data.length > told && data.length - told <= looks * RECORDS_PER_LOOK); // windows cut texts in two records
      }
      assert.equal(data, texts(100));
      assert.is(heldOctets(), 0);
    }
  });

  test("waits behind a pause, with what follows it", () => {
    const end = endpoint({}, { message: (connection) => connection.pause() });
    end.receive(concat(longTexts(end.peer, 3), end.peer.text(wrong), end.peer.text("never")));
    for (let count = 1; count <= 3; count++) {
      assert.equal([end.data, end.errors.length], [texts(count), 0]);
      poison(tested.kernel);
      end.connection.resume();
    }
    assert.is((end.errors[0] as { code?: string }).code, "WS_INVALID_UTF8");
    assert.equal(end.data, texts(3));
  });

  test("is the last that a handler hears which ends the connection", () => {
    const end = endpoint({}, { message: (connection) => connection.terminate() });
    end.receive(concat(longTexts(end.peer, 2), end.peer.text(wrong)));
    assert.equal([end.data, end.errors], [texts(1), []]);
  });

  test("is followed by the rest where its handler brings octets to this connection and to another", () => {
    const other = endpoint();
    let end: Endpoint | null = null;
    const feed = (): void => {
      if (end!.data.length === 1) end!.connection.receive(end!.peer.text("fed"));
      other.receive(other.peer.text(long(end!.data.length)));
    };
    end = endpoint({}, { message: feed });
    end.receive(longTexts(end.peer, 3));
    assert.equal(end.data, [...texts(3), "fed"]);
    assert.equal(other.data, [1, 2, 3, 4].map(long));
  });

  test("is handed out as octets of the chunk, where that is given away", () => {
    const end = endpoint({ text: "bytes" });
    end.connection.receive(concat(longTexts(end.peer, 2), end.peer.text("é")), { mayOverwrite: true });
    assert.equal(
      end.data.map((octets) => new TextDecoder().decode(octets as Uint8Array)),
      [...texts(2), "é"],
    );
  });

  test("may be the last record that one call has room for", () => {
    for (const before of [RECORD_CAPACITY - 2, RECORD_CAPACITY - 1, RECORD_CAPACITY]) {
      const { data, peer, receive } = endpoint();
      const short = Array.from({ length: before }, () => peer.text("a"));
      receive(concat(...short, peer.text(long(0)), peer.text("b")));
      assert.equal(data.slice(before), [long(0), "b"], `after ${before} messages`);
    }
  });

  test.run();
}
