// The applications that are measured: how a connection to each is opened, and what its messages look like on the wire.

import assert from "node:assert/strict";
import { encodeFrame, Opcode } from "../../bindings/index.ts";
import { textOf } from "../inputs.ts";
import { dialBare, isHead, readUntil, type Wire } from "../wire.ts";

/** What a message is there for: to come back, or to come to all. */
export type Answer = "echo" | "publish";

export interface Application {
  /** Of its program. */
  readonly name: string;
  /** A message that asks for an answer, and the answer. Both carry text; an echo is the same both ways. */
  asking(answer: Answer): Buffer;
  answer(): Buffer;
  open(port: number, answer: Answer): Promise<Wire>;
}

const TEXT_LENGTH = 64;
const letters = textOf("ASCII", TEXT_LENGTH).replaceAll(/["\\]/g, "x");

async function upgrade(port: number, path: string, isEnough: (octets: Buffer) => boolean): Promise<Wire> {
  const wire = await dialBare(port);
  wire.socket.write(
    `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
  );
  const head = await readUntil(wire, isEnough);
  assert.match(head.toString("latin1"), /^HTTP\/1\.1 101 /);
  return wire;
}

const ws: Application = {
  name: "ws",
  asking: () => Buffer.from(letters),
  answer: () => Buffer.from(letters),
  open: (port, answer) => upgrade(port, answer === "publish" ? "/publish" : "/", isHead),
};

// Engine.IO 4: "0" opens and brings what was agreed as JSON, "4" is a message. Socket.IO 5 in it: "0" joins the namespace, "2"
// is an event.
const event = (name: string): Buffer => Buffer.from(`42["${name}","${letters}"]`);
const brings =
  (start: string) =>
  (octets: Buffer): boolean =>
    octets.includes(start) && octets.at(-1) === "}".charCodeAt(0);

const socketIo: Application = {
  name: "socket-io",
  asking: (answer) => event(answer === "publish" ? "p" : "m"),
  answer: () => event("m"),
  async open(port) {
    const wire = await upgrade(port, "/socket.io/?EIO=4&transport=websocket", brings('0{"sid"'));
    const joined = readUntil(wire, brings('40{"sid"'));
    wire.socket.write(encodeFrame(Opcode.Text, Buffer.from("40"), { role: "client" }));
    await joined;
    return wire;
  },
};

export const applications: readonly Application[] = [ws, socketIo];
