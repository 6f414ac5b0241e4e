// What a handler may do in the middle of a batch: feed this connection, feed others, throw, close, terminate, pause, send.
// Nothing is lost, reordered or told twice, and nothing of another connection shows.

import * as assert from "uvu/assert";
import { FrameDecoder } from "../../bindings/codec/frame-decoder.ts";
import type { Connection } from "../../bindings/connection/connection.ts";
import { builtOnKernel, poison } from "../support/current-kernel.ts";
import { kernels } from "../support/kernels.ts";
import { concat, filled, Random } from "../support/octets.ts";
import { cutAt, Peer } from "../support/peer.ts";
import { referenceDecode } from "../support/reference.ts";
import { closeEvent, endpoint, textEvent } from "./support.ts";

/** 700 frames of all kinds, and a message in pieces: more than two record tables. */
function busyStream(peer: Peer, count = 700): Uint8Array {
  const random = new Random(count);
  const frames = Array.from({ length: count }, (_, index) => {
    const payload = random.octets(random.below(90));
    if (index % 10 === 3) return peer.ping(payload);
    if (index % 10 === 6) return concat(peer.binary(payload, false), peer.pong("between"), peer.more(payload));
    return index % 2 === 0 ? peer.text(`message ${index} é`) : peer.binary(payload);
  });
  return concat(...frames);
}

const badFrame = (peer: Peer): Uint8Array => peer.frame(3);

const good = busyStream(new Peer("server"));
const heard = referenceDecode(good, { role: "server" }).events;
const busy = concat(good, badFrame(new Peer("server")), new Peer("server").text("never"));

