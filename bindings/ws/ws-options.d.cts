// The options, callbacks and data of `wsimd/ws`: what `ws.d.cts` puts into the namespace of the class.
//
// Each member is optional and may be undefined. What has a type here has the type that `@types/ws` gives it, so that options
// made for one package can be handed to the other; members that it lacks are added.

import type {
  Agent,
  ClientRequest,
  ClientRequestArgs,
  Server as HTTPServer,
  IncomingMessage,
  OutgoingHttpHeaders,
} from "node:http";
import type { Server as HTTPSServer } from "node:https";
import type { SecureContextOptions } from "node:tls";
import type { ZlibOptions } from "node:zlib";

import type WebSocket = require("./ws.cjs");

/**
 * A message as the `message` event gives it: text too comes as octets.
 *
 * A Buffer with `binaryType` "nodebuffer", an ArrayBuffer with "arraybuffer", Buffers with "fragments". With "blob" binary is
 * a Blob, which this type leaves out: code that was written for the three others would not compile.
 */
export type RawData = Buffer | ArrayBuffer | Buffer[];

/** A message as a `MessageEvent` holds it: text is a string. */
export type Data = string | Buffer | ArrayBuffer | Buffer[];

/** What `send` takes; a number goes as its decimal text, a Blob is read first. */
export type BufferLike =
  | string
  | number
  | Buffer
  | Uint8Array
  | ArrayBufferView
  | DataView
  | ArrayBuffer
  | SharedArrayBuffer
  | Blob
  // biome-ignore lint/suspicious/noExplicitAny: whatever Buffer.from() takes
  | readonly any[]
  | readonly number[]
  | { valueOf(): ArrayBuffer }
  | { valueOf(): SharedArrayBuffer }
  | { valueOf(): Uint8Array }
  | { valueOf(): readonly number[] }
  | { valueOf(): string }
  | { [Symbol.toPrimitive](hint: string): string };

/** A certificate or key. */
export type CertMeta = string | string[] | Buffer | Buffer[];

/** How a frame of `send` is made. */
export interface SendOptions {
  /** Binary (§5.6) or text. Default: text for a string, else binary. */
  binary?: boolean | undefined;
  /** Compress where permessage-deflate is agreed (RFC 7692). Default true. */
  compress?: boolean | undefined;
  /** FIN (§5.4): false makes this a fragment, and the next `send` continues the message. Default true. */
  fin?: boolean | undefined;
  /** Mask (§5.3). Default: as a client, true; as a server, false. */
  mask?: boolean | undefined;
}

/** What both ends of a connection can be told. */
interface ConnectionOptions {
  /** Several of `message`, `ping`, `pong` may be emitted in one tick. Default true. */
  allowSynchronousEvents?: boolean | undefined;
  /** Each ping is answered with a pong (§5.5.2). Default true. */
  autoPong?: boolean | undefined;
  /** Milliseconds between `close()` and destroying a connection that has not ended. Default 30000. */
  closeTimeout?: number | undefined;
  /** Has no effect: what is kept of a message is its octets, however they came. */
  maxBufferedChunks?: number | undefined;
  /** Fragments a message may have; more fail it with 1008. Default: no limit. */
  maxFragments?: number | undefined;
  /** Octets a message may have, inflated; 0: no limit. Default 104857600; more fails with 1009 (§7.4.1). */
  maxPayload?: number | undefined;
  /** Automatic pongs that may wait to be written; 0: no limit. Default 60. */
  maxPendingAutoPongs?: number | undefined;
  /** Text and close reasons are taken as they are, against §8.1. Default false. */
  skipUTF8Validation?: boolean | undefined;
}

/** Options of a client, besides those of `http.request` and `https.request`. */
export interface ClientOptions extends SecureContextOptions, ConnectionOptions {
  agent?: Agent | undefined;
  /** Called as `tls.checkServerIdentity` is. */
  checkServerIdentity?(servername: string, cert: CertMeta): boolean;
  /** Makes the socket, instead of `net.connect` or `tls.connect`. */
  createConnection?: typeof import("node:net").createConnection | undefined;
  family?: number | undefined;
  /** Sets last headers; has to call `request.end()`. */
  finishRequest?: FinishRequestCallback | undefined;
  /** Follow a redirect (§4.1). Default false. */
  followRedirects?: boolean | undefined;
  /** Fills the masking key, 4 octets, in place (§5.3). Default: random. */
  generateMask?(mask: Buffer): void;
  /** Milliseconds the handshake may take; a redirect starts anew. Default: no limit. */
  handshakeTimeout?: number | undefined;
  headers?: { [key: string]: string } | undefined;
  host?: string | undefined;
  localAddress?: string | undefined;
  /** Redirects to follow. Default 10. */
  maxRedirects?: number | undefined;
  /** The `Origin` header (§4.1). */
  origin?: string | undefined;
  /** Offer permessage-deflate (RFC 7692). Default true. */
  perMessageDeflate?: boolean | PerMessageDeflateOptions | undefined;
  /** Has no effect: the URL decides. */
  protocol?: string | undefined;
  /** `Sec-WebSocket-Version`: 13 or 8. Default 13. */
  protocolVersion?: number | undefined;
  /** Subprotocols to offer, where the argument of that name is left out. */
  protocols?: string | string[] | undefined;
  rejectUnauthorized?: boolean | undefined;
}

