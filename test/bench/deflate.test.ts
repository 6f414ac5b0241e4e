// What bench:server measures compression with: messages, their frames, and a load that tells a wrong echo. Nothing is timed here.

import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { constants, inflateRawSync } from "node:zlib";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type WebSocket, WebSocketServer } from "ws";
import { columnsOf, deflating, lineUp, names } from "../../bench/server/contestants.ts";
import { compressedFrames, History } from "../../bench/server/deflate/compressed.ts";
import { offerOf } from "../../bench/server/deflate/echo.ts";
import { FrameCounter, readHeader, wholeFrames } from "../../bench/server/deflate/frames.ts";
import { Cycle, DeflateLoad } from "../../bench/server/deflate/load.ts";
import { messagesOf } from "../../bench/server/deflate/messages.ts";
import { comparisons } from "../../bench/server/results.ts";
import { jobsOf } from "../../bench/server/topics.ts";
import { unmasked } from "../../bench/shape.ts";
import { dial } from "../../bench/wire.ts";
import { encodeFrame, Opcode } from "../../bindings/index.ts";

const test = suite("bench / deflate");

test("messages have the length that is asked for, differ, and are the same in every run", () => {
  for (const content of ["JSON", "prose", "binary"] as const) {
    for (const length of [64, 256, 1024, 16_384]) {
      const messages = messagesOf(content, length, 8);
      assert.ok(messages.every((message) => message.length === length));
      assert.is(new Set(messages.map(String)).size, 8);
      assert.equal(messagesOf(content, length, 8), messages);
      if (content === "JSON") for (const message of messages) JSON.parse(message.toString());
    }
  }
});

/** A client's frame without its mask, which is of the shortest form that its length has. */
function payloadOf(frame: Uint8Array): Uint8Array {
  const headerLength = readHeader(
    Uint8Array.of(frame[0]!, frame[1]! & 0x7f, ...frame.subarray(2)),
    0,
    10,
  )!.headerLength;
  const plain = unmasked(Buffer.from(frame), frame.length - headerLength - 4);
  return wholeFrames(plain)![0]!.payload;
}

test("a cycle's frames are one DEFLATE stream, also where it begins anew: RFC 7692 §7.2.3.2", () => {
  const messages = messagesOf("JSON", 256, 8);
  const frames = compressedFrames(messages, true, new History(true));
  for (const frame of frames) assert.is(frame[0], 0xc1); // FIN, RSV1, text
  const payloads = frames.map(payloadOf);
  assert.ok(payloads[7]!.length < payloads[0]!.length);
  const tail = Buffer.from("0000ffff", "hex");
  const twice = Buffer.concat([...payloads, ...payloads].flatMap((payload) => [payload, tail]));
  const inflated = inflateRawSync(twice, { finishFlush: constants.Z_SYNC_FLUSH });
  assert.equal(inflated, Buffer.concat([...messages, ...messages]));
});

test("without takeover each message stands by itself", () => {
  const messages = messagesOf("prose", 256, 3);
  for (const [index, frame] of compressedFrames(messages, true, new History(false)).entries()) {
    assert.equal(new History(false).inflate(payloadOf(frame)), messages[index]);
  }
});

test("frames are counted wherever chunks are cut", () => {
  const lengths = [0, 1, 125, 126, 300, 65_535, 65_536, 3];
  const frames = Buffer.concat(lengths.map((length) => encodeFrame(Opcode.Binary, new Uint8Array(length))));
  for (const chunkLength of [1, 2, 3, 7, 11, 1000, frames.length]) {
    const counter = new FrameCounter();
    let count = 0;
    for (let at = 0; at < frames.length; at += chunkLength) {
      const chunk = frames.subarray(at, at + chunkLength);
      count += counter.push(chunk, chunk.length);
    }
    assert.is(count, lengths.length, `chunks of ${chunkLength}`);
  }
  assert.is(wholeFrames(frames)!.length, lengths.length);
  assert.is(wholeFrames(frames.subarray(0, -1)), null);
});

