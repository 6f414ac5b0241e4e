// A server that listens, on a runtime with a process: one listening socket, and output that is written before the process exits.

import { numberOption } from "../options.ts";
import type { ServerSettings } from "../server/options.ts";
import type { Reception } from "../server/reception.ts";
import { BaseServer } from "../server/server.ts";
import { flushAtExit, forgetAtExit } from "./exit.ts";

/** Where a server listens: an address, or the path of a Unix socket. */
export type BoundAddress = { readonly address: string; readonly family: string; readonly port: number } | string;

/** A runtime's listening socket. What it accepts goes to the reception. */
export interface Listener<Where> {
  /** @throws UsageError for an option that is misspelt or wrong */
  check(where: Where): void;
  /** Listens; rejects with the runtime's error where that fails. */
  start(where: Where): Promise<BoundAddress>;
  /** Null unless listening. */
  address(): BoundAddress | null;
  tick?(nowMs: number): void;
  /** Accepts no more; resolves when all that was accepted is gone. */
  close(): Promise<void>;
}

/** @throws UsageError for a port that is none; for runtimes whose own error says less */
export function checkPort({ port }: { readonly port?: number | undefined }): void {
  numberOption("port", port, { otherwise: 0, least: 0, most: 65_535 });
}

/** Node's error of a second `listen`, for all runtimes. */
export const alreadyListens = (): Error =>
  Object.assign(new Error("the server listens already"), { code: "ERR_SERVER_ALREADY_LISTEN" });

export abstract class ListeningServer<Data, Where> extends BaseServer<Data> {
  /** @internal */
  protected readonly listener: Listener<Where>;
  /** Settles when every `listen` under way has succeeded or failed. */
  private starting: Promise<unknown> = Promise.resolve();

  /** @internal */
  constructor(settings: ServerSettings<Data>, reception: Reception<Data>, listener: Listener<Where>) {
    super(settings, reception);
    this.listener = listener;
  }

  /**
   * Listens.
   *
   * @param where  port and host, or path; port 0, the default, takes a free one; without a host, every interface of the
   *               machine. With `tls` it speaks TLS
   * @returns      the bound address, once connections are accepted; rejects with the runtime's error where that fails, and
   *               with a UsageError for an option that it does not know
   */
  listen(where?: Where & { readonly path?: undefined }): Promise<Exclude<BoundAddress, string>>;
  listen(where: Where & { readonly path: string }): Promise<string>;
  listen(where: Where): Promise<BoundAddress>;
  async listen(where: Where = { port: 0 } as object as Where): Promise<BoundAddress> {
    this.listener.check(where);
    this.checkOpen();
    // One after the other: a listener knows that it listens only when it does.
    const listening = this.starting.then(async () => {
      await this.prepareToListen();
      const address = await this.listener.start(where);
      this.begin();
      return address;
    });
    this.starting = listening.catch(() => {});
    return listening;
  }

  /** The bound address; null unless listening. */
  address(): BoundAddress | null {
    return this.listener.address();
  }

  /** What takes time before the first connection. @internal */
  protected async prepareToListen(): Promise<void> {}

  /** @internal */
  protected override async acceptNoMore(): Promise<{ readonly left: Promise<void> }> {
    await this.starting;
    return { left: this.listener.close() };
  }

  /** @internal */
  protected override begin(): void {
    super.begin();
    flushAtExit(this);
  }

  /** @internal */
  protected override end(): void {
    super.end();
    forgetAtExit(this);
  }

  /** @internal */
  override tick(nowMs: number): void {
    this.listener.tick?.(nowMs);
    super.tick(nowMs);
  }

  /** Writes what waits in every connection. @internal */
  flush(): void {
    for (const socket of this.reception.open) socket.flush();
  }
}
