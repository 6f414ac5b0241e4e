// The entry `wsimd/deflate`: permessage-deflate (RFC 7692) for whoever has a Connection of his own. Nothing here needs `node:`.
// Servers and clients of `wsimd/node` have it as their option `perMessageDeflate`.

export type { ConnectionExtension, OutboundExtension } from "../connection/extension.ts";
export {
  type DeflaterSettings,
  type FlateProvider,
  type FlateStream,
  Flush,
  type Stepped,
} from "./flate.ts";
export type { DeflateOptions } from "./options.ts";
export { type Pako, pakoProvider } from "./pako.ts";
export { PerMessageDeflate } from "./permessage-deflate.ts";
