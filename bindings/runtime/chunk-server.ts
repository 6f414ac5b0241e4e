// A server whose runtime brings chunks: Deno's and Bun's.

import { type ServerOptions as NeutralOptions, ServerSettings } from "../server/options.ts";
import { Reception } from "../server/reception.ts";
import { platform } from "./platform.ts";
import { type Listener, ListeningServer } from "./server.ts";
import { type TransportName, type TransportOptions, transportOption, transportRefused } from "./transport-option.ts";

/** Options of createServer: handlers, limits, how handshakes are judged, and how sockets are read. */
export interface ServerOptions<Data = unknown> extends NeutralOptions<Data>, TransportOptions {}

/** Makes the runtime's listening socket. */
export type MakeListener<Where> = <Data>(reception: Reception<Data>, settings: ServerSettings<Data>) => Listener<Where>;

export abstract class ChunkServer<Data, Where> extends ListeningServer<Data, Where> {
  private readonly told: TransportName;

  /** @throws UsageError for an option that is misspelt or out of range */
  constructor(options: ServerOptions<Data>, makeListener: MakeListener<Where>) {
    const settings = new ServerSettings<Data>(options as NeutralOptions<Data, unknown>, platform, ["transport"]);
    const told = transportOption(options);
    const reception = new Reception(settings);
    super(settings, reception, makeListener(reception, settings));
    this.told = told;
  }

  /** How sockets are read: `"data"`, by chunks that the runtime brings. */
  get transport(): "data" {
    return "data";
  }

  /** @internal */
  protected override async prepareToListen(): Promise<void> {
    if (this.told === "memory") throw transportRefused(new Error("only Node's can"));
  }
}
