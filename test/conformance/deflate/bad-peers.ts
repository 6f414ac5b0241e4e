// Peers for the tests of 12.* and 13.*: they negotiate as they should, read what is compressed, and send it back in ways of
// their own; or they have a way of their own with the header field.

import { createHash, randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, request } from "node:http";
import type { Socket } from "node:net";
import { concat } from "../../support/octets.ts";
import { badClient, badServer, behave, type Manners, polite, type Reaction } from "../bad-peers.ts";
import type { ClientSubject, ServerSubject } from "../subject.ts";
import type { Frame, Role } from "../wire.ts";
import { Deflater, Inflater } from "./codec.ts";
import type { Agreed, Direction, Wish } from "./negotiation.ts";

/** Sends a message back; `count` is 1 for the first. */
export type Echo = (opcode: number, message: Uint8Array, deflater: Deflater, count: number) => Reaction;

/** As a peer should. */
export const compressed = (opcode: number, message: Uint8Array, deflater: Deflater): readonly [Frame] => [
  { opcode, rsv: 4, payload: deflater.compress(message) },
];

/** Polite, with echoes of its own, and a compressor that may be another than what is agreed on. */
export function recompressing(echo: Echo, other: Partial<Direction> = {}): (agreed: Agreed, role: Role) => Manners {
  return (agreed, role) => {
    const inflater = new Inflater(agreed[role === "client" ? "server" : "client"]);
    const deflater = new Deflater({ ...agreed[role], ...other });
    let opcode = 0;
    let parts: Uint8Array[] = [];
    let count = 0;
    return (frame) => {
      if (frame.opcode >= 8) return polite(frame);
      // What the test side must do: RSV1 on the first frame, and there alone.
      if (frame.rsv !== (frame.opcode === 0 ? 0 : 4)) return ["drop"];
      if (frame.opcode !== 0) opcode = frame.opcode;
      parts.push(frame.payload);
      if (!frame.isFin) return [];
      const message = inflater.decompress(concat(...parts));
      parts = [];
      return echo(opcode, message, deflater, ++count);
    };
  };
}

/** What both accept, whatever is asked of them besides. */
const wishes: readonly Wish[] = [{ contextTakeover: true, windowBits: null }];

/** Such a peer in each role. */
export function compressingPeers(make: (agreed: Agreed, role: Role) => Manners): {
  readonly server: ServerSubject;
  readonly client: ClientSubject;
} {
  return {
    server: badServer((agreed) => make(agreed!, "server"), wishes),
    client: badClient((agreed) => make(agreed!, "client"), wishes),
  };
}

/** A server that answers with this field, whatever was offered, and is polite then. */
export function serverSaying(field: string): ServerSubject {
  return {
    name: "bad server",
    version: "",
    role: "server",
    async start() {
      const server = createServer();
      server.on("upgrade", ({ headers }: IncomingMessage, socket: Socket) => {
        const guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
        const accept = createHash("sha1").update(`${headers["sec-websocket-key"]}${guid}`).digest("base64");
        const lines = [
          "HTTP/1.1 101 Switching Protocols",
          "Upgrade: websocket",
          "Connection: Upgrade",
          `Sec-WebSocket-Accept: ${accept}`,
          `Sec-WebSocket-Extensions: ${field}`,
        ];
        socket.on("error", () => {}).on("end", () => socket.destroy());
        socket.write(`${lines.join("\r\n")}\r\n\r\n`);
        behave(socket, "server", new Uint8Array(0), polite);
      });
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      const { port } = server.address() as { readonly port: number };
      const stop = (): Promise<void> => new Promise((resolve) => void server.close(() => resolve()));
      return { url: `ws://127.0.0.1:${port}`, stop };
    },
  };
}

/** A client that offers this field, and is polite then, whatever the answer. */
export function clientSaying(field: string): ClientSubject {
  return {
    name: "bad client",
    version: "",
    role: "client",
    run(url) {
      const headers = {
        Connection: "Upgrade",
        Upgrade: "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": randomBytes(16).toString("base64"),
        "Sec-WebSocket-Extensions": field,
      };
      return new Promise((resolve, reject) => {
        const asked = request(url.replace("ws:", "http:"), { headers });
        asked.on("response", ({ statusCode }) => reject(new Error(`status ${statusCode}`)));
        asked.on("error", reject);
        asked.on("upgrade", (_: IncomingMessage, socket: Socket, head: Buffer) => {
          socket.on("close", () => resolve());
          behave(socket, "client", head, polite);
        });
        asked.end();
      });
    },
  };
}
