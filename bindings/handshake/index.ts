// The opening handshake, RFC 6455 §4, usable alone: octets to heads, heads to verdicts, verdicts to octets.
//
//   server: HeadReader -> parseRequestHead -> acceptHandshake -> serializeResponse
//           over HTTP/2: acceptExtendedConnect, RFC 8441
//   client: createHandshakeRequest -> HeadReader -> parseResponseHead -> checkHandshakeResponse

export { acceptKey } from "./accept.ts";
export {
  type AgreedHandshake,
  checkHandshakeResponse,
  isInterimResponse,
  type ResponseSource,
} from "./check.ts";
export { createHandshakeRequest, type HandshakeRequest, type HandshakeRequestOptions } from "./client.ts";
export { acceptExtendedConnect, type ExtendedConnectSource } from "./extended-connect.ts";
export { type Extension, type ExtensionParameter, parseExtensions, serializeExtensions } from "./extensions.ts";
export { type HandshakeCode, type HandshakeFault, handshakeError, handshakeFaults } from "./faults.ts";
export { HeadReader, type HeadReaderOptions } from "./head.ts";
export { HeaderFields, type HeaderPairs, type HeaderSource, headerFields } from "./headers.ts";
export type { HeadLimits } from "./limits.ts";
export type { AllowedOrigins } from "./origin.ts";
export { parseRequestHead, parseResponseHead, type RequestHead, type ResponseHead } from "./parse.ts";
export { type HandshakeOptions, HandshakePolicy } from "./policy.ts";
export { isUpgradeRequest, type RequestSource } from "./request.ts";
export { type HandshakeResponse, serializeResponse } from "./response.ts";
export { type AcceptedHandshake, acceptHandshake, type RefusedHandshake, refuseHandshake } from "./server.ts";