for (const tested of kernels) {
  const { kernel } = tested;
  const test = builtOnKernel("re-entrancy", tested);

  /** Runs `inside` in every handler, over a busy stream and a violation, cut in several ways. */
  function check(inside: (connection: Connection<Connection>, index: number) => void, what: string): void {
    for (const mayOverwrite of [false, true]) {
      for (const cuts of mayOverwrite ? [[], [1000]] : [[], [7, 3000, 20_000, 20_001]]) {
        let index = 0;
        const step = (connection: Connection<Connection>): void => inside(connection, index++);
        const { connection, events, sent } = endpoint({}, { message: step, ping: step, pong: step });
        for (const chunk of cutAt(busy, ...cuts)) connection.receive(chunk.slice(), { mayOverwrite });
        assert.equal(events, [...heard, "error WS_RESERVED_OPCODE"], `${what}, cuts ${cuts}`);
        const pongs = heard.filter((event) => event.startsWith("ping")).map((event) => event.replace("i", "o"));
        assert.equal(
          sent().filter((event) => !event.startsWith("text")),
          [...pongs, closeEvent(1002)],
          what,
        );
      }
    }
  }

  test("feeding another connection: the outer batch makes room once for each time it held the region (§3.6)", () => {
    const other = endpoint();
    let spills = kernel.input.spillCount;
    check((_, index) => {
      other.receive(other.peer.text(`nested ${index}`));
      poison(kernel);
    }, "every handler feeds another");
    assert.ok(kernel.input.spillCount > spills);
    assert.ok(other.events.every((event) => event.startsWith("text 6e 65 73 74 65 64")));

    const { connection, peer } = endpoint({}, { message: () => other.receive(other.peer.text("x")) });
    spills = kernel.input.spillCount;
    connection.receive(concat(peer.text("1"), peer.text("2"), peer.text("3")));
    assert.is(kernel.input.spillCount, spills + 1, "a batch in memory of its own need not move again");
    other.receive(other.peer.text("x"));
    connection.receive(peer.ping());
    assert.is(kernel.input.spillCount, spills + 1, "and nobody moves for a delivery that is over");
  });

  test("feeding another only now and then loses nothing either", () => {
    const other = endpoint({ role: "client" });
    const large = other.peer.binary(filled(70_000, 1));
    check((_, index) => {
      if (index % 100 === 99) other.receive(large);
      if (index % 300 === 299) poison(kernel);
    }, "one in a hundred");
  });

  test("feeding a second that feeds a third, and the first again", () => {
    const order: string[] = [];
    const first = endpoint({}, { message: (_, data) => nest(`first ${data}`, 1) });
    const second = endpoint({}, { message: (_, data) => nest(`second ${data}`, 2) });
    const third = endpoint({}, { message: (_, data) => void order.push(`third ${data}`) });
    function nest(what: string, level: number): void {
      order.push(what);
      if (level === 1 && order.length < 8) second.receive(concat(second.peer.text("a"), second.peer.text("b")));
      if (level === 2) {
        third.receive(concat(third.peer.text("x"), third.peer.text("y")));
        if (order.length < 6) first.receive(first.peer.text("again"));
        poison(kernel);
      }
    }
    first.receive(concat(first.peer.text("one"), first.peer.text("two")));
    assert.equal(order, [
      ...["first one", "second a", "third x", "third y", "second b", "third x", "third y"],
      ...["first two", "first again"],
    ]);
  });

  test("feeding this connection: the chunk comes after the batch, in order (§3.6)", () => {
    const { connection, peer, events } = endpoint(
      {},
      {
        message: (context, data) => {
          if (data === "0") for (let count = 0; count < 300; count++) context.receive(queued[count]!);
        },
      },
    );
    const queued = Array.from({ length: 300 }, (_, index) => peer.text(`queued ${index}`));
    const frames = Array.from({ length: 600 }, (_, index) => peer.text(`${index}`));
    connection.receive(concat(...frames));
    const expected = [
      ...frames.map((_, index) => textEvent(`${index}`)),
      ...queued.map((_, index) => textEvent(`queued ${index}`)),
    ];
    assert.equal(events, expected);
  });

  test("feeding this connection while another spills it: raw octets, the rest of the chunk and the queue keep their order", () => {
    const other = endpoint();
    const { connection, peer, events } = endpoint(
      {},
      {
        message: (context, data) => {
          if (String(data) === "0") context.receive(last);
          if (Number(data) % 50 === 0) other.receive(other.peer.text("x"));
        },
      },
    );
    const last = peer.text("last");
    const frames = Array.from({ length: 2000 }, (_, index) =>
      concat(peer.text(`${index}`), peer.ping("p".repeat(100))),
    );
    connection.receive(concat(...frames));
    const texts = events.filter((event) => event.startsWith("text"));
    assert.equal(texts, [...frames.map((_, index) => textEvent(`${index}`)), textEvent("last")]);
    assert.is(events.length, 4001);
  });

  test("FrameDecoder.decode inside a handler", () => {
    const decoder = new FrameDecoder({ role: "server" });
    const peer = new Peer("server");
    let frames = 0;
    check((_, index) => {
      decoder.decode(peer.text(`nested ${index}`), { frame: () => frames++ });
      poison(kernel);
    }, "a decoder");
    assert.ok(frames > 4 * 700);
  });

  test("pausing and resuming inside a handler changes nothing", () => {
    check((connection) => {
      connection.pause();
      connection.resume();
    }, "pause, resume");
    const other = endpoint();
    check((connection) => {
      connection.pause();
      other.receive(other.peer.text("x"));
      poison(kernel);
      connection.resume();
    }, "pause, nested, resume");
  });

  test("sending, also what leaves at once, changes nothing", () => {
    const large = "x".repeat(70_000);
    check((connection, index) => {
      if (index % 200 === 0) connection.send(index % 400 === 0 ? large : "small");
      if (index % 70 === 0) connection.flush();
    }, "sends");
  });

  test("terminate inside a handler is the end: close at the batch's end, nothing after it", () => {
    for (const nested of [false, true]) {
      const other = endpoint();
      const { connection, peer, events, transport } = endpoint(
        {},
        {
          message: (context, data) => {
            if (nested) other.receive(other.peer.text("x"));
            if (data !== "5") return;
            context.terminate();
            events.push("returned");
            context.receive(peer.text("late"));
          },
        },
      );
      connection.receive(concat(...Array.from({ length: 600 }, (_, index) => peer.text(`${index}`)), badFrame(peer)));
      connection.receive(peer.text("later"));
      connection.receiveEnd();
      assert.equal(events, [...[0, 1, 2, 3, 4, 5].map((index) => textEvent(`${index}`)), "returned", "close 1006"]);
      assert.equal(transport.calls, ["destroy"]);
    }
  });

  test("close inside a handler: what the peer sent before its Close is still delivered (§7.1.2)", () => {
    const { connection, peer, events, sent } = endpoint({}, { message: (context) => context.close(1000, "enough") });
    connection.receive(concat(peer.text("1"), peer.text("2"), peer.ping("3"), peer.close(1000), peer.text("4")));
    assert.equal(events, ["text 31", "text 32", "ping 33"]);
    assert.equal(sent(), [closeEvent(1000, "enough"), "pong 33"]);
    connection.receiveEnd();
    assert.equal(events[events.length - 1], "close 1000");
  });

  test("a throw inside a handler ends that delivery alone, also where batches nest (fails with 1011)", () => {
    const inner = endpoint(
      {},
      {
        message: () => {
          throw new Error("inner");
        },
      },
    );
    const outer = endpoint(
      {},
      { message: (_, data) => data === "1" && inner.receive(inner.peer.text("a"), inner.peer.text("b")) },
    );
    outer.receive(concat(...["0", "1", "2"].map((text) => outer.peer.text(text)), outer.peer.ping("3")));
    assert.equal(outer.events, [textEvent("0"), textEvent("1"), textEvent("2"), "ping 33"]);
    assert.equal(inner.events, [textEvent("a"), "error Error: inner"]);
    assert.equal(inner.sent(), [closeEvent(1011)]);
    assert.equal(outer.sent(), ["pong 33"]);
  });

  test("no octet of another connection shows, whatever handlers do with linear memory (§3.7)", () => {
    const secret = endpoint();
    const secrets = secret.peer.binary(filled(60_000, 0x5e));
    const seen: Uint8Array[] = [];
    const inside = (connection: Connection<Connection>, data: string | Uint8Array): void => {
      if (typeof data !== "string") seen.push(data);
      secret.receive(secrets);
      if (seen.length % 3 === 0) connection.pause();
    };
    const { connection, peer, events } = endpoint({}, { message: inside });
    const frames = Array.from({ length: 300 }, (_, index) => peer.binary(filled(1 + (index % 99), 0x11)));
    connection.receive(concat(...frames, peer.binary(filled(30_000, 0x11), false), peer.more(filled(40_000, 0x11))));
    while (connection.isPaused) connection.resume();
    assert.is(events.length, 301);
    for (const octets of seen) {
      assert.ok(octets.every((octet) => octet === 0x11));
      assert.not(new Uint8Array(octets.buffer).includes(0x5e), "nor in the rest of its buffer");
    }
  });

  test.run();
}