async function servedBy(answer: (socket: WebSocket, text: string) => void, work: (port: number) => Promise<void>) {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate: { threshold: 0 } });
  server.on("connection", (socket) => socket.on("message", (data) => answer(socket, String(data))));
  await once(server, "listening");
  try {
    await work((server.address() as AddressInfo).port);
  } finally {
    for (const socket of server.clients) socket.terminate();
    server.close();
  }
}

const cycle = new Cycle({ content: "JSON", octets: 256, inFlight: 4, isTakenOver: true });

test("the load goes round its cycle, and knows how long answers were", () =>
  servedBy(
    (socket, text) => socket.send(text),
    async (port) => {
      const load = new DeflateLoad(cycle, true);
      await load.adopt(await dial(port, false, offerOf(true)));
      await load.adopt(await dial(port, false, offerOf(true)));
      load.start();
      for (const isEnough = (): boolean => load.answered > cycle.messages.length; !isEnough(); ) await wait(5);
      load.stop();
      while (!load.isQuiet) await wait(5);
      load.close();
      assert.is(load.answered % 4, 0);
      assert.ok(load.octetsBack > 20 && load.octetsBack < 200, String(load.octetsBack));
    },
  ));

test("a load refuses an echo that differs, and a server that agreed to something else", () =>
  servedBy(
    (socket, text) => socket.send(text.replace("seq", "sep")),
    async (port) => {
      const refusal = async (work: () => Promise<unknown>): Promise<string> =>
        work().then(
          () => "none",
          (error: Error) => error.message,
        );
      const wire = await dial(port, false, offerOf(true));
      assert.match(await refusal(() => new DeflateLoad(cycle, false).adopt(wire)), /differs/);
      wire.socket.destroy();
      assert.match(await refusal(() => dial(port, false, offerOf(false))), /no_context_takeover/);
    },
  ));

test("servers with another's level take part where messages are compressed, and only there", () => {
  const runtimes = [{ kind: "node", label: "Node 20.1.0", path: "node" }] as const;
  const taking = lineUp(deflating, runtimes, { answer: "echo", deflate: { takeover: false } });
  const settings = taking.map(({ name, command }) => [name, JSON.parse(command.at(-1)!).level]);
  assert.equal(new Map(settings as [string, unknown][]).get("ws level 2"), 2);
  assert.equal([...settings].map(([name]) => name).sort(), [...deflating].sort());
  assert.not(lineUp(names, runtimes, { answer: "echo" }).some(({ name }) => name.includes("level")));
  const columns = (topic: string, measuredNames: readonly string[]): readonly string[] => {
    const measured = measuredNames.map((name) => ({ name, runtime: "Node 20.1.0", figures: [1] }));
    return columnsOf({ topic, name: "row", unit: "us", measured, failures: [] });
  };
  assert.equal(
    columns("deflate, no takeover", ["wsimd"]),
    deflating.filter((name) => !name.includes("registered")),
  );
  assert.not(columns("echo", ["wsimd"]).includes("ws level 2"));
  assert.equal(columns("deflate", ["ws registered"]), ["ws", "ws registered", "ws registered level 2"]);
  assert.equal(columns("echo", ["ws registered"]), ["ws", "ws registered", "ws bytes", "ws registered bytes"]);
});

test("each is compared with the other at both levels", () => {
  const ours = deflating.filter((name) => !name.includes("registered"));
  const measured = ours.map((name) => ({ name, runtime: "Node 20.1.0", figures: [1] }));
  const found = comparisons({ topic: "deflate", name: "row", unit: "us", measured, failures: [] });
  assert.equal(
    found.map(({ ours, rival }) => `${ours.name} / ${rival.name}`),
    ["wsimd / ws", "wsimd / ws level 2", "wsimd level 6 / ws"],
  );
});

test("the topic has rows with takeover, without, and of memory", () => {
  const topics = new Set(jobsOf({ only: ["deflate"], curves: false }).map(({ topic }) => topic));
  assert.equal([...topics], ["deflate", "deflate, no takeover", "deflate, memory"]);
});

test.run();
