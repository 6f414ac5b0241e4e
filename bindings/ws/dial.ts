// The streams of ws's client where no agent makes them. `http.request` passes its own options on: its `path` is the request's
// target, which is no path of a socket.

import { connect, isIP, type Socket, type TcpNetConnectOpts } from "node:net";
import { type ConnectionOptions, connect as connectTls } from "node:tls";

type Options = TcpNetConnectOpts & { readonly socketPath?: string | null };

export function dialPlain(options: object): Socket {
  const { socketPath, ...rest } = options as Options;
  return connect({ ...rest, path: socketPath ?? undefined } as unknown as TcpNetConnectOpts);
}

export function dialSecure(options: object): Socket {
  const { path, ...rest } = options as ConnectionOptions;
  const name = rest.servername ?? (isIP(rest.host ?? "") === 0 ? rest.host : "");
  return connectTls({ ...rest, servername: name || "" } as ConnectionOptions);
}
