// Decoding a server's input, without a socket: each run copies a pristine chunk of masked frames into a working buffer, as
// if it had just arrived, and has it decoded. Text is delivered as strings, binary as octets.

import assert from "node:assert/strict";
import { Connection, FrameDecoder, Opcode } from "../bindings/index.ts";
import { clientChunk } from "./frames.ts";
import { lengthName, octetsOf, type Script, textOf } from "./inputs.ts";
import type { Contestant, Row } from "./measure.ts";
import { openDriver, Receiver } from "./peers.ts";

/** What a chunk holds: frames alike. */
interface Shape {
  readonly count: number;
  readonly octets: number;
  readonly script: Script | "binary";
}

const shapes: readonly Shape[] = [
  { count: 1, octets: 20, script: "ASCII" },
  { count: 64, octets: 20, script: "ASCII" },
  { count: 1, octets: 125, script: "binary" },
  { count: 16, octets: 125, script: "binary" },
  { count: 1, octets: 1024, script: "ASCII" },
  { count: 64, octets: 1024, script: "ASCII" },
  { count: 1, octets: 16384, script: "ASCII" },
  { count: 1, octets: 65500, script: "ASCII" },
  { count: 1, octets: 65500, script: "binary" },
  { count: 1, octets: 64, script: "emoji" },
  { count: 1, octets: 1024, script: "emoji" },
  { count: 1, octets: 17000, script: "Cyrillic" },
  { count: 1, octets: 16384, script: "Chinese" },
];

/** Where messages go: counted while timed, kept while checked. */
class Inbox {
  length = 0;
  last: string | Uint8Array = "";
  kept: (string | Buffer)[] | null = null;

  take(data: string | Uint8Array): void {
    this.length += data.length;
    this.last = data;
    if (this.kept !== null) this.kept.push(typeof data === "string" ? data : Buffer.from(data));
  }
}

/** Makes a decoder that delivers to the inbox, and returns what feeds it a chunk. */
type Make = (inbox: Inbox) => (chunk: Buffer) => void;

const connection: Make = (inbox) => {
  const subject = new Connection({
    role: "server",
    handlers: { message: (_, data) => inbox.take(data) },
  });
  return (chunk) => subject.receive(chunk, { mayOverwrite: true });
};

const frameDecoder: Make = (inbox) => {
  const subject = new FrameDecoder({ role: "server" });
  const sink = {
    frame: (opcode: number, _flags: number, payload: Uint8Array) =>
      inbox.take(opcode === Opcode.Text ? (payload as Buffer).toString() : payload),
  };
  return (chunk) => void subject.decode(chunk, sink);
};

const wsReceiver: Make = (inbox) => {
  const receiver = new Receiver({ isServer: true, allowSynchronousEvents: true, maxPayload: 100 * 1024 * 1024 });
  receiver.on("message", (data, isBinary) => inbox.take(isBinary ? data : data.toString()));
  return (chunk) => void receiver.write(chunk);
};

const driver: Make = (inbox) => {
  const subject = openDriver({ requireMasking: true });
  subject.messages.on("data", (data: string | Buffer) => inbox.take(data));
  return (chunk) => void subject.io.write(chunk);
};

function contestant(name: string, make: Make, { count, octets, script }: Shape): Contestant {
  const payload = script === "binary" ? octetsOf(octets) : Buffer.from(textOf(script, octets));
  const pristine = clientChunk(script === "binary" ? Opcode.Binary : Opcode.Text, payload, count);
  const working = Buffer.allocUnsafeSlow(pristine.length);
  const inbox = new Inbox();
  const feed = make(inbox);
  const run = (): void => {
    working.set(pristine);
    feed(working);
  };
  return {
    name,
    run,
    check() {
      inbox.kept = [];
      run();
      assert.equal(inbox.kept.length, count, `${name} delivers the wrong number of messages`);
      for (const data of inbox.kept) {
        assert.equal(typeof data === "string", script !== "binary", `${name} delivers the wrong kind`);
        assert.ok(payload.equals(Buffer.from(data as string)), `${name} delivers wrong octets`);
      }
      inbox.kept = null;
    },
  };
}

function row(topic: string, shape: Shape, makes: Readonly<Record<string, Make>>): Row {
  const { count, octets, script } = shape;
  const kind = script === "binary" ? "binary" : script === "ASCII" ? "text" : `text, ${script}`;
  return {
    topic,
    name: `${count} x ${lengthName(octets)} ${kind}`,
    frames: count,
    octets,
    contestants: () => Object.entries(makes).map(([name, make]) => contestant(name, make, shape)),
  };
}

export function decodeRows(): Row[] {
  const full = { Connection: connection, "ws Receiver": wsReceiver, "websocket-driver": driver };
  const bare = { FrameDecoder: frameDecoder, "ws Receiver": wsReceiver };
  return [
    ...shapes.map((shape) => row("decode", shape, full)),
    ...shapes.map((shape) => row("decode frames", shape, bare)),
  ];
}
