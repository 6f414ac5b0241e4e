// Whether sockets of this process can be read into linear memory: tried out once, on a connection over loopback that sees
// octets, a pause, more octets and an end. What is not exactly as expected, or takes too long, is a refusal.

import { randomBytes } from "node:crypto";
import { type AddressInfo, connect, createServer, type Socket as NetSocket } from "node:net";
import { isPossible, readInto } from "./memory-reader.ts";

/** Far more than it takes: a refusal costs speed, no connection. */
const TRIAL_MS = 2000;

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

async function tryOut(): Promise<void> {
  if (!isPossible) throw new Error("reading into memory: not on this platform");
  const token = randomBytes(TOKEN_LENGTH);
  const server = createServer({ allowHalfOpen: true });
  const ends: NetSocket[] = [];
  let timer: NodeJS.Timeout | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      timer = setTimeout(() => reject(new Error("reading into memory: the trial took too long")), TRIAL_MS);
      server.once("error", reject);
      server.listen({ port: 0, host: "127.0.0.1", exclusive: true }, () => {
        const client = connect({ port: (server.address() as AddressInfo).port, host: "127.0.0.1", noDelay: true });
        ends.push(client);
        client.once("error", reject);
        client.write(token);
        server.on("connection", (socket) => {
          ends.push(socket);
          // Anybody may connect to an open port: only our own counts.
          if (socket.remotePort === client.localPort)
            readTwice(socket, token, () => client.end(token)).then(resolve, reject);
        });
      });
    });
  } finally {
    clearTimeout(timer);
    for (const end of ends) end.destroy();
    server.close();
  }
}

let trial: Promise<Error | null> | null = null;

/** Tries it out, once a process: null, or why sockets cannot be read into memory here. */
export function memoryRefusal(): Promise<Error | null> {
  trial ??= tryOut().then(
    () => null,
    (error: unknown) => (error instanceof Error ? error : new Error(String(error))),
  );
  return trial;
}
