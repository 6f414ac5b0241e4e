// The same octets give the same events: whole, octet by octet, cut anywhere, with trailing octets; in both roles, on every
// kernel, with linear memory overwritten between chunks. RFC 6455 §5.4 to §5.6, §8.1.

import * as assert from "uvu/assert";
import { builtOnKernel, poison } from "../support/current-kernel.ts";
import { kernels } from "../support/kernels.ts";
import { concat, filled, hex, Random, utf8 } from "../support/octets.ts";
import { cutAt, octetByOctet, Peer } from "../support/peer.ts";
import { referenceDecode } from "../support/reference.ts";
import { closeEvent, endpoint } from "./support.ts";

const roles = ["server", "client"] as const;
const scripts = "naïve Ελληνικά русский עברית हिन्दी 日本語 한국어 😀🏳️‍🌈";

/** Text in several scripts, binary, fragments cut inside characters with pings between, and a Close. */
function conversation(peer: Peer): Uint8Array {
  const text = utf8(scripts);
  return concat(
    peer.text("Hello"),
    peer.text(text),
    peer.binary(Uint8Array.of(0, 0x80, 0xff)),
    peer.text(text.subarray(0, 3), false),
    peer.ping("between"),
    peer.more("", false),
    peer.more(text.subarray(3, 30), false),
    peer.pong(),
    peer.ping(filled(125, 0xfe)),
    peer.more(text.subarray(30)),
    peer.binary(filled(126, 0x81)),
    peer.binary("", false),
    peer.more("\ufeffmark"),
    peer.text("", false),
    peer.more(""),
    peer.close(1001, "über"),
  );
}

/** Every message of a conversation, then `close`. */
function expectedOf(stream: Uint8Array, role: "server" | "client"): string[] {
  const { events, violation } = referenceDecode(stream, { role });
  assert.is(violation, 0);
  return [...events.filter((event) => !event.startsWith("close")), "close 1001 über"];
}

