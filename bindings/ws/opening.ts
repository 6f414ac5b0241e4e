// The opening handshake of ws's client, on Node's own `http.request`, whose objects applications get: `finishRequest`, agents,
// the events `redirect`, `unexpected-response` and `upgrade`. RFC 6455 §4.1.

import type { ClientRequest, IncomingMessage, OutgoingHttpHeaders, RequestOptions } from "node:http";
import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import type { Duplex } from "node:stream";
import { URL } from "node:url";
import { createKey } from "../handshake/accept.ts";
import { acceptKey } from "../handshake/index.ts";
import { type Address, addressOf } from "./address.ts";
import { dialPlain, dialSecure } from "./dial.ts";
import { extension } from "./extension.ts";
import type { ReadOptions } from "./options.ts";
import { PerMessageDeflate } from "./permessage-deflate.ts";
import { Redirection } from "./redirection.ts";
import type { Extensions } from "./sender.ts";

/** Whose opening it is: a WebSocket. */
export interface Opener {
  readonly readyState: number;
  _url: string | undefined;
  _req: ClientRequest | null;
  _protocol: string;
  _extensions: Extensions;
  emit(event: string, ...values: unknown[]): boolean;
  listenerCount(event: string): number;
  setSocket(socket: Duplex, head: Uint8Array, options: ReadOptions): void;
  _openingFailed(error: unknown): void;
  /** It fails: from now on it is closing. */
  _closing(): void;
  emitClose(): void;
}

const CONNECTING = 0;

const earlyCloseText = "WebSocket was closed before the connection was established";

export class Opening {
  private readonly opener: Opener;
  private readonly options: ReadOptions;
  private readonly redirection: Redirection;
  private request: ClientRequest | null = null;
  private isOver = false;
  private deflate: PerMessageDeflate | null = null;
  private key = "";

  /** Begins. @throws SyntaxError for an address that cannot be */
  constructor(opener: Opener, address: string | URL, options: ReadOptions) {
    this.opener = opener;
    this.options = options;
    const first = addressOf(address);
    this.redirection = new Redirection(first, options.headers ?? {}, options.auth ?? undefined);
    this.ask(first);
  }

  /** Gives it up: the application closes. */
  abort(): void {
    if (!this.isOver) this.fail(new Error(earlyCloseText));
  }

  private ask(address: Address): void {
    const { opener, options, redirection } = this;
    opener._url = address.url.href;
    const { headers, auth } = redirection.fieldsFor(address, opener.listenerCount("redirect") === 0);
    const ask = address.isSecure ? requestHttps : requestHttp;
    const request = ask(this.requestOptions(address, headers, auth));
    this.request = request;
    opener._req = request;
    if (redirection.count !== 0) opener.emit("redirect", opener._url, request);
    this.listen(request, address);
    if (options.finishRequest !== undefined) options.finishRequest(request, opener as never);
    else request.end();
  }

  private requestOptions(address: Address, headers: OutgoingHttpHeaders, auth: string | undefined): RequestOptions {
    const { options } = this;
    const { url, isSecure, socketPath, path } = address;
    this.key = createKey();
    const all: OutgoingHttpHeaders = {
      ...headers,
      "Sec-WebSocket-Version": options.protocolVersion,
      "Sec-WebSocket-Key": this.key,
      Connection: "Upgrade",
      Upgrade: "websocket",
    };
    if (options.deflate !== null) {
      this.deflate = new PerMessageDeflate({ ...options.deflate, isServer: false, maxPayload: options.maxPayload });
      const offer = { [PerMessageDeflate.extensionName]: this.deflate.offer() };
      all["Sec-WebSocket-Extensions"] = extension.format(offer as Parameters<typeof extension.format>[0]);
    }
    if (options.protocols.length !== 0) all["Sec-WebSocket-Protocol"] = options.protocols.join(",");
    if (options.origin) all[options.protocolVersion < 13 ? "Sec-WebSocket-Origin" : "Origin"] = options.origin;
    const defaultPort = isSecure ? 443 : 80;
    return {
      ...(options as RequestOptions),
      method: "GET",
      protocol: undefined,
      hostname: undefined,
      createConnection: options.createConnection ?? (isSecure ? dialSecure : dialPlain),
      defaultPort: options.defaultPort ?? defaultPort,
      host: url.hostname.replace(/^\[(.*)\]$/, "$1"),
      port: url.port || defaultPort,
      path,
      socketPath,
      headers: all,
      auth,
      timeout: options.handshakeTimeout,
    } as RequestOptions;
  }

