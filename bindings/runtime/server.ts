// A server that listens, on a runtime with a process: one listening socket, and output that is written before the process exits.

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

export abstract class ListeningServer<Data, Where> extends BaseServer<Data> {
  protected readonly listener: Listener<Where>;
  /** Settles when every `listen` under way has succeeded or failed. */
  private starting: Promise<unknown> = Promise.resolve();

  /** @internal */
  constructor(settings: ServerSettings<Data>, reception: Reception<Data>, listener: Listener<Where>) {
    super(settings, reception);
    this.listener = listener;
  }

  /** Listens; what an application calls is the runtime's `listen`, which documents it. */
  protected async startToListen(where: Where): Promise<BoundAddress> {
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

  /** What takes time before the first connection. */
  protected async prepareToListen(): Promise<void> {}

  protected override async acceptNoMore(): Promise<{ readonly left: Promise<void> }> {
    await this.starting;
    return { left: this.listener.close() };
  }

  protected override begin(): void {
    super.begin();
    flushAtExit(this);
  }

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
