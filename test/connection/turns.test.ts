// Turns: where a shell serves many connections, one that has much to deliver stops, and goes on when the others have had
// their turn. Here is how long a turn is; whatever comes in however many of them is what would have come at once.

import * as assert from "uvu/assert";
import { RECORD_CAPACITY } from "../../assembly/constants.ts";
import { heldOctets } from "../../bindings/connection/budget.ts";
import type { ConnectionExtension } from "../../bindings/connection/extension.ts";
import type { PieceConsumer } from "../../bindings/connection/pieces.ts";
import { builtOnKernel, poison } from "../support/current-kernel.ts";
import { kernels } from "../support/kernels.ts";
import { concat, filled, Random } from "../support/octets.ts";
import { octetByOctet, Peer } from "../support/peer.ts";
import { endpoint } from "./support.ts";
import { LARGE_LENGTH, land, numbers, RECORDS_PER_LOOK, textsOf, turning } from "./turns-support.ts";

for (const tested of kernels) {
  const test = builtOnKernel("turns", tested);

  test("a turn ends at the look that finds its time over, and the transport stops until all is delivered", () => {
    const count = RECORD_CAPACITY * 2 + 100;
    for (const looks of [1, 2, 3, 8, 9]) {
      for (const way of ["borrowed", "given", "landed"]) {
        const end = turning({}, {}, looks);
        const chunk = numbers(end.peer, 0, count);
        if (way === "landed") land(end, chunk);
        else end.connection.receive(chunk, { mayOverwrite: way === "given" });
        chunk.fill(way === "borrowed" ? 0xff : chunk[0]!, 0, way === "borrowed" ? chunk.length : 1);
        let turnCount = 0;
        for (let told = 0; end.turn.isAwaited; turnCount++) {
          assert.is(end.events.length - told, looks * RECORDS_PER_LOOK, `${way}, turn ${turnCount} of ${looks} looks`);
          told = end.events.length;
          assert.ok(heldOctets() > 0, "what waits for a turn is charged");
          poison(tested.kernel);
          end.turn.end();
        }
        assert.equal(end.events, textsOf(0, count), way);
        assert.is(turnCount, Math.ceil(count / (looks * RECORDS_PER_LOOK)) - 1);
        assert.equal(end.transport.calls, [...Array.from({ length: turnCount }, () => "pause"), "resume"]);
        assert.is(heldOctets(), 0);
      }
    }
  });

  test("where the last look ends the turn and nothing is left, the next one lets the transport go on", () => {
    for (const count of [RECORDS_PER_LOOK, RECORD_CAPACITY]) {
      const end = turning({}, {}, count / RECORDS_PER_LOOK);
      end.receive(numbers(end.peer, 0, count));
      assert.equal(end.transport.calls, ["pause"]);
      assert.is(heldOctets(), 0);
      end.turn.end();
      assert.equal(end.transport.calls, ["pause", "resume"]);
      end.receive(numbers(end.peer, count, count + 1));
      assert.equal(end.events, textsOf(0, count + 1));
    }
  });

  test("ten thousand tiny frames come in order, whatever the length of a turn", () => {
    for (const looks of [1, 7]) {
      const { peer, connection, data, runAll } = turning({}, {}, looks);
      connection.receive(numbers(peer, 0, 10_000));
      assert.is(runAll(), Math.ceil(10_000 / (looks * RECORDS_PER_LOOK)) - 1);
      assert.is(data.length, 10_000);
      assert.ok(data.every((text, index) => text === `${index}`));
      assert.is(connection.byteOffset, numbers(peer, 0, 10_000).length);
      assert.is(heldOctets(), 0);
    }
  });

  test("any conversation, in any chunks, comes as it comes without turns", () => {
    for (let seed = 1; seed <= 24; seed++) {
      const random = new Random(seed);
      const plain = endpoint();
      const cut = turning({}, {}, 1 + (seed % 4));
      const frames: Uint8Array[] = [];
      const peer = new Peer("server");
      const upTo = (limit: number): number => Math.floor(random.below(limit));
      for (let index = 0; index < 400; index++) {
        const kind = upTo(20);
        if (kind === 0) frames.push(peer.binary(filled(upTo(90_000), index)));
        else if (kind === 1) frames.push(peer.text("é".repeat(upTo(40_000)), false), peer.ping("x"), peer.more("…"));
        else if (kind === 2) frames.push(peer.binary("", false), peer.more("", false), peer.more(filled(130, index)));
        else if (kind === 3) frames.push(peer.ping(`${index}`), peer.pong(`${index}`));
        else frames.push(peer.text(`${index}`.padEnd(upTo(140), "é")));
      }
      if (seed % 3 === 0) frames.push(peer.frame(3), peer.text("never"));
      if (seed % 3 === 1) frames.push(peer.close(1000, "done"), peer.text("never"));
      const whole = concat(...frames);
      plain.receive(whole);
      for (let at = 0; at < whole.length; ) {
        const length = 1 + upTo([3, 700, 70_000, 300_000][upTo(4)]!);
        cut.connection.receive(whole.slice(at, at + length), { mayOverwrite: upTo(2) === 0 });
        at += length;
        while (cut.turn.isAwaited && upTo(3) !== 0) cut.turn.end();
      }
      cut.runAll();
      assert.equal(cut.events, plain.events, `seed ${seed}`);
      assert.equal(cut.sent(), plain.sent(), `seed ${seed}`);
      assert.is(cut.connection.byteOffset, plain.connection.byteOffset, `seed ${seed}`);
      assert.is(heldOctets(), 0, `seed ${seed}`);
    }
  });

  test("headers, text and messages that chunks cut go on behind a turn", () => {
    const plain = endpoint();
    const peer = new Peer("server");
    const stream = concat(
      numbers(peer, 0, RECORDS_PER_LOOK),
      peer.text("ü".repeat(200), false),
      peer.ping("between"),
      peer.more("ü€😀"),
      peer.binary(filled(70_000, 1)),
    );
    plain.receive(stream);
    const near = stream.length - 70_000;
    for (let cut = numbers(peer, 0, RECORDS_PER_LOOK).length - 8; cut < stream.length; cut += cut < near ? 1 : 9973) {
      const { connection, events, runAll } = turning();
      connection.receive(stream.subarray(0, cut));
      for (const octet of octetByOctet(stream.subarray(cut, cut + 20))) connection.receive(octet);
      connection.receive(stream.subarray(cut + 20));
      runAll();
      assert.equal(events, plain.events, `cut at ${cut}`);
    }
  });

  test("the output of a turn leaves at its end, as one write", () => {
    const { peer, connection, transport, turn } = turning({}, { message: (context, data) => context.send(data) });
    connection.receive(numbers(peer, 0, 100));
    for (let turnCount = 1; turnCount <= 4; turnCount++, turn.end()) {
      assert.is(transport.writes.length, turnCount);
      assert.is(peer.read(transport.octets).events.length, Math.min(100, turnCount * RECORDS_PER_LOOK));
    }
    assert.equal(peer.read(transport.octets).events, textsOf(0, 100));
  });

  test("half a mebibyte in large chunks, one after the other, is a turn", () => {
    const end = turning({}, {}, 1000);
    const { peer, transport, turn } = end;
    const full = peer.binary(filled(LARGE_LENGTH, 1)); // a header of 14 octets
    assert.is(full.length, 131_072);
    const take = (...chunks: readonly Uint8Array[]): void => {
      for (const chunk of chunks) land(end, chunk);
    };
    take(full, full, full);
    assert.equal(transport.calls, []);
    take(peer.text("shorter"), full, full, full);
    assert.equal(transport.calls, [], "a chunk that is not large ends the succession");
    take(full);
    assert.equal(transport.calls, ["pause"]);
    take(full);
    assert.is(end.data.length, 8, "what was under way waits");
    turn.end();
    assert.is(end.data.length, 9);
    assert.equal(transport.calls, ["pause", "resume"]);
    take(full, full, full);
    assert.equal(transport.calls, ["pause", "resume"]);
    take(full);
    assert.equal(transport.calls, ["pause", "resume", "pause"]);
    turn.end();
    assert.is(heldOctets(), 0);
  });

  test("a shell with nobody else to serve has no turns", () => {
    const { connection, peer, events, transport } = endpoint({}, {}, { stepMs: 10 });
    connection.receive(numbers(peer, 0, 1000));
    for (let count = 0; count < 9; count++) connection.receive(peer.binary(filled(LARGE_LENGTH, 1)));
    assert.is(events.length, 1009);
    assert.equal(transport.calls, []);
  });

  test("an extension has its pieces in order, whatever turns come between", () => {
    const pieces: string[] = [];
    const extension: ConnectionExtension = {
      allowedRsv: 4,
      consume: (next: PieceConsumer): PieceConsumer => ({
        piece(source, bits, start, end) {
          pieces.push(new TextDecoder().decode(source.octets.slice(start, end)));
          next.piece(source, bits, start, end);
        },
        drop: () => next.drop(),
      }),
    };
    const { connection, peer, runAll, events } = turning({}, {}, 1, extension);
    connection.receive(numbers(peer, 0, 600));
    runAll();
    assert.equal(
      pieces,
      Array.from({ length: 600 }, (_, index) => `${index}`),
    );
    assert.equal(events, textsOf(0, 600));
  });

  test.run();
}
