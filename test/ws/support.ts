// What scenarios do again and again: a server on a free port, a client of it, both ends of an open connection, and
// listeners that write down every event.

import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import type { Loose } from "./implementations.ts";
import type { Scene } from "./scenario.ts";
import type { Log } from "./transcript.ts";

/** The code and reason of `closed`, at which a socket is over. */
export type Closed = Promise<[code: number, reason: Buffer]>;

export function closed(socket: Loose): Closed {
  // once() of node:events would reject at an "error".
  return new Promise((resolve) => socket.once("close", (code: number, reason: Buffer) => resolve([code, reason])));
}

/** Turns of the event loop, in which nothing more should happen. */
export async function turns(count = 10): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** Waits until something holds; the scenario's timeout ends what never does. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 1));
}

/** A callback that writes down what it is called with, as a line of `actor`. */
export function callback(log: Log, actor: string, name: string): (...values: unknown[]) => void {
  return (...values) => log(actor, name, ...values);
}

/** What is thrown, its message included; undefined where nothing is. */
export function thrown(attempt: () => unknown): unknown {
  try {
    attempt();
    return "nothing";
  } catch (error) {
    return `${(error as Error).constructor.name}: ${(error as Error).message}`;
  }
}

export const eventNames = ["open", "message", "ping", "pong", "error", "close", "upgrade", "redirect"] as const;

/** Writes down each event of a WebSocket with its arguments, and the state it is in then. */
export function watch(log: Log, actor: string, socket: Loose, names: readonly string[] = eventNames): void {
  for (const name of names) {
    if (name === "redirect" || name === "unexpected-response") continue;
    if (name === "upgrade") socket.on(name, () => log(actor, name));
    else socket.on(name, (...values: unknown[]) => log(actor, `${name} in ${socket.readyState}:`, ...values));
  }
}

export interface Listening {
  readonly wss: Loose;
  readonly port: number;
  readonly url: string;
}

/** A server of the scene on a free port of 127.0.0.1; it is gone after the scenario, with its connections. */
export async function listen(scene: Scene, options: object = {}): Promise<Listening> {
  const wss = new scene.server.WebSocketServer({ port: 0, host: "127.0.0.1", ...options });
  scene.later(() => shut(wss));
  await once(wss, "listening");
  const { port } = wss.address() as AddressInfo;
  return { wss, port, url: `ws://127.0.0.1:${port}` };
}

/** Ends a server and what it still serves, if it has not been. */
export async function shut(wss: Loose): Promise<void> {
  for (const socket of wss.clients ?? []) drop(socket);
  await new Promise((resolve) => wss.close(resolve));
}

/** Has a socket forgotten, whatever state it is in. */
export function drop(socket: Loose): void {
  socket.on("error", () => {});
  socket.terminate();
}

/** A client of the scene; it is gone after the scenario. */
export function dial(scene: Scene, url: unknown, ...rest: unknown[]): Loose {
  const socket = new scene.client.WebSocket(url, ...rest);
  scene.later(() => drop(socket));
  return socket;
}

/** Both ends of an open connection. */
export interface Pair extends Listening {
  readonly served: Loose;
  readonly client: Loose;
  readonly request: IncomingMessage;
}

interface PairOptions {
  readonly server?: object;
  readonly client?: object;
  /** Called with the server's end within its "connection". */
  readonly accept?: (served: Loose, request: IncomingMessage) => void;
  /** Called with the client as it has been constructed. */
  readonly dialled?: (client: Loose) => void;
}

/** Opens a connection of the scene's client to its server; each side's listeners are there before anything arrives. */
export async function pair(scene: Scene, options: PairOptions = {}): Promise<Pair> {
  const listening = await listen(scene, options.server);
  const connected = new Promise<[Loose, IncomingMessage]>((resolve) => {
    listening.wss.once("connection", (served: Loose, request: IncomingMessage) => {
      scene.later(() => drop(served));
      options.accept?.(served, request);
      resolve([served, request]);
    });
  });
  const client = dial(scene, listening.url, options.client ?? {});
  options.dialled?.(client);
  const [[served, request]] = await Promise.all([connected, once(client, "open")]);
  return { ...listening, served, client, request };
}
