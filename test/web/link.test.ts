// Pairs of streams as links: who owns octets, what stops whom, and how it ends. Through endpoint(), whose socket is all there is
// above a link.

import * as assert from "uvu/assert";
import { initSync } from "../../bindings/index.ts";
import { currentKernel } from "../../bindings/kernel/select.ts";
import type { LinkSink } from "../../bindings/socket/link.ts";
import { endpoint } from "../../bindings/web/index.ts";
import { StreamsLink } from "../../bindings/web/streams-link.ts";
import { concat, filled, Random } from "../support/octets.ts";
import {
  assertUsage,
  clientFrame,
  type End,
  Ending,
  ends,
  isSame,
  kernelNames,
  type Octets,
  Peer,
  settled,
  sink,
  streamOf,
  until,
  webSuite,
} from "./support.ts";

/** Octets of the kernel's input region, which a chunk may pass. */
const REGION_LENGTH = 256 * 1024;

for (const kernel of kernelNames) {
  const test = webSuite("link", kernel);

  test("the region is as long as these tests take it to be", () => {
    initSync({ kernel });
    assert.is(currentKernel().inputCapacity, REGION_LENGTH);
  });

  for (const length of [5, REGION_LENGTH + 70_000]) {
    test(`a chunk of some ${length} octets stays as it was: it may be in others' hands`, async () => {
      const [ours, theirs] = ends();
      const payloads: Octets[] = [];
      endpoint(ours, {
        role: "server",
        message: (_socket, data) => void payloads.push(data as Octets),
      });
      const peer = new Peer(theirs);
      const sent = filled(length, 0x61);
      const chunk = clientFrame(2, sent);
      const before = chunk.slice();
      await peer.send(chunk);
      await until(() => payloads.length === 1);
      assert.ok(isSame(chunk, before));
      chunk.fill(0);
      assert.ok(isSame(payloads[0]!, sent), "nor is it what the handler was given");
      await peer.vanish();
    });
  }

  test("what was handed to a stream is never written to again", async () => {
    const [ours, theirs] = ends();
    const socket = endpoint(ours, { role: "server" });
    const peer = new Peer(theirs);
    const random = new Random(1);
    const sent: Octets[] = [];
    for (let index = 0; index < 200; index++) {
      const octets = random.octets(random.pick([1, 20, 200, 5000, 70_000]));
      sent.push(octets.slice());
      socket.send(octets);
      if (index % 5 === 0) await settled();
      octets.fill(0); // the stream's copy is its own, and a borrowed payload has been taken
    }
    await peer.frameCount(sent.length);
    // Joined again from the very chunks: one that was reused would hold what came later.
    peer.received = concat(...peer.chunks);
    assert.equal(
      peer.frames.map(({ payload }) => payload.length),
      sent.map(({ length }) => length),
    );
    for (const [index, { payload }] of peer.frames.entries())
      if (sent[index]!.length < 70_000) assert.ok(isSame(payload, sent[index]!), `message ${index}`);
    await peer.vanish();
  });

  test("octets come through in any chunks: one each, none, and many messages that pass the region", async () => {
    const texts: string[] = [];
    const [ours, theirs] = ends();
    endpoint(ours, { role: "server", message: (_socket, data) => void texts.push(data as string) });
    const peer = new Peer(theirs);
    const octets = clientFrame(1, "é語😀");
    for (const octet of octets) await peer.send(new Uint8Array(0), Uint8Array.of(octet), new Uint8Array(0));
    const many = Array.from({ length: 400 }, (_, index) => `${index} ${"x".repeat(3000)}`);
    await peer.send(concat(...many.map((text) => clientFrame(1, text))));
    await until(() => texts.length === 401);
    assert.equal(texts, ["é語😀", ...many]);
    await peer.vanish();
  });

  test("views of every kind are octets", async () => {
    const texts: unknown[] = [];
    const octets = clientFrame(1, "abcd12"); // 12 octets
    const chunks: unknown[] = [octets.buffer, new DataView(octets.buffer), new Uint32Array(octets.buffer)];
    const readable = new ReadableStream<unknown>({
      start(controller) {
        for (const chunk of chunks) controller.enqueue(chunk);
        controller.close();
      },
    });
    endpoint({ readable, writable: sink() }, { role: "server", message: (_socket, data) => void texts.push(data) });
    await until(() => texts.length === 3);
    assert.equal(texts, ["abcd12", "abcd12", "abcd12"]);
  });

  test("paused in the middle of a chunk that passes the region, no more of it is delivered, and nothing is lost", async () => {
    const sizes: number[] = [];
    const [ours, theirs] = ends();
    const socket = endpoint(ours, {
      role: "server",
      message(paused, data) {
        sizes.push(data.length);
        assert.ok((data as Octets).every((octet) => octet === sizes.length));
        if (sizes.length === 3) paused.pause();
      },
    });
    const peer = new Peer(theirs);
    const chunk = concat(...Array.from({ length: 10 }, (_, index) => clientFrame(2, filled(100_000, index + 1))));
    await peer.send(chunk);
    await settled();
    assert.is(sizes.length, 3);
    chunk.fill(0); // whoever made it may use it again
    socket.resume();
    await until(() => sizes.length === 10);
    await peer.vanish();
  });

  test("a sink that pauses in the middle of a chunk is given no more of it, and the rest as it was", async () => {
    const [ours, theirs] = ends();
    const link = new StreamsLink(ours, currentKernel());
    const lengths: number[] = [];
    const sink: LinkSink = {
      arrived() {},
      landed(region, length) {
        lengths.push(length);
        assert.ok(region.subarray(0, length).every((octet) => octet === 1));
        link.pause();
      },
      ended() {},
      closed() {},
    };
    link.read(sink);
    const chunk = filled(REGION_LENGTH * 2 + 5, 1);
    const peer = new Peer(theirs);
    await peer.send(chunk);
    await settled();
    assert.equal(lengths, [REGION_LENGTH]);
    chunk.fill(2);
    for (const count of [2, 3]) {
      link.resume();
      await settled();
      assert.is(lengths.length, count);
    }
    assert.is(lengths[2], 5);
    link.destroy();
  });

  test("paused, it reads no further: the stream is held back, not kept in memory", async () => {
    const text = clientFrame(1, "x");
    const source = streamOf(() => text);
    const socket = endpoint(
      { readable: source.stream, writable: sink() },
      { role: "server", message: (s) => s.pause() },
    );
    await until(() => source.pullCount !== 0);
    await settled();
    const { pullCount } = source;
    await settled();
    assert.is(source.pullCount, pullCount);
    assert.ok(pullCount <= 2, `${pullCount} chunks were taken`);
    socket.terminate();
  });

  test("a writable that takes nothing holds back whoever sends, and ends the connection at the ceiling", async () => {
    const [ours] = ends(); // nobody reads the other end
    const errors: unknown[] = [];
    const ending = new Ending();
    const done: unknown[] = [];
    const socket = endpoint(ours, {
      role: "server",
      maxBufferedAmount: 1_000_000,
      error: (_socket, error) => void errors.push(error),
      close: ending.close,
    });
    assert.is(
      socket.send(filled(400_000, 1), (error) => void done.push(error)),
      true,
    );
    assert.is(
      socket.send(filled(400_000, 1), (error) => void done.push(error)),
      false,
      "the caller is to wait",
    );
    await settled();
    assert.is(socket.bufferedAmount, 800_000);
    assert.equal(done, [], "nothing is taken");
    socket.send(filled(400_000, 1));
    await settled();
    assert.is((errors[0] as Error).name, "LimitError");
    assert.is(ending.code, 1006);
    assert.is(done.length, 2);
    assert.ok(done.every((error) => error instanceof Error));
  });

  test("what waits leaves when it is taken, and drain follows", async () => {
    const [ours, theirs] = ends();
    let drainCount = 0;
    const socket = endpoint(ours, { role: "server", maxBufferedAmount: 1_000_000, drain: () => void drainCount++ });
    const done: unknown[] = [];
    for (let count = 0; count < 3; count++) socket.send(filled(300_000, count), (error) => void done.push(error));
    await settled();
    assert.is(drainCount, 0);
    const peer = new Peer(theirs);
    await until(() => drainCount === 1 && done.length === 3);
    assert.equal(done, [undefined, undefined, undefined]);
    assert.is(socket.bufferedAmount, 0);
    await peer.vanish();
  });

  test("what is no pair of streams, or is locked, is refused, and nothing is locked by that", async () => {
    const options = { role: "server" as const };
    const [ours] = ends();
    for (const wrong of [undefined, null, {}, { readable: ours.readable }, { writable: ours.writable }, "x"]) {
      await assertUsage(() => endpoint(wrong as unknown as End, options), /a ReadableStream and a WritableStream/);
    }
    const reader = ours.readable.getReader();
    await assertUsage(() => endpoint(ours, options), /locked/);
    reader.releaseLock();
    const writer = ours.writable.getWriter();
    await assertUsage(() => endpoint(ours, options), /locked/);
    assert.is(ours.readable.locked, false);
    writer.releaseLock();
    endpoint(ours, options).terminate();
  });

  test.run();
}
