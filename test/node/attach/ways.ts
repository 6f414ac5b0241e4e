// The ways in which a handshake reaches a server, as one interface: what must be the same for all of them is tested by each.

import { createServer as createHttpServer, type Server as HttpServer } from "node:http";
import { type ClientHttp2Session, createServer as createHttp2Server, createSecureServer } from "node:http2";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { connect as connectTls } from "node:tls";
import { type AttachOptions, createServer, type Server, type ServerOptions } from "../../../bindings/node/index.ts";
import { createServer as createOwnServer } from "../../support/adapter.ts";
import { cert, key } from "../../support/certificate.ts";
import { type Answer, RawClient, type RawPeer, upgradeRequest } from "../support.ts";
import { Http2Client, http2Session } from "./http2-client.ts";

/** A client that has sent its handshake. */
export interface Caller extends RawPeer {
  answer(): Promise<Answer>;
}

/** What a client asks for: fields by their HTTP/1.1 names. */
export interface Call {
  readonly target?: string;
  readonly fields?: Readonly<Record<string, string>>;
  /** Sent without waiting for the answer. */
  readonly frames?: readonly Uint8Array[];
}

export interface Started {
  readonly server: Server<unknown>;
  readonly http: HttpServer | null;
  readonly port: number;
  call(call?: Call): Promise<Caller>;
}

export interface Way {
  readonly name: string;
  /** The status of an accepted handshake. */
  readonly accepted: 101 | 200;
  /** Whether the sockets are Node's plain ones, which may be read into memory. */
  readonly isPlain: boolean;
  /** Runs a server for as long as `use` takes. */
  with(options: ServerOptions, use: (started: Started) => Promise<void>, attach?: AttachOptions): Promise<void>;
}

interface HttpLike {
  listen(port: number, host: string, done: () => void): unknown;
  address(): unknown;
  close(done: () => void): unknown;
}

type Connect = (port: number) => Promise<RawClient | ClientHttp2Session>;

const plain: Connect = async (port) => new RawClient(port);
const overTls: Connect = async (port) => {
  const socket = connectTls({ port, host: "127.0.0.1", ca: cert, ALPNProtocols: ["http/1.1"] });
  return new RawClient(socket);
};
const http2Plain: Connect = (port) => http2Session(port, false);
const http2Secure: Connect = (port) => http2Session(port, true);

async function place(connect: Connect, port: number, call: Call, sessions: Set<ClientHttp2Session>): Promise<Caller> {
  const { target = "/", fields = {}, frames = [] } = call;
  const client = await connect(port);
  if (client instanceof RawClient) {
    client.send(upgradeRequest(fields, `GET ${target} HTTP/1.1`), ...frames);
    return client;
  }
  sessions.add(client);
  const lower = Object.entries(fields).map(([name, value]) => [name.toLowerCase(), value]);
  const stream = new Http2Client(client, { ":path": target, ...Object.fromEntries(lower) });
  if (frames.length !== 0) stream.send(...frames);
  return stream;
}

async function run(
  server: Server<unknown>,
  http: HttpLike | null,
  port: number,
  connect: Connect,
  use: (started: Started) => Promise<void>,
): Promise<void> {
  const callers = new Set<Caller>();
  const sessions = new Set<ClientHttp2Session>();
  try {
    await use({
      server,
      http: http as unknown as HttpServer | null,
      port,
      call: async (call = {}) => {
        const caller = await place(connect, port, call, sessions);
        callers.add(caller);
        return caller;
      },
    });
  } finally {
    for (const socket of server.sockets) socket.terminate();
    for (const caller of callers) caller.destroy();
    await server.close();
    for (const session of sessions) session.destroy();
    if (http !== null) await new Promise<void>((resolve) => void http.close(() => resolve()));
  }
}

function attached(name: string, accepted: 101 | 200, isPlain: boolean, make: () => HttpLike, connect: Connect): Way {
  return {
    name,
    accepted,
    isPlain,
    async with(options, use, attach) {
      const server = createServer(options);
      const http = make();
      server.attach(http as unknown as HttpServer, attach);
      await new Promise<void>((resolve) => void http.listen(0, "127.0.0.1", resolve));
      await run(server, http, (http.address() as AddressInfo).port, connect, use);
    },
  };
}

function listening(name: string, isPlain: boolean, tls: object, connect: Connect): Way {
  return {
    name,
    accepted: 101,
    isPlain,
    async with(options, use) {
      const server = createOwnServer(options);
      const { port } = await server.listen({ port: 0, host: "127.0.0.1", ...tls });
      await run(server, null, port, connect, use);
    },
  };
}

/** Hands upgrades over one by one. */
const handed: Way = {
  name: "handleUpgrade",
  accepted: 101,
  isPlain: true,
  async with(options, use) {
    const server = createServer(options);
    const http = createHttpServer();
    http.on("upgrade", (request, socket, head) => server.handleUpgrade(request, socket, head));
    await new Promise<void>((resolve) => void http.listen(0, "127.0.0.1", resolve));
    await run(server, http, (http.address() as AddressInfo).port, plain, use);
  },
};

export const onHttp: Way = attached("attach to http", 101, true, () => createHttpServer(), plain);
export const onHttps: Way = attached("attach to https", 101, false, () => createHttpsServer({ key, cert }), overTls);
export const onHttp2: Way = attached("attach to http2", 200, false, () => createHttp2Server(), http2Plain);
export const onHttp2Secure: Way = attached(
  "attach to http2, secure",
  200,
  false,
  () => createSecureServer({ key, cert, allowHTTP1: true }),
  http2Secure,
);
export const onHttp2SecureByHttp1: Way = attached(
  "attach to http2, by HTTP/1.1",
  101,
  false,
  () => createSecureServer({ key, cert, allowHTTP1: true }),
  overTls,
);
export const listen: Way = listening("listen", true, {}, plain);
export const listenTls: Way = listening("listen with TLS", false, { tls: { key, cert } }, overTls);

export const ways: readonly Way[] = [
  listen,
  listenTls,
  onHttp,
  onHttps,
  handed,
  onHttp2,
  onHttp2Secure,
  onHttp2SecureByHttp1,
];
