// Turns: where a shell serves many connections, one that has much to deliver stops, and goes on when the others have had
// their turn. Whatever is done meanwhile, what comes of it is what would have come at once.

import * as assert from "uvu/assert";
import { RECORD_CAPACITY } from "../../assembly/constants.ts";
import { heldOctets } from "../../bindings/connection/budget.ts";
import type { Connection } from "../../bindings/connection/connection.ts";
import { Inbox, type Message } from "../../bindings/connection/inbox.ts";
import type { InboundExtension, PieceConsumer } from "../../bindings/connection/pieces.ts";
import type { ConnectionHandlers } from "../../bindings/connection/settings.ts";
import { currentKernel } from "../../bindings/kernel/select.ts";
import { builtOnKernel, poison } from "../support/current-kernel.ts";
import { kernels } from "../support/kernels.ts";
import { concat, filled, Random } from "../support/octets.ts";
import { octetByOctet, Peer } from "../support/peer.ts";
import { closeEvent, copiedBy, type Endpoint, endpoint, FakeTick, settled, textEvent } from "./support.ts";

/** Records between two looks at the clock, and how long a turn may take: as in receiver.ts. */
const RECORDS_PER_LOOK = 32;
const TURN_MS = 0.25;

/** The payload of a large chunk, of which four are a turn. */
const LARGE_LENGTH = 131_072 - 14;

type Handlers = ConnectionHandlers<Connection>;
type Options = Parameters<typeof endpoint>[0];

/** A connection of a shell that serves others too, and the turn for which it waits. */
interface Turning extends Endpoint {
  readonly turn: FakeTick;
  /** Begins turns until none is waited for, and returns how many. */
  runAll(): number;
}

/** @param looks  looks at the clock after which a turn is over, for the clock goes on at each of them */
function turning(options: Options = {}, handlers: Handlers = {}, looks = 1, extension?: InboundExtension): Turning {
  const turn = new FakeTick();
  const shell = { nextTurn: turn.tickEnd, stepMs: TURN_MS / looks, ...(extension && { extension }) };
  const end = endpoint(options, handlers, shell);
  const runAll = (): number => {
    let count = 0;
    for (; turn.isAwaited; count++) {
      assert.ok(count < 10_000, "the turns do not end");
      poison(currentKernel());
      turn.end();
    }
    return count;
  };
  return { ...end, turn, runAll };
}

/** `count` short texts, "0" and so on. */
const numbers = (peer: Peer, from: number, to: number): Uint8Array =>
  concat(...Array.from({ length: to - from }, (_, index) => peer.text(`${from + index}`)));

const textsOf = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, index) => textEvent(`${from + index}`));