  private listen(request: ClientRequest, address: Address): void {
    const isMine = (): boolean => this.request === request && !this.isOver;
    if (this.options.handshakeTimeout)
      request.on("timeout", () => isMine() && this.fail(new Error("Opening handshake has timed out")));
    request.on("error", (error) => {
      if (!isMine()) return;
      this.leave();
      this.opener._openingFailed(error);
    });
    request.on("response", (response) => isMine() && this.answered(request, response, address));
    request.on("upgrade", (response, socket, head) => {
      if (!isMine()) {
        socket.destroy();
        return;
      }
      this.opener.emit("upgrade", response);
      if (isMine() && this.opener.readyState === CONNECTING) this.upgraded(response, socket, head);
    });
  }

  /** An answer that opens nothing: it may lead elsewhere. RFC 9110 §15.4. */
  private answered(request: ClientRequest, response: IncomingMessage, address: Address): void {
    const { statusCode = 0, headers } = response;
    if (headers.location && this.options.followRedirects && statusCode >= 300 && statusCode < 400) {
      this.redirect(request, headers.location, address);
      return;
    }
    if (!this.opener.emit("unexpected-response", request, response))
      this.fail(new Error(`Unexpected server response: ${statusCode}`));
  }

  private redirect(request: ClientRequest, location: string, address: Address): void {
    if (++this.redirection.count > this.options.maxRedirects) {
      this.fail(new Error("Maximum redirects exceeded"));
      return;
    }
    this.request = null;
    request.destroy();
    try {
      if (!URL.canParse(location, address.url.href)) throw new SyntaxError(`Invalid URL: ${location}`);
      this.ask(addressOf(new URL(location, address.url.href)));
    } catch (error) {
      this.leave();
      this.opener._closing();
      this.opener._openingFailed(error);
    }
  }

  private upgraded(response: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { opener } = this;
    const fault = this.faultOf(response);
    this.leave();
    if (fault === null) {
      opener.setSocket(socket, head, this.options);
      return;
    }
    opener._closing();
    socket.once("error", (error) => opener.emit("error", error));
    socket.once("close", () => opener.emitClose());
    socket.destroy(new Error(fault));
  }

  /** §4.1: what is wrong with an answer; null where nothing is, and what it agreed is known. */
  private faultOf({ headers }: IncomingMessage): string | null {
    if (headers.upgrade?.toLowerCase() !== "websocket") return "the server's Upgrade is not websocket";
    if (headers["sec-websocket-accept"] !== acceptKey(this.key))
      return "the server's Sec-WebSocket-Accept does not fit the key";
    return (
      this.protocolFault(headers["sec-websocket-protocol"]) ?? this.extensionFault(headers["sec-websocket-extensions"])
    );
  }

  private protocolFault(protocol: string | undefined): string | null {
    const { protocols } = this.options;
    if (protocol === undefined) return protocols.length === 0 ? null : "the server chose no subprotocol";
    if (protocols.length === 0) return "the server chose a subprotocol, and none was offered";
    if (!protocols.includes(protocol)) return "the server chose a subprotocol that was not offered";
    if (protocol !== "") this.opener._protocol = protocol;
    return null;
  }

  private extensionFault(field: string | undefined): string | null {
    if (field === undefined) return null;
    if (this.deflate === null) return "the server accepted an extension, and none was offered";
    try {
      const { [PerMessageDeflate.extensionName]: answers, ...others } = extension.parse(field);
      if (answers === undefined || Object.keys(others).length !== 0)
        return "the server accepted an extension that was not offered";
      this.deflate.accept(answers);
      this.opener._extensions = { [PerMessageDeflate.extensionName]: this.deflate };
      return null;
    } catch {
      return "the server's Sec-WebSocket-Extensions does not fit the offer";
    }
  }

  /** Fails in a tick of its own; the request goes at once. */
  private fail(error: Error): void {
    const { opener, request } = this;
    this.leave();
    opener._closing();
    request?.on("error", () => {}).destroy();
    request?.socket?.destroy();
    process.nextTick(() => opener._openingFailed(error));
  }

  private leave(): void {
    this.isOver = true;
    this.request = null;
    this.opener._req = null;
  }
}