/** What the second or third argument of `new WebSocket` may be. */
export type AnyClientOptions = ClientOptions | ClientRequestArgs;

/** Options of `new WebSocket(null, undefined, options)`: a socket that a server will hand a connection. */
export interface DetachedOptions {
  autoPong?: boolean | undefined;
  closeTimeout?: number | undefined;
  maxPendingAutoPongs?: number | undefined;
}

/** How permessage-deflate is negotiated and done (RFC 7692). */
export interface PerMessageDeflateOptions {
  /** Do not keep the client's window between messages (§7.1.1.2). Default: as the peer asks. */
  clientNoContextTakeover?: boolean | undefined;
  /** Base-2 logarithm of the client's window, 8 to 15 (§7.1.2.2). */
  clientMaxWindowBits?: number | undefined;
  /** Calls to zlib at once, in the process; the first connection decides. Default 10. */
  concurrencyLimit?: number | undefined;
  /** Do not keep the server's window between messages (§7.1.1.1). Default: as the peer asks. */
  serverNoContextTakeover?: boolean | undefined;
  /** Base-2 logarithm of the server's window, 8 to 15 (§7.1.2.1). */
  serverMaxWindowBits?: number | undefined;
  /** Octets below which a message is not compressed, where windows are not kept. Default 1024. */
  threshold?: number | undefined;
  zlibDeflateOptions?:
    | {
        flush?: number | undefined;
        finishFlush?: number | undefined;
        chunkSize?: number | undefined;
        windowBits?: number | undefined;
        level?: number | undefined;
        memLevel?: number | undefined;
        strategy?: number | undefined;
        dictionary?: Buffer | Buffer[] | DataView | undefined;
        info?: boolean | undefined;
      }
    | undefined;
  zlibInflateOptions?: ZlibOptions | undefined;
}

/** A class that a server can make its connections of. It asks for little, so that the class of `@types/ws` is one too. */
export type SocketClass = new (address: null) => WebSocket;

/** Options of a server: one of `port`, `server` and `noServer` has to be there. */
export interface ServerOptions<
  U extends SocketClass = typeof WebSocket,
  V extends typeof IncomingMessage = typeof IncomingMessage,
> extends ConnectionOptions {
  /** Connections the system may hold that are not accepted yet. Default 511. */
  backlog?: number | undefined;
  /** Keep `clients`. Default true. */
  clientTracking?: boolean | undefined;
  /** Chooses among the offered subprotocols (§4.2.2), or none of them. Default: the first. */
  handleProtocols?: (protocols: Set<string>, request: InstanceType<V>) => string | false;
  host?: string | undefined;
  /** The caller handles `upgrade` events and calls `handleUpgrade`. Default false. */
  noServer?: boolean | undefined;
  /** Refuse requests whose path, without the query, is another, with 400. */
  path?: string | undefined;
  /** Accept permessage-deflate (RFC 7692). Default false. */
  perMessageDeflate?: boolean | PerMessageDeflateOptions | undefined;
  /** Listen here with an HTTP server of its own; 0: any free one. */
  port?: number | undefined;
  /** A server whose `upgrade` events are handled; it is left listening by `close()`. */
  server?: HTTPServer<V> | HTTPSServer<V> | undefined;
  /** Accepts or refuses a handshake: at once with one parameter, later with two. */
  verifyClient?: VerifyClientCallbackAsync<InstanceType<V>> | VerifyClientCallbackSync<InstanceType<V>> | undefined;
  /** The class of connections: `WebSocket` or one that extends it. */
  WebSocket?: U | undefined;
}

/** Judges a handshake: false refuses it with 401. */
export type VerifyClientCallbackSync<Request extends IncomingMessage = IncomingMessage> = (info: {
  origin: string;
  secure: boolean;
  req: Request;
}) => boolean;

/** Judges a handshake and calls back; `code` (default 401), `message` and `headers` are of the refusal. */
export type VerifyClientCallbackAsync<Request extends IncomingMessage = IncomingMessage> = (
  info: { origin: string; secure: boolean; req: Request },
  callback: (res: boolean, code?: number, message?: string, headers?: OutgoingHttpHeaders) => void,
) => void;

/** Completes a request and ends it: it is not sent before `request.end()`. */
export type FinishRequestCallback = (request: ClientRequest, websocket: WebSocket) => void;

/** Where a server listens. */
export interface AddressInfo {
  address: string;
  family: string;
  port: number;
}
