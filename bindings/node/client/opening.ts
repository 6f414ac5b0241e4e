// A client's opening handshake from the URL to the agreement: asks, follows redirections if that is wanted, holds the answer
// against the request, and lasts no longer than its time or its signal. RFC 6455 §4.1.
//
//   dial.ts -> exchange.ts or agent-exchange.ts -> here -> client.ts

import type { Duplex } from "node:stream";
import type { ConnectionOptions as TlsOptions } from "node:tls";
import type { ConnectionExtension } from "../../connection/extension.ts";
import { HandshakeError } from "../../errors/classes.ts";
import { quote } from "../../handshake/faults.ts";
import { headerPairs } from "../../handshake/headers.ts";
import {
  type AgreedHandshake,
  createHandshakeRequest,
  type HandshakeRequest,
  type HandshakeRequestOptions,
  type HeaderSource,
  handshakeError,
  type ResponseHead,
} from "../../handshake/index.ts";
import { agreementOf, handshakeTimeout } from "../../socket/client-handshake.ts";
import type { Timed } from "../../socket/clock.ts";
import { pick } from "../../socket/options.ts";
import { exchangeByAgent } from "./agent-exchange.ts";
import { type Asker, DirectExchange, type Exchange } from "./exchange.ts";
import type { OpeningSettings } from "./options.ts";

/** What an opening handshake led to. The stream is the taker's. */
export interface Opened {
  readonly stream: Duplex;
  readonly agreed: AgreedHandshake;
  /** What the extensions agreed do to the connection. */
  readonly extension: ConnectionExtension | undefined;
  readonly response: ResponseHead;
  /** Octets that came with the answer. */
  readonly rest: Uint8Array;
}

/** Whom an opening tells, once. */
export interface Opener {
  opened(result: Opened): void;
  failed(error: unknown): void;
}

/** Statuses that send a GET elsewhere. RFC 9110 §15.4. */
const redirections: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** Fields that are meant for one host. */
const credentials: ReadonlySet<string> = new Set(["authorization", "proxy-authorization", "cookie", "host"]);

/** The longest period of a timer. */
const LONG_MS = 2 ** 31 - 1;

export class Opening implements Asker, Timed {
  readonly shortestTimeoutMs: number;
  private readonly settings: OpeningSettings;
  private readonly opener: Opener;
  private readonly deadlineMs: number;
  private url: URL;
  private options: Omit<HandshakeRequestOptions, "url">;
  private request: HandshakeRequest;
  private tls: TlsOptions;
  private exchange: Exchange | null = null;
  private redirectsLeft: number;
  private isOver = false;
  /** Keeps the process alive: the clock does not, and a stream may be long in coming. */
  private wakefulness: NodeJS.Timeout | undefined;

  /** @throws UsageError for a URL, or a field of the request, that cannot be sent */
  constructor(url: string | URL, settings: OpeningSettings, opener: Opener) {
    this.settings = settings;
    this.opener = opener;
    const { headers } = settings.request;
    // Read once: a redirection asks again, and an iterator has nothing left to say.
    this.options = { ...settings.request, headers: headers === undefined ? undefined : headerPairs(headers) };
    this.request = createHandshakeRequest({ ...this.options, url });
    this.url = new URL(url);
    this.tls = settings.tls;
    this.redirectsLeft = settings.maxRedirects;
    this.shortestTimeoutMs = settings.handshakeTimeoutMs;
    this.deadlineMs = settings.clock.now() + settings.handshakeTimeoutMs;
  }

  /** Begins; nothing is told before this returns. */
  start(): void {
    const { clock, signal } = this.settings;
    clock.add(this);
    this.wakefulness = setInterval(() => {}, LONG_MS);
    signal?.addEventListener("abort", this.aborted);
    queueMicrotask(() => {
      if (signal?.aborted) this.aborted();
      else if (!this.isOver) this.ask();
    });
  }

  /** Gives the opening up. */
  abort(error: unknown): void {
    if (this.isOver) return;
    this.exchange?.cancel();
    this.failed(error);
  }

