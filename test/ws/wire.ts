// An end of a connection that is nothing but a socket: it says what it is told, octet by octet, and what it reads it
// shows as text.

import { createHash } from "node:crypto";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { frame, masked } from "../support/frames.ts";
import { concat, hex, toHex, utf8 } from "../support/octets.ts";
import type { Scene } from "./scenario.ts";
import { showOctets } from "./transcript.ts";

const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const opcodeNames: Readonly<Record<number, string>> = {
  0: "more",
  1: "text",
  2: "binary",
  8: "close",
  9: "ping",
  10: "pong",
};

/** A frame as it stood on the wire. */
export interface WireFrame {
  readonly opcode: number;
  readonly fin: boolean;
  readonly rsv1: boolean;
  readonly masked: boolean;
  readonly payload: Uint8Array;
}

/** `text 48 69`, `close masked 03 e8`: its name, what is unusual of its bits, and its octets. */
export function showFrame({ opcode, fin, rsv1, masked: isMasked, payload }: WireFrame): string {
  const bits = [fin ? "" : " unfinished", rsv1 ? " rsv1" : "", isMasked ? " masked" : ""].join("");
  return `${opcodeNames[opcode] ?? opcode}${bits} ${showOctets(payload)}`.trimEnd();
}

/** The first frame that `octets` hold whole, and how long it is. RFC 6455 §5.2. */
export function readFrame(octets: Buffer): { readonly frame: WireFrame; readonly length: number } | undefined {
  if (octets.length < 2) return undefined;
  const isMasked = octets[1]! > 127;
  const short = octets[1]! & 127;
  const keyAt = short === 127 ? 10 : short === 126 ? 4 : 2;
  const start = keyAt + (isMasked ? 4 : 0);
  if (octets.length < start) return undefined;
  const payloadLength =
    short === 127 ? Number(octets.readBigUInt64BE(2)) : short === 126 ? octets.readUInt16BE(2) : short;
  const length = start + payloadLength;
  if (octets.length < length) return undefined;
  const octet = octets[0]!;
  const raw = octets.subarray(start, length);
  const payload = isMasked ? masked(raw, octets.subarray(keyAt, start)) : raw;
  const bits = { opcode: octet & 15, fin: octet > 127, rsv1: (octet & 0x40) !== 0, masked: isMasked };
  return { frame: { ...bits, payload }, length };
}

/** Spaced hex, or octets. */
export type Octets = string | Uint8Array;

const octetsOf = (octets: Octets): Uint8Array => (typeof octets === "string" ? hex(octets) : octets);

/** A client's frame under the key 01 02 03 04; a string is taken as text. §5.3 */
export function fromClient(opcode: number, payload: string | Uint8Array = "", bits: object = {}): Uint8Array {
  const octets = typeof payload === "string" ? utf8(payload) : payload;
  return frame({ opcode, maskingKey: Uint8Array.of(1, 2, 3, 4), payload: octets, ...bits });
}

/** A server's frame, which has no key. */
export function fromServer(opcode: number, payload: string | Uint8Array = "", bits: object = {}): Uint8Array {
  return frame({ opcode, payload: typeof payload === "string" ? utf8(payload) : payload, ...bits });
}

/** What a Close frame holds. §5.5.1 */
export function closePayload(code: number, reason = ""): Uint8Array {
  return concat(Uint8Array.of(code >> 8, code & 255), utf8(reason));
}

export class Wire {
  readonly socket: Socket;
  /** The head of the request or of the response that came. */
  head = "";
  private unread: Buffer = Buffer.alloc(0);
  private ending = "";
  private wake: () => void = () => {};

  constructor(socket: Socket) {
    this.socket = socket;
    const over = (how: string) => {
      this.ending ||= how;
      this.wake();
    };
    socket.on("data", (chunk) => {
      this.unread = Buffer.concat([this.unread, chunk]);
      this.wake();
    });
    socket.on("end", () => over("FIN"));
    socket.on("error", () => over("RST"));
    socket.on("close", () => over("closed"));
  }

  /** Sends parts as one write: text of HTTP goes through `say`. */
  send(...parts: readonly Octets[]): this {
    this.socket.write(concat(...parts.map(octetsOf)));
    return this;
  }

  say(text: string): this {
    this.socket.write(text, "latin1");
    return this;
  }

