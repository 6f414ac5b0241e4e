// One request and its answer through Node's own HTTP client, for the sake of its agents: proxies, pools, whatever else an
// application has taught them. Judges nothing: opening.ts does.

import { type IncomingMessage, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import type { Duplex } from "node:stream";
import type { ConnectionOptions as TlsOptions } from "node:tls";
import { type HandshakeRequest, handshakeError, headerFields } from "../../handshake/index.ts";
import { MAX_INTERIM_COUNT } from "../../socket/client-handshake.ts";
import type { Asker, Exchange } from "./exchange.ts";
import type { OpeningSettings } from "./options.ts";

/** What Node tells of an answer, an interim one included. */
type Answer = Pick<IncomingMessage, "statusCode" | "statusMessage" | "httpVersion" | "rawHeaders">;

/** Begins an exchange by way of the agent of the settings. */
export function exchangeByAgent(
  request: HandshakeRequest,
  { bounds, agent, socketPath }: OpeningSettings,
  tls: TlsOptions,
  asker: Asker,
): Exchange {
  let isOver = false;
  let interimCount = 0;
  const once = (tell: () => void): void => {
    if (isOver) return;
    isOver = true;
    tell();
  };
  const fail = (error: unknown): void =>
    once(() => {
      asking.destroy();
      asker.failed(error);
    });
  const answered = (answer: Answer, stream: Duplex, rest: Uint8Array): void => {
    const httpStatus = answer.statusCode!;
    try {
      if (answer.rawHeaders.length > bounds.maxHeaderCount * 2) {
        throw handshakeError("WS_HANDSHAKE_TOO_MANY_HEADERS", `maxHeaderCount ${bounds.maxHeaderCount}`, httpStatus);
      }
      const headers = headerFields(answer.rawHeaders, httpStatus);
      const { statusMessage: reasonPhrase = "" } = answer;
      const httpVersion = answer.httpVersion === "1.0" ? "1.0" : "1.1";
      once(() => asker.answered({ httpStatus, reasonPhrase, httpVersion, headers }, stream, rest));
    } catch (error) {
      stream.destroy();
      fail(error);
    }
  };

  const ask = request.secure ? requestHttps : requestHttp;
  const asking = ask({
    ...(request.secure ? tls : {}),
    agent,
    socketPath,
    host: request.hostname,
    port: request.port,
    path: request.target,
    headers: request.headers.flat(),
    maxHeaderSize: bounds.maxHeadLength,
  });
  asking.on("upgrade", answered);
  asking.on("response", (response) => {
    response.on("error", () => {}); // its body is of no interest
    answered(response, response.socket, new Uint8Array(0));
  });
  // A 101 without the fields of an upgrade is none to Node: it is handed on, to be refused.
  asking.on("information", (answer) => {
    if (answer.statusCode === 101 || ++interimCount > MAX_INTERIM_COUNT)
      answered(answer as unknown as Answer, asking.socket!, new Uint8Array(0));
  });
  asking.on("error", (error: Error & { readonly code?: string }) => fail(handshakeErrorOf(error)));
  asking.end();
  return {
    cancel: () => once(() => asking.destroy()),
  };
}

/** What Node's parser refuses has the codes of ours, and so has an end before the head's. */
function handshakeErrorOf(error: Error & { readonly code?: string }): unknown {
  // A FIN without any octet has the code of a reset, and these words.
  if (error.code === "HPE_INVALID_EOF_STATE" || error.message === "socket hang up")
    return handshakeError("WS_HANDSHAKE_INCOMPLETE", error.message, 0);
  if (error.code === "HPE_HEADER_OVERFLOW") return handshakeError("WS_HANDSHAKE_HEAD_TOO_LONG", error.message, 0);
  if (error.code?.startsWith("HPE_")) return handshakeError("WS_HANDSHAKE_HEAD_MALFORMED", error.message, 0);
  return error;
}
