// Our three clients reduced to what a conversation needs: connect with handlers, connect with a loop, and the WebSocket class.

import { connect, type Socket, WebSocket } from "../../bindings/node/index.ts";

/** What a connection closed with. */
export interface Ending {
  readonly code: number;
  readonly reason: string;
}

/** What has arrived and was not asked for, or was asked for and has not arrived. */
class Queue<T> {
  private readonly arrived: T[] = [];
  private end: Ending | null = null;
  private wake: () => void = () => {};

  readonly put = (item: T): void => {
    this.arrived.push(item);
    this.wake();
  };

  close(end: Ending): void {
    this.end = end;
    this.wake();
  }

  /** The oldest; rejects if the connection closes before there is one. */
  async next(): Promise<T> {
    while (this.arrived.length === 0) {
      if (this.end !== null) throw new Error(`closed with ${this.end.code} ${this.end.reason}`);
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
    return this.arrived.shift()!;
  }
}

/** Pings sent and received, of clients that show them. */
export interface PingPong {
  ping(data: string): void;
  /** The next ping of the server. */
  nextPing(): Promise<string>;
  /** The next pong of the server. */
  nextPong(): Promise<string>;
}

export interface Client {
  readonly protocol: string;
  /** How many extensions were agreed. */
  readonly extensionCount: number;
  readonly control: PingPong | null;
  send(data: string | Uint8Array): void;
  next(): Promise<string | Uint8Array>;
  close(code: number, reason?: string): void;
  readonly closed: Promise<Ending>;
}

/** How a client is to connect. */
export interface Approach {
  readonly protocols?: readonly string[];
  /** The certificate that is trusted. */
  readonly ca?: string;
}

export type OpenClient = (url: string, approach?: Approach) => Promise<Client>;

const textOf = (data: Uint8Array): string => Buffer.from(data).toString();

/** What both ways of using a socket have in common: all but how messages arrive. */
class Inboxes {
  readonly messages: Queue<string | Uint8Array> = new Queue();
  readonly pings: Queue<string> = new Queue();
  readonly pongs: Queue<string> = new Queue();
  readonly closed: Promise<Ending>;
  private resolveClosed!: (end: Ending) => void;

  constructor() {
    this.closed = new Promise((resolve) => (this.resolveClosed = resolve));
  }

  close(end: Ending): void {
    for (const queue of [this.messages, this.pings, this.pongs]) queue.close(end);
    this.resolveClosed(end);
  }

  clientOf(socket: Socket<unknown>): Client {
    return {
      protocol: socket.protocol,
      extensionCount: socket.extensions.length,
      control: {
        ping: (data) => socket.ping(data),
        nextPing: () => this.pings.next(),
        nextPong: () => this.pongs.next(),
      },
      send: (data) => socket.send(data),
      next: () => this.messages.next(),
      close: (code, reason) => socket.close(code, reason),
      closed: this.closed,
    };
  }
}

const tlsOf = ({ ca }: Approach): { readonly tls?: { readonly ca: string } } =>
  ca === undefined ? {} : { tls: { ca } };

const openWithHandlers: OpenClient = async (url, approach = {}) => {
  const inboxes = new Inboxes();
  const socket = await connect(url, {
    ...tlsOf(approach),
    protocols: approach.protocols,
    message: (_socket, data) => inboxes.messages.put(data),
    ping: (_socket, data) => inboxes.pings.put(textOf(data)),
    pong: (_socket, data) => inboxes.pongs.put(textOf(data)),
    error: () => {}, // `close` follows
    close: (_socket, code, reason) => inboxes.close({ code, reason }),
  });
  return inboxes.clientOf(socket);
};

const openWithLoop: OpenClient = async (url, approach = {}) => {
  const inboxes = new Inboxes();
  const socket = await connect(url, {
    ...tlsOf(approach),
    protocols: approach.protocols,
    ping: (_socket, data) => inboxes.pings.put(textOf(data)),
    pong: (_socket, data) => inboxes.pongs.put(textOf(data)),
  });
  const loop = async (): Promise<void> => {
    for await (const message of socket) inboxes.messages.put(message);
  };
  const ended = (error?: { readonly code: string }): void => {
    const received = socket.closeReport?.received ?? { code: 1006, reason: "" };
    const isThrown = error?.code === "WS_ABNORMAL_CLOSURE";
    inboxes.close(isThrown === (received.code === 1006) ? received : { code: -1, reason: `the loop threw ${error}` });
  };
  loop().then(() => ended(), ended);
  return inboxes.clientOf(socket);
};

const openWebSocket: OpenClient = (url, approach = {}) => {
  const socket = new WebSocket(url, { ...tlsOf(approach), protocols: approach.protocols });
  socket.binaryType = "arraybuffer";
  const messages = new Queue<string | Uint8Array>();
  socket.onmessage = ({ data }) => messages.put(typeof data === "string" ? data : new Uint8Array(data as ArrayBuffer));
  const closed = new Promise<Ending>((resolve) => {
    socket.onclose = ({ code, reason }) => {
      messages.close({ code, reason });
      resolve({ code, reason });
    };
  });
  return new Promise((resolve, reject) => {
    socket.onerror = ({ error }) => reject(error);
    socket.onopen = () =>
      resolve({
        protocol: socket.protocol,
        extensionCount: socket.extensions === "" ? 0 : socket.extensions.split(",").length,
        control: null,
        send: (data) => socket.send(data),
        next: () => messages.next(),
        close: (code, reason) => socket.close(code, reason),
        closed,
      });
  });
};

export const clients: Readonly<Record<string, OpenClient>> = {
  "connect with handlers": openWithHandlers,
  "connect with a loop": openWithLoop,
  WebSocket: openWebSocket,
};
