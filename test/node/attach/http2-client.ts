// A client of extended CONNECT (RFC 8441) on Node's HTTP/2: it sends what it is told on the stream, and keeps what it gets.

import { type ClientHttp2Session, type ClientHttp2Stream, connect, type IncomingHttpHeaders } from "node:http2";
import type { Socket as NetSocket } from "node:net";
import { cert } from "../../support/certificate.ts";
import { type Answer, RawPeer } from "../support.ts";

/** Connects, and waits until the server has said that it takes extended CONNECT. */
export async function http2Session(port: number, isSecure: boolean): Promise<ClientHttp2Session> {
  const session = connect(`${isSecure ? "https" : "http"}://127.0.0.1:${port}`, { ca: cert });
  session.on("error", () => {});
  await new Promise<void>((resolve, reject) => {
    session.once("remoteSettings", ({ enableConnectProtocol }) =>
      enableConnectProtocol ? resolve() : reject(new Error("the server takes no extended CONNECT")),
    );
    session.once("close", () => reject(new Error("closed before its settings came")));
  });
  return session;
}

export class Http2Client extends RawPeer {
  readonly session: ClientHttp2Session;
  readonly stream: ClientHttp2Stream;
  private headers: IncomingHttpHeaders | null = null;

  /** @param fields  of the request, pseudo-header fields among them; undefined leaves one out */
  constructor(session: ClientHttp2Session, fields: Readonly<Record<string, string | string[] | undefined>> = {}) {
    const request: Record<string, string | string[]> = {};
    const all = {
      ":method": "CONNECT",
      ":protocol": "websocket",
      ":scheme": session.encrypted ? "https" : "http",
      ":authority": "127.0.0.1",
      ":path": "/",
      "sec-websocket-version": "13",
      ...fields,
    };
    for (const [name, value] of Object.entries(all)) if (value !== undefined) request[name] = value;
    const stream = session.request(request, { endStream: false });
    super(stream as unknown as NetSocket);
    this.session = session;
    this.stream = stream;
    stream.on("response", (headers) => {
      this.headers = headers;
      if (headers[":status"] === 200) this.readFrames(0, "server");
      this.wake();
    });
  }

  /** The answer; all of it unless it is 200. */
  async answer(): Promise<Answer> {
    await this.until(() => this.headers !== null);
    const httpStatus = Number(this.headers![":status"]);
    if (httpStatus !== 200) await this.ended();
    const lines = Object.entries(this.headers!).map(([name, value]) => `${name}: ${String(value)}\r\n`);
    return { httpStatus, head: lines.join(""), body: httpStatus === 200 ? "" : this.received.toString() };
  }
}