for (const tested of kernels) {
  const test = builtOnKernel("splits", tested);

  /** Feeds an endpoint, and compares what it told and what it answered. */
  function check(role: "server" | "client", stream: Uint8Array, chunks: readonly Uint8Array[], what: string): void {
    const { connection, events, sent, transport } = endpoint({ role });
    for (const chunk of chunks) {
      connection.receive(chunk);
      poison(tested.kernel);
    }
    connection.receiveEnd();
    assert.equal(events, expectedOf(stream, role), `${role}, ${what}`);
    const pongs = events.filter((event) => event.startsWith("ping")).map((event) => event.replace("ping", "pong"));
    assert.equal(sent(), [...pongs, closeEvent(1001)], `${role}, ${what}: the answers`);
    assert.equal(transport.calls, ["end", "destroy"]);
  }

  test("a conversation is the same whole and octet by octet", () => {
    for (const role of roles) {
      const stream = conversation(new Peer(role));
      check(role, stream, [stream], "whole");
      check(role, stream, octetByOctet(stream), "octet by octet");
      check(role, stream, [...octetByOctet(stream), new Uint8Array(0)], "with an empty chunk");
    }
  });

  test("a conversation is the same for a cut at every position", () => {
    for (const role of roles) {
      const stream = conversation(new Peer(role));
      for (let cut = 0; cut <= stream.length; cut++) check(role, stream, cutAt(stream, cut), `cut at ${cut}`);
    }
  });

  test("a conversation is the same for chunks of every small length", () => {
    for (const role of roles) {
      const stream = conversation(new Peer(role));
      for (let length = 2; length < 60; length++) {
        const cuts = Array.from({ length: Math.ceil(stream.length / length) - 1 }, (_, index) => (index + 1) * length);
        check(role, stream, cutAt(stream, ...cuts), `chunks of ${length}`);
      }
    }
  });

  test("octets of a frame that is not whole wait, and count once it is", () => {
    for (const role of roles) {
      const { connection, events, peer, receive } = endpoint({ role });
      const whole = peer.text("one");
      const next = peer.ping("two");
      receive(concat(whole, next.subarray(0, 4)));
      assert.equal(events, ["text 6f 6e 65"]);
      assert.is(connection.byteOffset, whole.length);
      poison(tested.kernel);
      receive(next.subarray(4));
      assert.equal(events, ["text 6f 6e 65", "ping 74 77 6f"]);
      assert.is(connection.byteOffset, whole.length + next.length);
    }
  });

  test("random conversations of all lengths survive random cuts", () => {
    for (let seed = 1; seed <= 40; seed++) {
      const random = new Random(seed);
      const role = roles[seed & 1]!;
      const { connection, events, peer } = endpoint({ role });
      const frames: Uint8Array[] = [];
      for (let count = 0; count < 12; count++) {
        const payload = random.octets(random.pick([0, 1, 5, 125, 126, 127, 300, 5000]));
        const cut = random.below(payload.length + 1);
        if (random.below(3) === 0) frames.push(peer.ping(payload.subarray(0, Math.min(125, payload.length))));
        if (random.below(2) === 0) frames.push(peer.binary(payload));
        else frames.push(peer.binary(payload.subarray(0, cut), false), peer.pong(), peer.more(payload.subarray(cut)));
        frames.push(peer.text(random.pick(["", "ascii", scripts, scripts.repeat(20)])));
      }
      const stream = concat(...frames);
      for (let at = 0; at < stream.length; ) {
        const length = 1 + random.below(random.pick([3, 30, 4000]));
        connection.receive(stream.subarray(at, at + length));
        poison(tested.kernel);
        at += length;
      }
      assert.equal(events, referenceDecode(stream, { role }).events, `seed ${seed}`);
    }
  });

  test("connections that take turns do not meet in linear memory", () => {
    const endpoints = Array.from({ length: 6 }, (_, index) => endpoint({ role: roles[index & 1]! }));
    const streams = endpoints.map(({ peer }) => conversation(peer));
    for (let at = 0; at < Math.max(...streams.map(({ length }) => length)); at += 7) {
      endpoints.forEach(({ connection }, index) => {
        connection.receive(streams[index]!.subarray(at, at + 7));
      });
    }
    endpoints.forEach(({ connection, events }, index) => {
      connection.receiveEnd();
      assert.equal(events, expectedOf(streams[index]!, roles[index & 1]!));
    });
  });

  test("byteOffset of a failed connection is the same however the input was cut", () => {
    const wrong = new Peer("server");
    for (const faulty of [
      wrong.frame(3, "payload"),
      hex("81 03 61 62 63"),
      wrong.more("payload"),
      wrong.frame(9, filled(126, 1)),
      wrong.frame(2, filled(5, 1), { announced: 2n ** 63n }),
      wrong.frame(2, filled(5, 1), { announced: 1001n }),
      concat(wrong.binary(filled(900, 1), false), wrong.more(filled(101, 1))),
      wrong.text(hex("61 62 c3 28 63 64")),
      concat(wrong.text(hex("61 e6"), false), wrong.ping("p"), wrong.more(hex("97 28 61"))),
      wrong.close(1005),
    ]) {
      const stream = concat(wrong.text("before"), faulty, wrong.text("after"));
      const offsetOf = (chunks: readonly Uint8Array[]): number => {
        const { connection, receive, errors } = endpoint({ maxMessageLength: 1000 });
        receive(...chunks);
        assert.is(errors.length, 1);
        return connection.byteOffset;
      };
      const whole = offsetOf([stream]);
      for (let cut = 1; cut < stream.length; cut++) assert.is(offsetOf(cutAt(stream, cut)), whole, `cut at ${cut}`);
      assert.is(offsetOf(octetByOctet(stream)), whole);
    }
  });

  test.run();
}