for (const tested of kernels) {
  const test = builtOnKernel("turns", tested);
  const { inputPtr } = tested.kernel;

  /** Puts octets where a shell that reads into linear memory has them. */
  function land({ connection }: Endpoint, octets: Uint8Array): void {
    tested.kernel.octets.set(octets, inputPtr);
    connection.receiveLanded(octets.length);
  }

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

  // What the application does.

  test("a pause by the turn's last message outlasts it, and its end goes on", () => {
    for (const pausedAt of [RECORDS_PER_LOOK - 2, RECORDS_PER_LOOK - 1]) {
      const { peer, connection, transport, events, turn, runAll } = turning(
        {},
        { message: (context, data) => data === `${pausedAt}` && context.pause() },
      );
      connection.receive(numbers(peer, 0, 100));
      assert.equal(events, textsOf(0, pausedAt + 1));
      turn.end();
      turn.end();
      assert.is(events.length, pausedAt + 1, "a turn ends no pause");
      assert.ok(!transport.calls.includes("resume"));
      connection.resume();
      assert.ok(events.length > pausedAt + 1);
      runAll();
      assert.equal(events, textsOf(0, 100));
      assert.is(transport.calls.at(-1), "resume");
    }
  });

  test("pause and resume while it waits for its turn change nothing of when that comes", () => {
    const { peer, connection, transport, events, turn } = turning();
    connection.receive(numbers(peer, 0, 40));
    connection.pause();
    connection.resume();
    assert.is(events.length, RECORDS_PER_LOOK);
    assert.equal(transport.calls, ["pause", "pause"], "others come first");
    turn.end();
    assert.equal(events, textsOf(0, 40));
    assert.equal(transport.calls, ["pause", "pause", "resume"]);
  });

  test("a pause that begins while it waits holds the rest back until resume", () => {
    const { peer, connection, transport, events, turn } = turning();
    connection.receive(numbers(peer, 0, 40));
    connection.pause();
    turn.end();
    assert.is(events.length, RECORDS_PER_LOOK);
    assert.is(turn.isAwaited, false);
    connection.receive(numbers(peer, 40, 50));
    connection.resume();
    assert.equal(events, textsOf(0, 50));
    assert.is(transport.calls.at(-1), "resume");
  });

  test("pause and resume within one handler of a later turn lose nothing", () => {
    const { peer, connection, transport, events, runAll } = turning(
      {},
      {
        message(context) {
          context.pause();
          context.resume();
        },
      },
    );
    connection.receive(numbers(peer, 0, 100));
    assert.is(events.length, RECORDS_PER_LOOK, "a handler that pauses and resumes has one turn as others have");
    runAll();
    assert.equal(events, textsOf(0, 100));
    assert.is(transport.calls.at(-1), "resume");
  });

  test("an end that waited behind a turn ends a connection that fails meanwhile", () => {
    const { peer, connection, transport, sent, turn } = turning();
    connection.receive(numbers(peer, 0, 100));
    connection.receiveEnd();
    connection.run(() => {
      throw new Error("meanwhile");
    });
    assert.is(connection.readyState, 3, "nothing more can come");
    assert.equal(sent(), [closeEvent(1011)]);
    assert.ok(transport.calls.includes("destroy"));
    turn.end();
  });

  test("a hold that is in force when the turn begins does not leave the transport stopped", () => {
    for (const releasedBefore of [true, false]) {
      const end: Turning = turning({ role: "client" }, { message: () => end.connection.gate.hold() });
      const { connection, events, transport, turn } = end;
      const chunk = numbers(end.peer, 0, 100);
      connection.receive(chunk);
      while (end.turn.isAwaited === false) assert.ok(connection.gate.release(), "the first turn");
      assert.is(events.length, RECORDS_PER_LOOK);
      assert.is(connection.gate.isHeld, true);
      if (releasedBefore) assert.is(connection.gate.release(), false, "nothing comes before the next turn");
      assert.is(events.length, RECORDS_PER_LOOK);
      for (let count = 0; turn.isAwaited || connection.gate.isHeld; count++) {
        assert.ok(count < 1000, "it ends");
        turn.end();
        while (connection.gate.release());
      }
      assert.equal(events, textsOf(0, 100));
      assert.is(transport.calls.at(-1), "resume");
    }
  });

  test("messages that are told one by one count for one turn, as if they were told at once", () => {
    const end: Turning = turning({ role: "client" }, { message: () => end.connection.gate.hold() }, 2);
    const { connection, events, turn } = end;
    connection.receive(numbers(end.peer, 0, 1000));
    for (let turnCount = 1; turn.isAwaited || connection.gate.isHeld; turnCount++, turn.end()) {
      while (connection.gate.release());
      assert.is(events.length, Math.min(1000, turnCount * 2 * RECORDS_PER_LOOK));
    }
    assert.equal(events, textsOf(0, 1000));
  });

  test("a loop has every message in order, and lets others have their turn", async () => {
    let inbox: Inbox;
    const end = turning({ role: "client" }, { message: (_, data) => inbox.put(data as Message) });
    const { connection, peer, turn } = end;
    inbox = new Inbox(connection.gate, (run) => void Promise.resolve().then(() => process.nextTick(run)));
    const got: Message[] = [];
    const loop = (async () => {
      for await (const message of inbox.iterate()) {
        got.push(message);
        if (message === "299") break;
      }
    })();
    connection.receive(numbers(peer, 0, 300));
    let turnCount = 1;
    for (; got.length < 300; turnCount++, turn.end()) {
      await settled();
      assert.is(got.length, Math.min(300, turnCount * RECORDS_PER_LOOK));
      assert.ok(turnCount < 20);
    }
    await loop;
    assert.ok(got.every((text, index) => text === `${index}`));
    turn.end();
    assert.is(end.transport.calls.at(-1), "resume");
    assert.is(heldOctets(), 0);
  });

  test("close while it waits: what came before the peer's Close is still told", () => {
    const { peer, connection, events, transport, runAll } = turning();
    connection.receive(concat(numbers(peer, 0, 100), peer.close(1000)));
    connection.close(1001);
    runAll();
    assert.equal(events, textsOf(0, 100));
    assert.equal(peer.read(transport.octets).events, [closeEvent(1001)]);
    connection.receiveEnd();
    assert.is(events.at(-1), "close 1000");
  });

  test("terminate drops what waits, between turns and in one", () => {
    for (const inside of [true, false]) {
      const { peer, connection, events, transport, turn } = turning(
        {},
        { message: (context, data) => inside && data === "40" && context.terminate() },
      );
      connection.receive(numbers(peer, 0, 100));
      if (inside) turn.end();
      else connection.terminate();
      turn.end();
      turn.end();
      assert.equal(events, [...textsOf(0, inside ? 41 : RECORDS_PER_LOOK), "close 1006"]);
      assert.equal(transport.calls, ["pause", "destroy"]);
      assert.is(heldOctets(), 0);
    }
  });

  test("a handler that throws in a later turn fails the connection, and the peer's FIN is still seen (§7.1.7)", () => {
    const { peer, connection, events, transport, turn, runAll } = turning(
      {},
      {
        message(_, data) {
          if (data === "40") throw new Error("boom");
        },
      },
    );
    connection.receive(numbers(peer, 0, 100));
    assert.is(turn.isAwaited, true);
    runAll();
    assert.equal(events, [...textsOf(0, 41), "error Error: boom"]);
    assert.equal(peer.read(transport.octets).events, [closeEvent(1011)]);
    assert.equal(transport.calls, ["pause", "end", "resume"]);
    connection.receiveEnd();
    assert.is(events.at(-1), "close 1006");
    assert.is(heldOctets(), 0);
  });

  test("a promise that rejects while it waits fails the connection, and the peer's FIN is still seen", async () => {
    for (const endsBefore of [false, true]) {
      const { peer, connection, events, transport, runAll } = turning(
        {},
        { message: (_, data) => (data === "5" ? Promise.reject(new Error("late")) : undefined) },
      );
      connection.receive(numbers(peer, 0, 100));
      if (endsBefore) connection.receiveEnd();
      await settled();
      const closed = endsBefore ? ["close 1006"] : []; // nothing more can come, and the Close is out
      assert.equal(events, [...textsOf(0, RECORDS_PER_LOOK), "error Error: late", ...closed]);
      assert.is(heldOctets(), 0);
      runAll();
      assert.is(transport.calls.includes("resume"), !endsBefore);
      if (!endsBefore) connection.receiveEnd();
      connection.transportClosed();
      assert.equal(events.slice(RECORDS_PER_LOOK + 1), ["close 1006"]);
    }
  });

  // What the peer and the transport do.

  test("a violation in what waits is told in its place (§7.1.7)", () => {
    for (let before = 0; before <= 2 * RECORDS_PER_LOOK; before++) {
      const { peer, connection, events, runAll } = turning();
      connection.receive(concat(numbers(peer, 0, before), peer.frame(3), numbers(peer, 0, 50)));
      runAll();
      assert.equal(events, [...textsOf(0, before), "error WS_RESERVED_OPCODE"]);
    }
  });

  test("the peer's Close in what waits is answered in its place (§5.5.1)", () => {
    for (let before = 0; before <= 2 * RECORDS_PER_LOOK; before++) {
      const { peer, connection, events, transport, turn, runAll } = turning();
      connection.receive(concat(numbers(peer, 0, before), peer.close(1000, "bye"), peer.text("never")));
      if (before >= RECORDS_PER_LOOK) assert.is(connection.readyState, 1);
      runAll();
      assert.equal(peer.read(transport.octets).events, [closeEvent(1000)]);
      connection.receiveEnd();
      assert.equal(events, [...textsOf(0, before), "close 1000 bye"]);
      assert.is(turn.isAwaited, false);
    }
  });

  test("the end of input waits for what came before it", () => {
    const { peer, connection, events, turn } = turning();
    connection.receive(numbers(peer, 0, 70));
    connection.receiveEnd();
    assert.is(events.length, RECORDS_PER_LOOK);
    turn.end();
    assert.is(events.length, 2 * RECORDS_PER_LOOK);
    turn.end();
    assert.equal(events, [...textsOf(0, 70), "close 1006"]);
    assert.is(turn.isAwaited, false);
  });

  test("the transport is gone while it waits: everything that came is told before close", () => {
    for (const last of ["nothing", "Close", "violation", "hold"] as const) {
      const reset = new Error("reset");
      const end: Turning = turning({}, { message: () => last === "hold" && end.connection.gate.hold() });
      const { peer, connection, events, turn } = end;
      const tail = last === "Close" ? peer.close(1000) : last === "violation" ? peer.frame(3) : new Uint8Array(0);
      connection.receive(concat(numbers(peer, 0, 50), numbers(peer, 50, 1000), tail));
      connection.receive(numbers(peer, 1000, 1001));
      connection.transportClosed(reset);
      while (connection.gate.release());
      turn.end();
      const isOpen = last === "nothing" || last === "hold";
      const texts = textsOf(0, isOpen ? 1001 : 1000);
      const rest = { nothing: ["close 1006"], hold: ["close 1006"], Close: ["close 1000"], violation: [] }[last];
      const error = last === "violation" ? ["error WS_RESERVED_OPCODE", "close 1006"] : [];
      assert.equal(events, [...texts, ...error, ...rest], last);
      assert.is(heldOctets(), 0);
    }
  });

  test("what comes while it waits comes after, and does not make it wait twice", () => {
    const { peer, connection, events, turn, transport, runAll } = turning();
    connection.receive(numbers(peer, 0, 40));
    for (const octet of octetByOctet(numbers(peer, 40, 60))) connection.receive(octet);
    assert.is(events.length, RECORDS_PER_LOOK);
    turn.end();
    runAll();
    assert.equal(events, textsOf(0, 60));
    assert.equal(transport.calls, ["pause", "resume"]);
  });

  test("a transport that answers at once brings what waits for the next turn, which comes once", () => {
    for (const ended of ["time", "chunks"] as const) {
      const end = turning({}, { message: (context) => context.send("answer") }, ended === "time" ? 1 : 1000);
      const { peer, connection, transport, data, turn, runAll } = end;
      const { write } = transport;
      let count = 0;
      const last = ended === "time" ? 20 : 23; // the fourth chunk's answer is the first that is answered
      transport.write = (octets, more) => {
        if (++count <= last && count >= last - 19) connection.receive(peer.text("at once"));
        return write.call(transport, octets, more);
      };
      let most = 0;
      const { add } = turn.tickEnd;
      turn.tickEnd.add = (waiting) => {
        most = Math.max(most, ++inOneTurn);
        add.call(turn.tickEnd, waiting);
      };
      let inOneTurn = 0;
      if (ended === "time") connection.receive(numbers(peer, 0, RECORDS_PER_LOOK));
      else for (let index = 0; index < 4; index++) land(end, peer.binary(filled(LARGE_LENGTH, 1)));
      for (; turn.isAwaited; inOneTurn = 0, turn.end());
      runAll();
      assert.is(data.length, (ended === "time" ? RECORDS_PER_LOOK : 4) + 20);
      assert.is(most, 1, "one turn is waited for");
      assert.is(transport.calls.filter((call) => call === "pause").length, 1);
    }
  });

  test("a transport that breaks while the turn's output is written leaves nothing undelivered", () => {
    const end = turning({}, { message: (context) => context.send("answer") });
    const { peer, connection, transport, events, turn } = end;
    transport.write = () => {
      connection.transportClosed(new Error("reset"));
      return false;
    };
    connection.receive(numbers(peer, 0, 100));
    turn.end();
    assert.equal(events, [...textsOf(0, 100), "close 1006"]);
    assert.is(heldOctets(), 0);
  });

  // What others do.

  test("others decode in between and from within; each has its own", () => {
    const turn = new FakeTick();
    const shell = { nextTurn: turn.tickEnd, stepMs: TURN_MS };
    const inner = endpoint({}, {}, shell);
    const ends = [0, 1, 2].map((id) =>
      endpoint({}, { message: () => id === 1 && inner.receive(inner.peer.text(`${inner.events.length}`)) }, shell),
    );
    for (const [id, end] of ends.entries()) end.receive(numbers(end.peer, id * 1000, id * 1000 + 300));
    for (let count = 0; turn.isAwaited; count++) {
      assert.ok(count < 100, "the turns end");
      const lengths = ends.map(({ events }) => events.length);
      assert.ok(Math.max(...lengths) - Math.min(...lengths) <= RECORDS_PER_LOOK, `side by side: ${lengths}`);
      turn.end();
    }
    for (const [id, { events }] of ends.entries()) assert.equal(events, textsOf(id * 1000, id * 1000 + 300));
    assert.equal(inner.events, textsOf(0, 300));
  });

  test("a handler of a later turn that feeds its own connection is told of it last", () => {
    const end: Turning = turning(
      {},
      { message: (context, data) => data === "40" && context.receive(end.peer.text("fed")) },
    );
    end.receive(numbers(end.peer, 0, 100));
    end.runAll();
    assert.equal(end.events, [...textsOf(0, 100), textEvent("fed")]);
  });

  test("one that throws out of its turn stops no other", async () => {
    const end = turning();
    end.turn.tickEnd.add({ goOn: () => end.turn.tickEnd.add({ goOn() {} }) });
    end.receive(numbers(end.peer, 0, 40));
    end.runAll();
    assert.is(end.events.length, 40);
  });

  test("an extension has its pieces in order, whatever turns come between", () => {
    const pieces: string[] = [];
    const extension: InboundExtension = {
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

  test("pauses, holds, ticks, other connections and more chunks at any moment: nothing is lost, and the transport goes on", () => {
    for (let seed = 1; seed <= 250; seed++) {
      const random = new Random(seed);
      let depth = 0;
      let count = 0;
      let next = 0;
      let isCut = false;
      const steps: string[] = [];
      const other = endpoint();
      const end: Turning = turning(
        {},
        {
          message(context, data) {
            assert.is(data, `${next++}`, `seed ${seed}: ${steps}`);
            if (random.below(3) === 0) context.send(data);
            if (random.below(6) === 0) step();
          },
          ping: () => void (random.below(4) === 0 && step()),
        },
        1 + (seed % 2),
      );
      const { connection, peer, turn, tick, transport } = end;
      const { write } = transport;
      transport.write = (octets, more) => {
        if (depth < 3 && random.below(8) === 0) step();
        return write.call(transport, octets, more);
      };
      const acts: Record<string, () => void> = {
        receive() {
          if (isCut) return; // its rest comes first
          const parts = Array.from({ length: random.below(120) + 1 }, () =>
            random.below(30) === 0 ? peer.ping("p") : peer.text(`${count++}`),
          );
          const chunk = concat(...parts);
          const cut = random.below(2) === 0 ? 0 : random.below(chunk.length);
          isCut = cut !== 0;
          if (isCut) connection.receive(chunk.subarray(0, cut));
          isCut = false;
          connection.receive(chunk.subarray(cut), { mayOverwrite: random.below(2) === 0 });
        },
        turn: () => turn.end(),
        pause: () => connection.pause(),
        resume: () => connection.resume(),
        hold: () => connection.gate.hold(),
        release: () => void connection.gate.release(),
        look: () => connection.tick(end.clock.ms),
        tickEnd: () => tick.end(),
        other: () => other.receive(other.peer.text("other")),
        writeCompleted() {
          if (depth === 1) connection.writeCompleted();
        },
        takes() {
          transport.takes = random.below(2) === 0;
        },
      };
      const step = (): void => {
        if (depth === 4) return;
        depth++;
        const name = random.pick(Object.keys(acts));
        steps.push(`${depth}${name}`);
        acts[name]!();
        depth--;
      };
      for (let index = 0; index < 60; index++) step();
      transport.takes = true;
      depth = 4; // handlers do nothing more
      for (let index = 0; index < 400; index++) {
        connection.resume();
        connection.gate.release();
        turn.end();
        tick.end();
        connection.writeCompleted();
      }
      assert.is(next, count, `seed ${seed}: ${steps}`);
      const last = transport.calls.at(-1);
      assert.ok(last === undefined || last === "resume", `seed ${seed}: the transport is left stopped: ${steps}`);
      assert.is(turn.isAwaited, false);
      assert.is(heldOctets(), 0, `seed ${seed}: ${steps}`);
      assert.is(connection.readyState, 1, `seed ${seed}: ${end.events.at(-1)}`);
    }
  });

  // What it costs.

  test("what waits for a turn counts against maxProcessBuffered (1009), and is let go", () => {
    const { connection, peer, events, turn } = turning({ maxProcessBuffered: 20_000 });
    connection.receive(concat(numbers(peer, 0, RECORDS_PER_LOOK), peer.binary(filled(40_000, 1))));
    assert.equal(events, [...textsOf(0, RECORDS_PER_LOOK), "error WS_PROCESS_BUFFERED"]);
    assert.equal(peer.read(new Uint8Array(0)).events, []);
    assert.is(heldOctets(), 0);
    turn.end();
    assert.is(events.length, RECORDS_PER_LOOK + 1);
    assert.is(connection.readyState, 2);
  });

  test("whoever waits for a turn with most is closed for another, and its turn is nothing then", async () => {
    const limit = { maxProcessBuffered: 80_000 };
    const flood = turning(limit);
    flood.receive(concat(numbers(flood.peer, 0, 40), flood.peer.binary(filled(60_000, 1))));
    const held = heldOctets();
    assert.ok(held > 60_000 && held < 80_000, `${held}`);
    const other = endpoint(limit);
    other.receive(other.peer.binary(filled(20_000, 1), false));
    await settled();
    assert.is(flood.events.at(-1), "error WS_PROCESS_BUFFERED");
    flood.runAll();
    assert.is(flood.events.length, RECORDS_PER_LOOK + 1);
    assert.equal(other.events, []);
    other.connection.terminate();
    flood.connection.terminate();
    assert.is(heldOctets(), 0);
  });

  test("what waits holds at most what came and a region's records", () => {
    const { connection, peer, runAll } = turning();
    const chunk = numbers(peer, 0, 40_000);
    connection.receive(chunk);
    assert.ok(heldOctets() <= chunk.length + RECORD_CAPACITY * 12 + 4096, `${heldOctets()} for ${chunk.length}`);
    runAll();
    assert.is(heldOctets(), 0);
  });

  test("a huge chunk that takes many turns costs as its length", () => {
    for (const mayOverwrite of [false, true]) {
      const costs = [1, 2].map((mebibytes) => {
        const { connection, data, turn } = turning();
        const count = mebibytes * 1024 * 16;
        const peer = new Peer("server");
        const chunk = new Uint8Array(count * 64);
        for (let index = 0; index < count; index++) chunk.set(peer.text(`${index}`.padEnd(64 - 6)), index * 64);
        const copied = copiedBy(() => {
          connection.receive(chunk, { mayOverwrite });
          while (turn.isAwaited) turn.end();
        });
        assert.is(data.length, count);
        assert.ok(data.every((text, index) => Number.parseInt(text as string, 10) === index));
        return copied;
      });
      assert.ok(costs[0]! >= 2 ** 20, "copies are counted");
      assert.ok(costs[1]! <= 2.2 * costs[0]!, `twice as much costs ${costs[1]! / costs[0]!} times as much`);
    }
  });

  test.run();
}