  tick(nowMs: number): void {
    if (nowMs < this.deadlineMs) return;
    this.abort(handshakeTimeout(this.settings.handshakeTimeoutMs));
  }

  answered(response: ResponseHead, stream: Duplex, rest: Uint8Array): void {
    if (this.isOver) {
      stream.destroy();
      return;
    }
    let agreed: AgreedHandshake;
    let extension: ConnectionExtension | undefined;
    try {
      if (this.settings.maxRedirects > 0 && redirections.has(response.httpStatus)) {
        stream.destroy();
        this.redirect(response);
        return;
      }
      agreed = agreementOf(response, this.request, this.settings.requiresProtocol);
      extension = this.settings.deflate?.forClient(agreed.extensions, response.httpStatus);
    } catch (error) {
      stream.destroy();
      if (error instanceof HandshakeError) error.response = response;
      this.failed(error);
      return;
    }
    this.leave();
    this.opener.opened({ stream, agreed, extension, response, rest });
  }

  failed(error: unknown): void {
    if (this.isOver) return;
    this.leave();
    this.opener.failed(error);
  }

  private readonly aborted = (): void => this.abort(this.settings.signal!.reason);

  private leave(): void {
    this.isOver = true;
    this.settings.clock.remove(this);
    clearInterval(this.wakefulness);
    this.settings.signal?.removeEventListener("abort", this.aborted);
  }

  private ask(): void {
    const { request, settings, tls } = this;
    if (settings.agent === undefined) {
      const exchange = new DirectExchange(request, settings, tls, this);
      this.exchange = exchange;
      exchange.start();
      return;
    }
    try {
      this.exchange = exchangeByAgent(request, settings, tls, this);
    } catch (error) {
      this.failed(error); // Node throws for an agent of another protocol
    }
  }

  /** RFC 9110 §15.4: asks again where Location says. */
  private redirect({ httpStatus, headers }: ResponseHead): void {
    const location = headers.get("location");
    const refuse = (why: string): HandshakeError =>
      handshakeError("WS_HANDSHAKE_REDIRECT", `${httpStatus}, Location ${quote(location)}, ${why}`, httpStatus);
    if (this.redirectsLeft-- === 0) throw refuse(`after maxRedirects, ${this.settings.maxRedirects}`);
    if (location === null || !URL.canParse(location, this.url)) throw refuse("which is no URL");
    const next = new URL(location, this.url);
    next.hash = "";
    const isSecure = next.protocol === "wss:" || next.protocol === "https:";
    if (!isSecure && next.protocol !== "ws:" && next.protocol !== "http:") throw refuse("which is no WebSocket's");
    if (this.request.secure && !isSecure) throw refuse("which leaves TLS");
    if (next.host !== this.url.host || isSecure !== this.request.secure) {
      if (this.settings.socketPath !== undefined) throw refuse("which the socketPath does not lead to");
      this.options = { ...this.options, headers: withoutCredentials(this.options.headers) };
      this.tls = pick(this.tls, trustNames);
    } else if (next.username === "" && next.password === "") {
      next.username = this.url.username;
      next.password = this.url.password;
    }
    this.url = next;
    try {
      this.request = createHandshakeRequest({ ...this.options, url: next });
    } catch {
      throw refuse("whose user or password cannot be sent");
    }
    this.ask();
  }
}

/** TLS options that say whom to trust and what to speak: of any host. Who we are, and whom we expect, is said of one. */
const trustNames = [
  "ca",
  "crl",
  "allowPartialTrustChain",
  "rejectUnauthorized",
  "checkServerIdentity",
  "ciphers",
  "ecdhCurve",
  "sigalgs",
  "minVersion",
  "maxVersion",
  "secureProtocol",
  "secureOptions",
  "ALPNProtocols",
  "lookup",
] as const satisfies readonly (keyof TlsOptions)[];

function withoutCredentials(headers: HeaderSource = []): HeaderSource {
  return headerPairs(headers).filter(([name]) => !credentials.has(name.toLowerCase()));
}
