// Who is tested: a server that echoes, or a client that does. A subject knows nothing of the cases.

/** An echo server, started for the time of a run. */
export interface ServerSubject {
  readonly name: string;
  readonly version: string;
  readonly role: "server";
  /** @param compresses  whether it accepts permessage-deflate */
  start(compresses: boolean): Promise<RunningServer>;
}

export interface RunningServer {
  /** A ws: URL. */
  readonly url: string;
  stop(): Promise<void>;
}

/** A client that connects to a URL, sends every message back, and resolves or rejects when it is closed. */
export interface ClientSubject {
  readonly name: string;
  readonly version: string;
  readonly role: "client";
  /** @param compresses  whether it offers permessage-deflate, if it has a choice */
  run(url: string, compresses: boolean): Promise<void>;
}

export type Subject = ServerSubject | ClientSubject;

/** A server that runs somewhere else. */
export function serverAt(url: string): ServerSubject {
  return { name: url, version: "", role: "server", start: async () => ({ url, stop: async () => {} }) };
}
