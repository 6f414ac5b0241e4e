// What floods of frames cost the sans-IO endpoint in memory: at most twice the octets received, and a constant.

import * as assert from "uvu/assert";
import type { Connection } from "../../bindings/connection/connection.ts";
import { concat, filled, toHex } from "../support/octets.ts";
import { Peer } from "../support/peer.ts";
import type { Role } from "./corpus.ts";
import { chunkings, connectionTo, flood } from "./floods.ts";
import { growthOf, NOISE } from "./memory.ts";
import { hostileKernels, kernelSuite } from "./on-kernels.ts";

for (const tested of hostileKernels) {
  const test = kernelSuite("frames: memory", tested);
  const peer = new Peer("server");
  /** Its frames are the shortest there are. */
  const server = new Peer("client");

  /** A connection inside a message that begins with `first`, and what it has heard since. */
  function inMessage(
    first: Uint8Array,
    role: Role = "server",
  ): { connection: Connection<Connection>; messages: Uint8Array[] } {
    const messages: Uint8Array[] = [];
    const connection = connectionTo(undefined, {
      role,
      handlers: { message: (_, data) => void messages.push(data as Uint8Array) },
    });
    connection.receive(first);
    return { connection, messages };
  }

  test("millions of fragments of one octet hold at most twice the octets received (§5.4)", () => {
    const counts = { "a frame a chunk": 1e6, "chunks of 64 KiB": 4e6, "one octet a chunk": 5e5 };
    for (const chunking of chunkings) {
      const sender = chunking === "one octet a chunk" ? server : peer;
      const { all, result } = growthOf(() => {
        const { connection, messages } = inMessage(sender.binary("x", false), sender.role);
        flood(sender.more("x", false), counts[chunking], chunking, (chunk) => connection.receive(chunk));
        return { connection, messages };
      });
      const limit = 2 * counts[chunking] + NOISE;
      assert.ok(all <= limit, `${chunking}: ${all} octets held for ${counts[chunking]} received`);
      result.connection.receive(sender.more("x"));
      assert.is(result.messages[0]!.length, counts[chunking] + 2, chunking);
    }
  });

  test("100,000 fragments of one octet are one message (§5.4)", () => {
    for (const chunking of chunkings) {
      const { connection, messages } = inMessage(peer.binary("", false));
      for (const value of [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]) {
        flood(peer.more(Uint8Array.of(value), false), 10_000, chunking, (chunk) => connection.receive(chunk));
      }
      assert.is(messages.length, 0);
      connection.receive(peer.more(""));
      assert.is(messages.length, 1);
      assert.is(messages[0]!.length, 100_000);
      assert.ok(
        messages[0]!.every((octet, at) => octet === Math.floor(at / 10_000) + 1),
        chunking,
      );
    }
  });

  test("a million empty fragments hold no more than ten (§5.4)", () => {
    for (const chunking of chunkings) {
      const sender = chunking === "one octet a chunk" ? server : peer;
      const held = (count: number): number => {
        const { all, result } = growthOf(() => {
          const { connection, messages } = inMessage(sender.text("", false), sender.role);
          flood(sender.more("", false), count, chunking, (chunk) => connection.receive(chunk));
          return { connection, messages };
        });
        result.connection.receive(sender.more("end"));
        assert.equal(result.messages, ["end"]);
        return all;
      };
      if (chunking === chunkings[0]) held(10); // what the first one compiles
      const ten = held(10);
      const million = held(1e6);
      assert.ok(million <= ten + NOISE, `${chunking}: ${million} octets held, and ${ten} for ten`);
    }
  });

  test("a declared length reserves nothing: 10,000 connections that wait for 16 MiB each hold what idle ones do (§10.4)", () => {
    const header = peer.frame(2, "", { announced: 2n ** 24n });
    const held = (octets: Uint8Array): { all: number; arrayBuffers: number } =>
      growthOf(() => {
        const connections = Array.from({ length: 10_000 }, () => connectionTo());
        for (const connection of connections) connection.receive(octets);
        return connections;
      });
    held(header);
    const idle = held(peer.pong());
    const waiting = held(header);
    const each = (waiting.all - idle.all) / 10_000;
    assert.ok(each <= 200, `${each} octets more for each`);
    assert.ok(waiting.arrayBuffers <= NOISE, `${waiting.arrayBuffers} octets of buffers`);
  });

  test("a declared length above the limit allocates nothing for its payload, however large (§10.4)", () => {
    const lengths = [2n ** 63n, 2n ** 53n + 1n, 2n ** 32n, 2n ** 24n + 1n];
    for (const announced of lengths) {
      const header = peer.frame(2, "", { announced });
      const { arrayBuffers, all, result } = growthOf(() =>
        Array.from({ length: 2000 }, () => {
          const connection = connectionTo();
          connection.receive(header);
          return connection;
        }),
      );
      assert.ok(result.every(({ closeReport }) => closeReport !== null));
      assert.ok(arrayBuffers <= NOISE, `${announced}: ${arrayBuffers} octets of buffers`);
      assert.ok(all <= 2000 * 4096 + NOISE, `${announced}: ${all / 2000} octets a connection, its error included`);
    }
  });

  test("a million pings between two fragments hold no more than ten, and the message arrives (§5.4, §5.5)", () => {
    for (const chunking of ["a frame a chunk", "chunks of 64 KiB"] as const) {
      const held = (count: number): number => {
        const { all, result } = growthOf(() => {
          const { connection, messages } = inMessage(peer.binary("be", false));
          flood(peer.ping("ping"), count, chunking, (chunk) => connection.receive(chunk));
          return { connection, messages };
        });
        result.connection.receive(peer.more("gin"));
        assert.equal(result.messages.map(toHex), ["62 65 67 69 6e"]);
        return all;
      };
      held(10);
      const ten = held(10);
      const million = held(1e6);
      assert.ok(million <= ten + NOISE, `${chunking}: ${million} octets held, and ${ten} for ten`);
    }
  });

  test("a connection that lives long counts each message anew, and holds no more than a young one (§10.4)", () => {
    const limit = 100_000;
    let count = 0;
    const handlers = { message: () => void count++ };
    const connection = connectionTo(undefined, { maxMessageLength: limit, handlers });
    const first = peer.binary(filled(limit - 1, 1), false);
    const lastAndNext = concat(peer.more("x"), first);
    connection.receive(first);
    const live = (rounds: number): number =>
      growthOf(() => {
        for (let round = 0; round < rounds; round++) connection.receive(lastAndNext);
      }).all;
    live(10);
    const grown = live(2000);
    assert.is(count, 2010, "and none passed the limit");
    assert.is(connection.readyState, 1);
    assert.ok(grown <= NOISE, `${grown} octets more after 200 million octets`);
  });

  test.run();
}
