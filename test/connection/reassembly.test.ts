// What an unfinished message costs: at most twice the octets received plus a constant, however it is fragmented and cut,
// and nothing once it is done or dropped. Counted where it is charged, not guessed from the process.

import * as assert from "uvu/assert";
import { SMALLEST_BLOCK } from "../../bindings/codec/blocks.ts";
import { heldOctets } from "../../bindings/connection/budget.ts";
import type { LimitError } from "../../bindings/errors/classes.ts";
import { builtOnKernel } from "../support/current-kernel.ts";
import { kernels } from "../support/kernels.ts";
import { concat, filled, Random } from "../support/octets.ts";
import { octetByOctet } from "../support/peer.ts";
import { closeEvent, type Endpoint, endpoint } from "./support.ts";

for (const tested of kernels) {
  const test = builtOnKernel("reassembly", tested);

  /** What this connection's unfinished message costs. */
  function watched(options: Parameters<typeof endpoint>[0] = {}): Endpoint & { cost(): number } {
    const before = heldOctets();
    return { ...endpoint(options), cost: () => heldOctets() - before };
  }

  function checkCost(one: { cost(): number }, payloadLength: number): void {
    const cost = one.cost();
    assert.ok(cost <= 2 * payloadLength + SMALLEST_BLOCK, `${cost} octets held for ${payloadLength} received`);
    assert.ok(cost >= payloadLength, `${cost} octets cannot hold ${payloadLength}: something is not counted`);
  }

  test("100,000 fragments of one octet cost at most twice their octets, and arrive (§5.4)", () => {
    const one = watched();
    const { connection, peer, data } = one;
    connection.receive(peer.binary("x", false));
    const fragment = concat(...Array.from({ length: 100 }, () => peer.more("y", false)));
    for (let count = 1; count <= 100_000; count += 100) {
      connection.receive(fragment);
      checkCost(one, count + 100);
    }
    connection.receive(peer.more("z"));
    assert.is((data[0] as Uint8Array).length, 100_002);
    assert.is(one.cost(), 0);
  });

  test("millions of octets of empty fragments cost nothing at all (§5.4)", () => {
    for (const first of ["", "x"]) {
      const one = watched({ role: "client" });
      const { connection, peer, events } = one;
      connection.receive(peer.text(first, false));
      const nothing = concat(...Array.from({ length: 30_000 }, () => peer.more("", false)));
      for (let round = 0; round < 30; round++) connection.receive(nothing);
      assert.ok(one.cost() <= SMALLEST_BLOCK);
      connection.receive(peer.more("end"));
      assert.is(events.length, 1);
      assert.is(one.cost(), 0);
    }
  });

  test("fragments that grow, and a frame that comes in chunks that grow, cost at most twice their octets", () => {
    const inFragments = watched();
    inFragments.receive(inFragments.peer.binary("", false));
    for (let length = 1, sum = 0; length < 500_000; length = Math.ceil(length * 1.7)) {
      inFragments.receive(inFragments.peer.more(filled(length, 1), false));
      sum += length;
      checkCost(inFragments, sum);
    }
    inFragments.connection.terminate();
    const inChunks = watched({ role: "client" });
    inChunks.receive(inChunks.peer.frame(2, "", { announced: 5_000_000n }));
    for (let length = 1, sum = 0; sum + length < 5_000_000; length = Math.ceil(length * 1.5)) {
      inChunks.receive(filled(length, 1));
      sum += length;
      checkCost(inChunks, sum);
    }
    inChunks.connection.terminate();
    assert.is(inChunks.cost(), 0);
  });

  test("a declared length reserves nothing", () => {
    const one = watched();
    for (let count = 0; count < 1000; count++) {
      const { receive, peer } = endpoint();
      receive(peer.frame(2, "", { announced: 2n ** 24n }));
    }
    assert.is(one.cost(), 0);
  });

  test("a thousand connections with an octet each cost a small block each", () => {
    const one = watched();
    const many = Array.from({ length: 1000 }, () => endpoint());
    for (const { receive, peer } of many) receive(peer.binary("x", false));
    assert.is(one.cost(), 1000 * SMALLEST_BLOCK);
    for (const { connection } of many) connection.terminate();
    assert.is(one.cost(), 0);
  });

  test("all is given back on completion, failure, a handler's throw, the peer's Close, EOF and terminate", () => {
    const ends: Readonly<Record<string, (one: Endpoint) => void>> = {
      completion: ({ receive, peer }) => receive(peer.more("end")),
      failure: ({ receive, peer }) => receive(peer.frame(3)),
      "the peer's Close": ({ receive, peer }) => receive(peer.close(1000)),
      EOF: ({ connection }) => connection.receiveEnd(),
      terminate: ({ connection }) => connection.terminate(),
      "the transport's end": ({ connection }) => connection.transportClosed(),
      "a throw": ({ connection }) => {
        connection.run(() => {
          throw new Error("open failed");
        });
      },
      "the closing timeout": ({ connection, clock }) => {
        connection.close(1000);
        clock.ms += 5000;
        connection.tick(clock.ms);
      },
    };
    for (const [name, end] of Object.entries(ends)) {
      const one = watched();
      one.receive(one.peer.binary(filled(100_000, 1), false));
      checkCost(one, 100_000);
      end(one);
      assert.is(one.cost(), 0, name);
    }
  });

  test("while a handler runs, its message is not counted, and its blocks serve what the handler starts", () => {
    let inside = -1;
    const other = endpoint();
    const before = heldOctets();
    const one = endpoint(
      {},
      {
        message: () => {
          inside = heldOctets() - before;
          other.receive(other.peer.text("x", false));
        },
      },
    );
    one.receive(one.peer.binary(filled(70_000, 1), false), one.peer.more(filled(70_000, 2)));
    assert.is(inside, 0);
    assert.is(heldOctets() - before, SMALLEST_BLOCK);
    other.connection.terminate();
  });

  test("maxProcessBuffered bounds the sum over connections; the newest offender is closed with 1009", () => {
    const base = heldOctets();
    const maxProcessBuffered = base + 100_000;
    const options = { maxProcessBuffered };
    const [first, second] = [watched(options), watched(options)];
    first.receive(first.peer.binary(filled(60_000, 1), false));
    second.receive(second.peer.binary(filled(1000, 1), false));
    second.receive(...octetByOctet(second.peer.more(filled(5000, 1), false)));
    second.receive(second.peer.more(filled(50_000, 1), false));
    assert.equal(second.events, ["error WS_PROCESS_BUFFERED"]);
    const { limit, closeCode, actual } = second.errors[0] as LimitError;
    assert.is(limit, maxProcessBuffered);
    assert.ok(actual > limit);
    assert.is(closeCode, 1009);
    assert.equal(second.sent(), [closeEvent(1009)]);
    first.receive(first.peer.more("end"));
    assert.is(first.events.length, 1, "the other goes on");
    assert.is(heldOctets(), base);
  });

  test("what a pause or a nested delivery queues costs at most twice its octets, in chunks of one octet too", () => {
    const random = new Random(3);
    const { connection, peer, data } = endpoint();
    connection.pause();
    const payload = random.octets(30_000);
    for (const octet of octetByOctet(peer.binary(payload))) connection.receive(octet);
    interface Inside {
      readonly receiver: {
        readonly backlog: { readonly queued: { readonly capacity: number; readonly length: number } };
      };
    }
    const { queued } = (connection as unknown as Inside).receiver.backlog;
    assert.is(queued.length, 30_008);
    assert.ok(queued.capacity <= 2 * queued.length + SMALLEST_BLOCK);
    connection.resume();
    assert.is(Buffer.compare(data[0] as Uint8Array, payload), 0);
  });

  test.run();
}