  /** Sends as many writes as there are octets, each of them alone. */
  async trickle(octets: Octets): Promise<void> {
    this.socket.setNoDelay();
    for (const octet of octetsOf(octets)) {
      this.socket.write(Uint8Array.of(octet));
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  private async more(): Promise<boolean> {
    if (this.ending !== "") return false;
    await new Promise<void>((resolve) => {
      this.wake = resolve;
    });
    return true;
  }

  /** Reads to the end of a head, which it keeps. @throws Error where the socket ends before */
  async readHead(): Promise<string> {
    let end = this.unread.indexOf("\r\n\r\n");
    while (end === -1 && (await this.more())) end = this.unread.indexOf("\r\n\r\n");
    if (end === -1) throw new Error(`no head, ${this.ending}: ${this.unread.toString("latin1")}`);
    this.head = this.unread.toString("latin1", 0, end);
    this.unread = this.unread.subarray(end + 4);
    return this.head;
  }

  /** The next frame that comes; undefined where the socket ends first. */
  async frame(): Promise<WireFrame | undefined> {
    for (;;) {
      const found = readFrame(this.unread);
      if (found !== undefined) {
        this.unread = this.unread.subarray(found.length);
        return found.frame;
      }
      if (!(await this.more())) return undefined;
    }
  }

  /** The next frames, as text. */
  async frames(count: number): Promise<string[]> {
    const shown: string[] = [];
    for (let index = 0; index < count; index++) {
      const next = await this.frame();
      shown.push(next === undefined ? this.ending : showFrame(next));
    }
    return shown;
  }

  /** All frames until the socket ends, and how it does. */
  async rest(): Promise<string[]> {
    const shown: string[] = [];
    for (let next = await this.frame(); next !== undefined; next = await this.frame()) shown.push(showFrame(next));
    return [...shown, this.ending];
  }

  /** Everything that is still to come, as text: what follows the head of an answer that is no upgrade. */
  async restText(): Promise<string> {
    while (await this.more());
    return this.unread.toString("latin1");
  }

  /** The lines of the head; those that differ from run to run go without their value. */
  headLines(): string[] {
    return this.head.split("\r\n").map((line) => line.replace(/^(Date|Host|Sec-WebSocket-Key): .*/i, "$1: ..."));
  }

  /** Ends with FIN. */
  end(): void {
    this.socket.end();
  }

  /** Ends with RST. */
  reset(): void {
    this.socket.resetAndDestroy();
  }
}

/** A valid opening handshake, some fields replaced or, where null, left out. §4.1 */
export function requestText(changes: Readonly<Record<string, string | null>> = {}, line = "GET / HTTP/1.1"): string {
  const fields: Record<string, string | null> = {
    Host: "127.0.0.1",
    Upgrade: "websocket",
    Connection: "Upgrade",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version": "13",
    ...changes,
  };
  const lines = Object.entries(fields).flatMap(([name, value]) => (value === null ? [] : [`${name}: ${value}`]));
  return `${[line, ...lines].join("\r\n")}\r\n\r\n`;
}

/** A bare connection to a port. */
export async function rawConnect(scene: Scene, port: number): Promise<Wire> {
  const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  scene.later(() => socket.destroy());
  const wire = new Wire(socket);
  await once(socket, "connect");
  return wire;
}

/** A bare client whose opening handshake is done. */
export async function rawClient(scene: Scene, port: number, changes: Record<string, string> = {}): Promise<Wire> {
  const wire = await rawConnect(scene, port);
  wire.say(requestText(changes));
  await wire.readHead();
  return wire;
}

/** What a request is answered with to be an upgrade, other fields added; where null, left out. §4.2.2 */
export function responseText(
  requestHead: string,
  changes: Readonly<Record<string, string | null>> = {},
  line = "HTTP/1.1 101 Switching Protocols",
): string {
  const [, key = ""] = /^Sec-WebSocket-Key: (.*)$/im.exec(requestHead) ?? [];
  const accept = createHash("sha1").update(`${key}${GUID}`).digest("base64");
  const fields = { Upgrade: "websocket", Connection: "Upgrade", "Sec-WebSocket-Accept": accept, ...changes };
  const lines = Object.entries(fields).flatMap(([name, value]) => (value === null ? [] : [`${name}: ${value}`]));
  return `${[line, ...lines].join("\r\n")}\r\n\r\n`;
}

/** A bare server: each connection that comes is handed to `serve`, as the request's head has been read. */
export async function rawServer(
  scene: Scene,
  serve: (wire: Wire, index: number) => void | Promise<void>,
): Promise<{ readonly url: string; readonly port: number }> {
  let count = 0;
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    const wire = new Wire(socket);
    // A client that goes before its request has been read is no fault of this end.
    wire.readHead().then(
      () => serve(wire, count++),
      () => {},
    );
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  scene.later(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo;
  return { port, url: `ws://127.0.0.1:${port}` };
}

/** A bare server that upgrades, says `parts` in the same write as its answer, and goes on with `serve`. */
export async function upgrading(
  scene: Scene,
  serve: (wire: Wire) => void | Promise<void> = () => {},
  { changes = {}, parts = [] }: { changes?: Record<string, string | null>; parts?: readonly Octets[] } = {},
): Promise<{ readonly url: string; readonly port: number }> {
  return rawServer(scene, (wire) => {
    wire.send(Buffer.from(responseText(wire.head, changes), "latin1"), ...parts);
    return serve(wire);
  });
}

export { hex, toHex };
