// Input around the moments when a connection lets go of its parts: what a chunk cuts, what waits for a pause, a hold, a loop or
// a turn, and what an extension remembers is kept; places and violations are those of the whole stream.

import * as assert from "uvu/assert";
import { heldOctets } from "../../bindings/connection/budget.ts";
import type { ConnectionExtension } from "../../bindings/connection/extension.ts";
import { Inbox } from "../../bindings/connection/inbox.ts";
import type { PeerError } from "../../bindings/errors/classes.ts";
import { builtOnKernel, poison } from "../support/current-kernel.ts";
import { kernels } from "../support/kernels.ts";
import { concat, filled, hex } from "../support/octets.ts";
import { partsOf, quiet } from "./parts-support.ts";
import { type Endpoint, endpoint, FakeTick, settled, textEvent } from "./support.ts";

for (const tested of kernels) {
  const test = builtOnKernel("parts and input", tested);

  test("whatever a chunk cuts goes on behind a quiet tick: headers, payloads, text, messages, control frames", () => {
    const plain = endpoint();
    const { peer } = plain;
    const frames = [
      peer.text("é€😀", false),
      peer.ping("ping"),
      peer.more("", false),
      peer.more("ü".repeat(70)),
      peer.binary("", false),
      peer.pong("pong"),
      peer.more(""),
      peer.text(""),
      peer.binary(filled(200, 1)),
      peer.close(1000, "bye"),
    ];
    const stream = concat(...frames);
    plain.receive(stream);
    plain.connection.receiveEnd();
    const between = new Set([0, ...ends(frames, [3, 6, 7, 8])]); // behind a whole message, or before anything
    for (let cut = 0; cut < stream.length; cut++) {
      const end = endpoint();
      end.receive(stream.subarray(0, cut));
      end.tick.end();
      quiet(end);
      assert.is(partsOf(end).includes("receiver"), !between.has(cut), `cut at ${cut}`);
      assert.is(end.connection.byteOffset <= cut, true);
      poison(tested.kernel);
      end.receive(stream.subarray(cut));
      end.connection.receiveEnd();
      assert.equal(end.events, plain.events, `cut at ${cut}`);
      assert.equal(end.sent(), plain.sent());
      assert.is(end.connection.byteOffset, plain.connection.byteOffset);
    }
  });

  /** Where those frames end. */
  function ends(frames: readonly Uint8Array[], indexes: readonly number[]): number[] {
    return indexes.map((last) => frames.slice(0, last + 1).reduce((sum, { length }) => sum + length, 0));
  }

  test("octet by octet with a quiet tick behind each", () => {
    const plain = endpoint();
    const { peer } = plain;
    const stream = concat(peer.text("ü€😀".repeat(50)), peer.text("a", false), peer.ping("x"), peer.more("€"));
    plain.receive(stream);
    const end = endpoint();
    for (const octet of stream) {
      end.receive(Uint8Array.of(octet));
      end.tick.end();
      quiet(end);
    }
    assert.equal(end.events, plain.events);
    assert.equal(partsOf(end), []);
  });

  test("byteOffset goes on, and an error names its place in the whole stream", () => {
    const faults = [
      { octets: (end: Endpoint) => end.peer.frame(3), octetAt: undefined },
      { octets: (end: Endpoint) => end.peer.text(hex("61 62 ff")), octetAt: 8 },
      {
        octets: (end: Endpoint) => end.peer.binary("x", true).map((octet, at) => (at === 1 ? octet & 127 : octet)),
        octetAt: undefined,
      },
    ];
    for (const { octets, octetAt } of faults) {
      const end = endpoint();
      const { connection, peer, errors } = end;
      let length = 0;
      for (const text of ["one", "two", "three"]) {
        const frame = peer.text(text);
        end.receive(frame);
        length += frame.length;
        quiet(end);
        assert.is(connection.byteOffset, length);
        assert.equal(partsOf(end), []);
      }
      end.receive(octets(end));
      const error = errors[0] as PeerError & { byteOffset?: number; octetOffset?: number };
      assert.is(error.byteOffset, length);
      assert.is(error.octetOffset, octetAt === undefined ? undefined : length + octetAt);
    }
  });

  test("a message before which nothing of it came does not continue the one before (§5.4)", () => {
    const end = endpoint();
    end.receive(end.peer.text("a"));
    quiet(end);
    end.receive(end.peer.more("b"));
    assert.equal(end.events, [textEvent("a"), "error WS_CONTINUATION_UNEXPECTED"]);
  });

  test("a pause outlasts any number of ticks, with what came and what comes", () => {
    const end = endpoint();
    const { connection, peer, events } = end;
    connection.pause();
    for (let round = 0; round < 3; round++) {
      end.receive(peer.text(`${round}`));
      quiet(end);
      quiet(end);
    }
    assert.equal(events, []);
    assert.is(connection.isPaused, true);
    connection.resume();
    assert.equal(events, ["0", "1", "2"].map(textEvent));
    quiet(end);
    assert.equal(partsOf(end), []);
    connection.pause();
    quiet(end);
    end.receive(peer.text("3"));
    assert.is(events.length, 3);
    connection.resume();
    assert.is(events.length, 4);
  });

  test("a stall and a hold outlast ticks too", () => {
    for (const kind of ["stall", "hold"] as const) {
      const end = endpoint({ role: "client" });
      const { connection, peer, events } = end;
      connection.gate[kind]();
      quiet(end);
      end.receive(peer.text("a"));
      quiet(end);
      assert.equal(events, []);
      connection.send("out");
      if (kind === "stall") connection.resume();
      else while (connection.gate.release());
      end.tick.end();
      assert.equal(events, [textEvent("a")]);
      assert.equal(end.sent(), [textEvent("out")]);
      quiet(end);
      assert.equal(partsOf(end), []);
    }
  });

  test("who keeps messages keeps the gate, and hears what becomes of the connection", async () => {
    const end = endpoint({ role: "client" });
    const { connection, peer } = end;
    const inbox = new Inbox(connection.gate, (run) => queueMicrotask(run));
    quiet(end);
    assert.ok(partsOf(end).includes("gate"));
    assert.is(connection.gate.keeper, inbox);
    inbox.put("kept");
    await settled();
    quiet(end);
    assert.ok(heldOctets() > 0, "what waits is charged");
    end.receive(peer.text("a"));
    quiet(end);
    const loop = inbox.iterate();
    assert.equal(await loop.next(), { done: false, value: "kept" });
    assert.is(heldOctets(), 0);
  });

  test("a quiet tick while a turn is waited for keeps what waits", () => {
    const turn = new FakeTick();
    const end = endpoint({}, {}, { nextTurn: turn.tickEnd, stepMs: 0.25 });
    const texts = Array.from({ length: 100 }, (_, index) => `${index}`);
    end.receive(concat(...texts.map((text) => end.peer.text(text))));
    for (; turn.isAwaited; turn.end()) quiet(end);
    assert.equal(end.events, texts.map(textEvent));
    quiet(end);
    assert.equal(partsOf(end), []);
  });

  test("an extension has a state of its own: its receiver stays", () => {
    let made = 0;
    const extension: ConnectionExtension = {
      allowedRsv: 4,
      consume(next) {
        made++;
        return { piece: next.piece.bind(next), drop: next.drop.bind(next) };
      },
    };
    const end = endpoint({}, {}, { extension });
    end.receive(end.peer.text("a"));
    quiet(end);
    assert.ok(partsOf(end).includes("receiver"));
    end.receive(end.peer.text("b"));
    assert.is(made, 1);
    assert.equal(end.events, ["a", "b"].map(textEvent));
  });

  test.run();
}
