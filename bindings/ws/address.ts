// The address of a client of ws's: ws, wss, http and https URLs, and ws+unix, a socket of the file system, whose path may be
// followed by a colon and the request's target. RFC 6455 §3.

import { URL } from "node:url";

export interface Address {
  readonly url: URL;
  readonly isSecure: boolean;
  /** Of ws+unix only. */
  readonly socketPath: string | undefined;
  /** The request's target. */
  readonly path: string;
  /** Host and port, or the socket's path: what a redirection may leave. */
  readonly place: string;
  /** User and password, as they were before they were written into the URL. */
  readonly auth: string | undefined;
}

const schemes = new Map([
  ["ws:", "ws:"],
  ["wss:", "wss:"],
  ["ws+unix:", "ws+unix:"],
  ["http:", "ws:"],
  ["https:", "wss:"],
]);

/** Reads an address. @throws SyntaxError for one that no client connects to */
export function addressOf(address: string | URL): Address {
  const text = String(address);
  if (!URL.canParse(text)) throw new SyntaxError(`Invalid URL: ${text}`);
  const url = new URL(text);
  const scheme = schemes.get(url.protocol);
  if (scheme === undefined) throw new SyntaxError(`the URL's scheme is none of ${[...schemes.keys()].join(" ")}`);
  if (url.protocol !== scheme) url.protocol = scheme;
  if (scheme === "ws+unix:" && url.pathname === "") throw new SyntaxError("the URL has no path");
  if (url.hash !== "")
    throw new SyntaxError("the URL has a fragment, which is no part of a WebSocket's address (RFC 6455 §3)");
  const target = url.pathname + url.search;
  const auth = credentialsOf(url);
  const isSecure = scheme === "wss:";
  if (scheme !== "ws+unix:") return { url, isSecure, socketPath: undefined, path: target, place: url.host, auth };
  const colon = target.indexOf(":");
  const socketPath = colon === -1 ? target : target.slice(0, colon);
  const path = colon === -1 ? "" : target.slice(colon + 1);
  return { url, isSecure, socketPath, path, place: `unix:${socketPath}`, auth };
}

function credentialsOf({ username, password }: URL): string | undefined {
  if (username === "" && password === "") return undefined;
  return `${decoded(username)}:${decoded(password)}`;
}

/** What is not well escaped stays as it is. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
