// The opening handshake of the test side in both roles, on raw sockets. RFC 6455 §4. No subprotocol is offered, accepted or
// tolerated, and no extension but where the caller has wishes for permessage-deflate (deflate/negotiation.ts). A handshake that
// fails, or takes longer than it may, rejects with what was wrong.

import { createHash, randomBytes } from "node:crypto";
import { connect, type Socket } from "node:net";
import { type Agreed, agreedByReply, offersOf, replyTo, type Wish } from "./deflate/negotiation.ts";

/** A socket after the opening handshake; it is paused. */
export interface Opened {
  readonly socket: Socket;
  /** The resource asked for, by whichever side. */
  readonly resource: string;
  /** Octets that came with the peer's head. */
  readonly rest: Uint8Array;
  /** How messages are compressed; null where no extension was agreed on. */
  readonly agreed: Agreed | null;
}

/** How long a handshake may take, in ms. */
export const HANDSHAKE_LIMIT_MS = 5000;

const HEAD_CAPACITY = 65536;

interface Head {
  readonly firstLine: string;
  /** By name in lower case. */
  readonly fields: ReadonlyMap<string, readonly string[]>;
  readonly rest: Uint8Array;
}

/** RFC 6455 §4.2.2 step 5.4. */
function acceptOf(key: string): string {
  return createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
}

function parseHead(text: string, rest: Uint8Array): Head {
  const [firstLine, ...lines] = text.split("\r\n");
  const fields = new Map<string, string[]>();
  for (const line of lines) {
    const colon = line.indexOf(":");
    if (colon < 1) throw new Error(`a header line without a name: ${line}`);
    const name = line.slice(0, colon).toLowerCase();
    fields.set(name, [...(fields.get(name) ?? []), line.slice(colon + 1).trim()]);
  }
  return { firstLine: firstLine!, fields, rest };
}

/** Reads up to the empty line; leaves the socket paused. */
function readHead(socket: Socket, limitMs: number): Promise<Head> {
  return new Promise((resolve, reject) => {
    let received = Buffer.alloc(0);
    const settle = (act: () => void): void => {
      clearTimeout(timer);
      socket.off("data", onData).off("error", onError).off("end", onEnd).off("close", onEnd);
      socket.on("error", () => {}); // from here on `close` says it all
      socket.pause();
      act();
    };
    const fail = (message: string): void =>
      settle(() => {
        socket.destroy();
        reject(new Error(message));
      });
    const onError = (error: Error): void => fail(error.message);
    const onEnd = (): void => fail("the connection ended within the opening handshake");
    const onData = (chunk: Buffer): void => {
      received = Buffer.concat([received, chunk]);
      const end = received.indexOf("\r\n\r\n");
      if (end < 0) {
        if (received.length > HEAD_CAPACITY) fail(`no end of the head within ${HEAD_CAPACITY} octets`);
        return;
      }
      settle(() => {
        try {
          resolve(parseHead(received.toString("latin1", 0, end), received.subarray(end + 4)));
        } catch (error) {
          socket.destroy();
          reject(error);
        }
      });
    };
    const timer = setTimeout(() => fail(`no opening handshake within ${limitMs} ms`), limitMs);
    socket.on("data", onData).on("error", onError).on("end", onEnd).on("close", onEnd);
  });
}

function only(head: Head, name: string): string | undefined {
  const values = head.fields.get(name) ?? [];
  if (values.length > 1) throw new Error(`${values.length} header fields ${name}`);
  return values[0];
}

function listHas(head: Head, name: string, token: string): boolean {
  const items = (head.fields.get(name) ?? []).flatMap((value) => value.split(","));
  return items.some((item) => item.trim().toLowerCase() === token);
}

