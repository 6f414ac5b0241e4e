// `wsimd echo`: a server that sends back every message, and a page at "/" to talk to it. Runs until a signal ends it.

import { createHash } from "node:crypto";
import { isIPv6 } from "node:net";
import { ReadyState } from "../connection/life.ts";
import { type BoundAddress, createServer, type HttpResponse, type RequestHead, type Server } from "../node/index.ts";
import type { EchoCommand } from "./arguments.ts";
import { echoPage, pageScript, pageStyle } from "./echo-page.ts";

const FIRST_PORT = 8080;
const LAST_PORT = 8179;

/** How long a stopping server waits for its peers' Close. */
const CLOSE_TIMEOUT_MS = 2000;

const hashOf = (text: string): string => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

/** The page may run its own script and style, and talk to the server it came from: nothing else. */
const contentSecurityPolicy: string = [
  "default-src 'none'",
  `script-src ${hashOf(pageScript)}`,
  `style-src ${hashOf(pageStyle)}`,
  "connect-src 'self'",
  "img-src data:", // the icon
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

const textType = ["Content-Type", "text/plain; charset=utf-8"] as const;

/** Answers plain HTTP: the page, or that there is nothing. */
function answerHttp({ method, target }: Pick<RequestHead, "method" | "target">): HttpResponse {
  const path = pathOf(target);
  if (path === "/favicon.ico") return { httpStatus: 204 };
  if (path !== "/") return { httpStatus: 404, headers: [textType], body: "Nothing here: the page is at /\n" };
  if (method !== "GET" && method !== "HEAD") {
    return { httpStatus: 405, headers: [textType, ["Allow", "GET, HEAD"]], body: "GET or HEAD only\n" };
  }
  return {
    headers: [
      ["Content-Type", "text/html; charset=utf-8"],
      ["Content-Security-Policy", contentSecurityPolicy],
      ["X-Content-Type-Options", "nosniff"],
      ["Referrer-Policy", "no-referrer"],
      ["Cache-Control", "no-cache"],
    ],
    body: echoPage,
  };
}

/** The path of a request's target, whole URIs included (RFC 9112 §3.2.2); "" where it is neither. */
function pathOf(target: string): string {
  if (target.startsWith("/")) return target.split("?", 1)[0]!;
  return URL.canParse(target) ? new URL(target).pathname : "";
}

/** A server that sends back every message. */
function createEchoServer(): Server {
  return createServer({
    text: "bytes", // validated, and never made a string of
    closeTimeoutMs: CLOSE_TIMEOUT_MS,
    request: answerHttp,
    message(socket, data, isBinary) {
      const mayGoOn = socket.send(data, { binary: isBinary, trusted: true });
      // Who sends without reading is read no faster than it reads.
      if (!mayGoOn && socket.readyState === ReadyState.OPEN) socket.pause();
    },
    drain(socket) {
      socket.resume();
    },
    error() {}, // a peer's fault: it has been sent the close code
  });
}

/**
 * Runs the echo server until SIGINT or SIGTERM.
 *
 * @returns  the exit code
 */
export async function runEcho({ port, host }: EchoCommand): Promise<number> {
  let server: Server;
  let address: BoundAddress;
  try {
    [server, address] = await listen(port, host);
  } catch (error) {
    process.stderr.write(`wsimd: ${refusal(error, port, host)}\n`);
    return 1;
  }
  process.stdout.write(`${greeting(address)}\n`);
  await stopSignal();
  process.stdout.write("stopping: every connection is sent Close 1001\n");
  await server.close();
  return 0;
}

/** Listens on the port asked for, or on the first that is free. */
async function listen(port: number | undefined, host: string): Promise<[Server, BoundAddress]> {
  for (let candidate = port ?? FIRST_PORT; ; candidate++) {
    const server = createEchoServer();
    try {
      return [server, await server.listen({ port: candidate, host })];
    } catch (error) {
      if (port !== undefined || codeOf(error) !== "EADDRINUSE" || candidate === LAST_PORT) throw error;
    }
  }
}

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;

function refusal(error: unknown, port: number | undefined, host: string): string {
  switch (codeOf(error)) {
    case "EADDRINUSE":
      return port === undefined
        ? `ports ${FIRST_PORT} to ${LAST_PORT} on ${host} are all in use; choose one with --port`
        : `port ${port} on ${host} is in use; choose another with --port`;
    case "EACCES":
      return `port ${port} on ${host} is not allowed to this user; choose one above 1023 with --port`;
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return `${host} is no address of this machine; choose another with --host`;
    case "WS_OPTION":
    case "WS_KERNEL_REFUSED":
      return (error as Error).message; // of the environment: WSIMD_KERNEL
    default:
      return `cannot listen on ${host}: ${String(error)}`;
  }
}

/** What is printed once the server listens. */
export function greeting(address: BoundAddress): string {
  if (typeof address === "string") return `wsimd echo listens on ${address}`;
  const isAny = address.address === "0.0.0.0" || address.address === "::";
  const host = isAny ? "127.0.0.1" : isIPv6(address.address) ? `[${address.address}]` : address.address;
  const reach = isAny ? " and on every other address of this machine" : "";
  return [
    `wsimd echo: http://${host}:${address.port}`,
    "",
    `Sends back every WebSocket message that reaches ws://${host}:${address.port}${reach}.`,
    "Open the page above to try it in a browser. Ctrl+C stops it.",
  ].join("\n");
}

/** Resolves at the first SIGINT or SIGTERM; a second one ends the process at once, as ever. */
function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    const stop = (): void => {
      process.off("SIGINT", stop);
      process.off("SIGTERM", stop);
      resolve();
    };
    process.on("SIGINT", stop);
    process.on("SIGTERM", stop);
  });
}
