// Whether sockets of this process can be read into linear memory: tried out once, on a connection over loopback that sees
// octets, a pause, more octets and an end; and whether handles can be written to, which is another matter. What is not exactly
// as expected, or takes too long, is a refusal.

import { randomBytes } from "node:crypto";
import { type AddressInfo, connect, createServer, type Server as NetServer, type Socket as NetSocket } from "node:net";
import * as timers from "node:timers";
import { HandleWriter, Written, watchWrite } from "./handle-writer.ts";
import { isPossible, readInto } from "./memory-reader.ts";

// Those that Node began with: an application's tests may have put a clock of their own in their place.
const { setInterval, clearInterval, setImmediate } = timers;

// Far more than it takes: a refusal costs speed, no connection. Not one long timer, which would go off in a process that was
// busy meanwhile: each look is a turn of the event loop, and the trial takes some six.
const LOOK_MS = 100;
const LOOK_COUNT = 20;
const WRITING_LOOK_COUNT = 5;

const TOKEN_LENGTH = 16;

/** Reads `token`, twice, into a region of its own; rejects at the first surprise. */
function readTwice(socket: NetSocket, token: Buffer, sendAgain: () => void): Promise<void> {
  const region = new Uint8Array(64);
  let count = 0;
  return new Promise((resolve, reject) => {
    const expect = (holds: boolean, what: string): void => {
      if (!holds) reject(new Error(`reading into memory: ${what}`));
    };
    const isInstalled = readInto(socket, region, (length, given) => {
      count++;
      expect(!socket.isPaused(), "octets came during a pause");
      expect(given === region && length === TOKEN_LENGTH, `${length} octets, or elsewhere`);
      expect(token.equals(region.subarray(0, length)) && region[length] === 0, "other octets than were sent");
      expect(socket.bytesRead === count * TOKEN_LENGTH, `bytesRead is ${socket.bytesRead}`);
      region.fill(0);
      if (count !== 1) return;
      socket.pause();
      sendAgain();
      setImmediate(() => setImmediate(() => socket.resume()));
    });
    expect(isInstalled, "this platform's sockets have no place for it");
    socket.on("data", () => expect(false, "octets came as an event"));
    socket.on("error", reject);
    socket.on("end", () => {
      expect(count === 2, `${count} reads`);
      resolve();
    });
  });
}

/** What was found out. */
export interface Trial {
  /** Why sockets cannot be read into memory; null where they can. */
  readonly refusal: Error | null;
  /** Null where streams have to be written to. */
  readonly writer: HandleWriter | null;
}

/** Writes `token` twice, by the stream and by its handle; null where either is not as expected. */
async function tryWriting(from: NetSocket, to: NetSocket, token: Buffer): Promise<HandleWriter | null> {
  const chunks: Buffer[] = [];
  to.on("data", (chunk: Buffer) => chunks.push(chunk));
  const ended = new Promise((resolve) => to.on("end", resolve));
  const request = watchWrite(from, token);
  const writer = request === undefined ? null : new HandleWriter(request);
  const before = from.bytesWritten;
  const isWritten = writer?.write(from, token) === Written.Whole && from.bytesWritten === before + token.length;
  from.end();
  await ended;
  return isWritten && Buffer.concat(chunks).equals(Buffer.concat([token, token])) ? writer : null;
}

/** Both ends of a connection of the process with itself, of which one was read into memory. */
interface Tried {
  readonly socket: NetSocket;
  readonly own: NetSocket;
  readonly token: Buffer;
}

/** Connects the process with itself and reads; whatever is opened for it joins `ends`. */
async function converse(server: NetServer, ends: Set<NetSocket>): Promise<Tried> {
  const token = randomBytes(TOKEN_LENGTH);
  let client: NetSocket | null = null;
  const accepted = new Promise<NetSocket>((resolve) => {
    server.on("connection", (socket) => {
      // Anybody may connect to an open port: only our own counts.
      if (socket.remotePort !== client?.localPort) {
        socket.destroy();
        return;
      }
      ends.add(socket);
      resolve(socket);
    });
  });
  await new Promise<void>((resolve) => server.listen({ port: 0, host: "127.0.0.1", exclusive: true }, resolve));
  const { port } = server.address() as AddressInfo;
  const own = connect({ port, host: "127.0.0.1", noDelay: true, allowHalfOpen: true });
  client = own;
  ends.add(own);
  return new Promise((resolve, reject) => {
    own.on("error", reject);
    own.write(token);
    accepted
      .then(async (socket) => {
        await readTwice(socket, token, () => own.end(token));
        return { socket, own, token };
      })
      .then(resolve, reject);
  });
}

/** Whether the process may use the network. Where Node can be told that it may not, it throws from where nobody can catch. */
function hasNetwork(): boolean {
  const { permission } = process as { readonly permission?: { has(scope: string): boolean } };
  return permission === undefined || !process.allowedNodeEnvironmentFlags.has("--allow-net") || permission.has("net");
}

async function tryOut(): Promise<HandleWriter | null> {
  if (!isPossible) throw new Error("reading into memory: not on this platform");
  if (!hasNetwork()) throw new Error("reading into memory: the process has no permission to use the network");
  const server = createServer({ allowHalfOpen: true });
  const ends = new Set<NetSocket>();
  try {
    const refused = new Promise<never>((_, reject) => server.on("error", reject));
    const read = Promise.race([refused, converse(server, ends)]);
    const { socket, own, token } = await within(LOOK_COUNT, read, () => {
      throw new Error("reading into memory: the trial took too long");
    });
    // Whatever is wrong with writing says nothing of reading.
    const written = tryWriting(socket, own, token).catch(() => null);
    return await within(WRITING_LOOK_COUNT, written, () => null);
  } finally {
    for (const end of ends) end.destroy();
    server.close();
  }
}

/** What `work` leads to, or what `tooLong` does where it has not after `lookCount` looks. */
function within<Result>(lookCount: number, work: Promise<Result>, tooLong: () => Result): Promise<Result> {
  return new Promise((resolve, reject) => {
    let count = 0;
    const looking = setInterval(() => {
      if (++count < lookCount) return;
      clearInterval(looking);
      try {
        resolve(tooLong());
      } catch (error) {
        reject(error);
      }
    }, LOOK_MS);
    work.then(resolve, reject).finally(() => clearInterval(looking));
  });
}

let trial: Promise<Trial> | null = null;

/** Tries it out, once a process. */
export function memoryTrial(): Promise<Trial> {
  trial ??= tryOut().then(
    (writer) => ({ refusal: null, writer }),
    (error: unknown) => ({ refusal: error instanceof Error ? error : new Error(String(error)), writer: null }),
  );
  return trial;
}