function checkResponse(head: Head, key: string): void {
  const require = (holds: boolean, what: string): void => {
    if (!holds) throw new Error(what);
  };
  require(/^HTTP\/1\.1 101(?: |$)/.test(head.firstLine), `the answer is ${JSON.stringify(head.firstLine)}`);
  require(only(head, "upgrade")?.toLowerCase() === "websocket", "no Upgrade: websocket");
  require(listHas(head, "connection", "upgrade"), "no Connection: Upgrade");
  require(only(head, "sec-websocket-accept") === acceptOf(key), "a wrong Sec-WebSocket-Accept");
  require(only(head, "sec-websocket-protocol") === undefined, "a subprotocol that was not asked for");
}

/**
 * Connects to a server.
 *
 * @param url     a ws: URL
 * @param wishes  are offered; without any, no extension is
 */
export async function openToServer(url: URL, limitMs: number, wishes: readonly Wish[] = []): Promise<Opened> {
  const offers = offersOf(wishes);
  const port = url.port === "" ? 80 : Number(url.port);
  const resource = `${url.pathname}${url.search}`;
  const key = randomBytes(16).toString("base64");
  const socket = connect({ host: url.hostname.replace(/^\[|\]$/g, ""), port });
  const lines = [
    `GET ${resource} HTTP/1.1`,
    "User-Agent: wsimd-conformance",
    `Host: ${url.hostname}:${port}`,
    "Upgrade: WebSocket",
    "Connection: Upgrade",
    "Pragma: no-cache",
    "Cache-Control: no-cache",
    `Sec-WebSocket-Key: ${key}`,
    ...(offers === null ? [] : [`Sec-WebSocket-Extensions: ${offers}`]),
    "Sec-WebSocket-Version: 13",
  ];
  socket.write(`${lines.join("\r\n")}\r\n\r\n`);
  const head = await readHead(socket, limitMs);
  try {
    checkResponse(head, key);
    const agreed = agreedByReply(wishes, only(head, "sec-websocket-extensions"));
    return { socket, resource, rest: head.rest, agreed };
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

function checkRequest(head: Head): { readonly resource: string; readonly key: string } {
  const resource = /^GET (\S+) HTTP\/1\.1$/.exec(head.firstLine)?.[1];
  const key = only(head, "sec-websocket-key");
  const isUpgrade = listHas(head, "upgrade", "websocket") && listHas(head, "connection", "upgrade");
  if (resource === undefined || !isUpgrade) throw new Error(`not an upgrade: ${JSON.stringify(head.firstLine)}`);
  if (only(head, "host") === undefined) throw new Error("no Host");
  if (only(head, "sec-websocket-version") !== "13") throw new Error("Sec-WebSocket-Version is not 13");
  if (key === undefined || !/^[A-Za-z0-9+/]{22}==$/.test(key)) throw new Error("Sec-WebSocket-Key is not of 16 octets");
  return { resource, key };
}

/** The field as one, which a client may send in several; undefined where there is none. RFC 6455 §9.1 */
const offersIn = (head: Head): string | undefined => head.fields.get("sec-websocket-extensions")?.join(", ");

/**
 * Answers a client.
 *
 * @param wishesFor  says what to ask of the client where a resource is asked for; nothing, and no extension is agreed on
 */
export async function openToClient(
  socket: Socket,
  limitMs: number,
  wishesFor: (resource: string) => readonly Wish[] = () => [],
): Promise<Opened> {
  const head = await readHead(socket, limitMs);
  try {
    const { resource, key } = checkRequest(head);
    const wishes = wishesFor(resource);
    const reply = wishes.length === 0 ? null : replyTo(wishes, offersIn(head));
    const lines = [
      "HTTP/1.1 101 Switching Protocols",
      "Upgrade: websocket",
      "Connection: Upgrade",
      `Sec-WebSocket-Accept: ${acceptOf(key)}`,
      ...(reply === null ? [] : [`Sec-WebSocket-Extensions: ${reply.field}`]),
    ];
    socket.write(`${lines.join("\r\n")}\r\n\r\n`);
    return { socket, resource, rest: head.rest, agreed: reply?.agreed ?? null };
  } catch (error) {
    socket.end("HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
    socket.resume();
    throw error;
  }
}
