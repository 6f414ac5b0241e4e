// Peers for the tests of the suite itself: bare sockets that echo as they should but for one thing each. They read whatever
// they are sent, check nothing, and say what their manners say.

import { createServer, type Socket } from "node:net";
import { concat } from "../support/octets.ts";
import type { Agreed, Wish } from "./deflate/negotiation.ts";
import { openToClient, openToServer } from "./handshake.ts";
import type { ClientSubject, ServerSubject } from "./subject.ts";
import { encode, type Frame, mask, type Role } from "./wire.ts";

/** A frame as it came. */
export interface Received {
  readonly opcode: number;
  readonly isFin: boolean;
  readonly rsv: number;
  readonly payload: Uint8Array;
}

/** What a peer does: frames to send, "drop" to drop TCP, nothing for nothing. */
export type Reaction = readonly (Frame | "drop")[];

/** Reacts to a frame. One that shares nothing between connections is a function; others are made for each connection. */
export type Manners = (frame: Received) => Reaction;

/** Takes frames out of octets, right or wrong. */
class AnyFrames {
  private octets: Uint8Array = new Uint8Array(0);

  take(chunk: Uint8Array): Received[] {
    this.octets = concat(this.octets, chunk);
    const frames: Received[] = [];
    for (let frame = this.next(); frame !== null; frame = this.next()) frames.push(frame);
    return frames;
  }

  private next(): Received | null {
    const { octets } = this;
    if (octets.length < 2) return null;
    const [first, second] = octets as unknown as [number, number];
    const length7 = second & 127;
    const maskAt = 2 + (length7 === 126 ? 2 : length7 === 127 ? 8 : 0);
    const start = maskAt + (second > 127 ? 4 : 0);
    if (octets.length < start) return null;
    const length = length7 < 126 ? length7 : octets.subarray(2, maskAt).reduce((sum, octet) => sum * 256 + octet, 0);
    if (octets.length < start + length) return null;
    const payload = octets.slice(start, start + length);
    if (second > 127) mask(payload, octets.subarray(maskAt, start));
    this.octets = octets.subarray(start + length);
    return { opcode: first & 15, isFin: first > 127, rsv: (first >> 4) & 7, payload };
  }
}

/** Reacts to all that comes on a socket after its opening handshake. */
export function behave(socket: Socket, role: Role, rest: Uint8Array, manners: Manners): void {
  const frames = new AnyFrames();
  const take = (chunk: Uint8Array): void => {
    for (const frame of frames.take(chunk)) {
      for (const deed of manners(frame)) {
        if (deed === "drop") socket.end();
        else if (socket.writable) socket.write(encode(deed, role));
      }
    }
  };
  socket.on("data", take);
  take(rest);
  socket.resume();
}

/**
 * A server with manners; made anew for each connection.
 *
 * @param wishes  without any it agrees to no extension
 */
export function badServer(
  makeManners: (agreed: Agreed | null) => Manners,
  wishes: readonly Wish[] = [],
): ServerSubject {
  return {
    name: "bad server",
    version: "",
    role: "server",
    async start() {
      const sockets = new Set<Socket>();
      const server = createServer({ noDelay: true, allowHalfOpen: true }, (socket) => {
        sockets.add(socket);
        openToClient(socket, 5000, () => wishes).then(
          ({ rest, agreed }) => behave(socket, "server", rest, makeManners(agreed)),
          () => {},
        );
      });
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      const { port } = server.address() as { readonly port: number };
      return {
        url: `ws://127.0.0.1:${port}`,
        async stop() {
          for (const socket of sockets) socket.destroy();
          await new Promise((resolve) => server.close(resolve));
        },
      };
    },
  };
}

/**
 * A client with manners.
 *
 * @param wishes  without any it offers no extension
 */
export function badClient(
  makeManners: (agreed: Agreed | null) => Manners,
  wishes: readonly Wish[] = [],
): ClientSubject {
  return {
    name: "bad client",
    version: "",
    role: "client",
    async run(url) {
      const { socket, rest, agreed } = await openToServer(new URL(url), 5000, wishes);
      const closed = new Promise<void>((resolve) => socket.on("close", () => resolve()));
      behave(socket, "client", rest, makeManners(agreed));
      await closed;
    },
  };
}

/** Answers pings and Closes, sends back every unfragmented message. */
export const polite: Manners = ({ opcode, payload }) => {
  if (opcode === 8) return [{ opcode, payload: payload.subarray(0, 2) }, "drop"];
  if (opcode === 9) return [{ opcode: 10, payload }];
  return opcode === 1 || opcode === 2 ? [{ opcode, payload }] : [];
};

/** Polite, but for what `react` says; null from it is politeness. */
export const politeBut =
  (react: (frame: Received) => Reaction | null): (() => Manners) =>
  () =>
  (frame) =>
    react(frame) ?? polite(frame);

/** The payload of a Close. */
export const closing = (closeCode: number): Frame => ({
  opcode: 8,
  payload: Uint8Array.of(closeCode >>> 8, closeCode & 255),
});
