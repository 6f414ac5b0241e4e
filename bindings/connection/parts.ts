// The parts of a connection: each is made when it is needed and let go when the connection is idle. Ten thousand idle
// connections are the common case of a server, and these are two thirds of what one would take.
//
//   receiver   while something of a chunk, a message or a pause is unfinished
//   sender     while something is unsent
//   gate       where anybody ever stopped delivery
//   account    while one of the others may hold octets

import { Account, type Holder } from "./budget.ts";
import type { ConnectionExtension } from "./extension.ts";
import { Gate, type Gated } from "./gate.ts";
import { type Inbound, Receiver } from "./receiver.ts";
import { type Outbound, Sender } from "./sender.ts";
import type { ConnectionSettings } from "./settings.ts";
import type { Transport } from "./transport.ts";

export type Owner = Inbound & Outbound & Gated & Holder;

export abstract class Parts<Context> {
  /** @internal */
  protected readonly settings: ConnectionSettings<Context>;
  /** @internal */
  protected readonly transport: Transport | undefined;
  /** @internal */
  protected readonly extension: ConnectionExtension | undefined;
  /** What the last receiver had decoded: octets. */
  private decodedLength = 0;
  private theReceiver: Receiver<Context> | null = null;
  private theSender: Sender<Context> | null = null;
  private theGate: Gate | null = null;
  private theAccount: Account | null = null;

  constructor(
    settings: ConnectionSettings<Context>,
    transport: Transport | undefined,
    extension: ConnectionExtension | undefined,
  ) {
    this.settings = settings;
    this.transport = transport;
    this.extension = extension;
    if (extension !== undefined) {
      this.theReceiver = new Receiver(this.owner, settings, this.account, 0, extension);
    }
  }

  /** Octets received and decoded since the opening handshake. */
  get byteOffset(): number {
    return this.theReceiver === null ? this.decodedLength : this.theReceiver.byteOffset;
  }

  /** Payload octets of messages that the transport has not taken. */
  get bufferedAmount(): number {
    return this.theSender === null ? 0 : this.theSender.payloadLength;
  }

  /** Whether `pause` is in force. */
  get isPaused(): boolean {
    return this.knownGate?.isPaused === true;
  }

  /** For shells that put something between one message and the next. @internal */
  get gate(): Gate {
    this.theGate ??= new Gate(this.owner, this.account, this.transport);
    return this.theGate;
  }

  /** @internal */
  get receiver(): Receiver<Context> {
    this.theReceiver ??= new Receiver(this.owner, this.settings, this.account, this.decodedLength, this.extension);
    return this.theReceiver;
  }

  /** @internal */
  protected get sender(): Sender<Context> {
    this.theSender ??= new Sender(this.owner, this.settings, this.account, this.transport, this.extension?.outbound);
    return this.theSender;
  }

  /** The receiver where there is one: where not, nothing has come that matters now. @internal */
  protected get busyReceiver(): Receiver<Context> | null {
    return this.theReceiver;
  }

  /** The sender where there is one: where not, nothing is unsent. @internal */
  protected get busySender(): Sender<Context> | null {
    return this.theSender;
  }

  /** The gate where there is one: where not, nothing is stopped. @internal */
  protected get knownGate(): Gate | null {
    return this.theGate;
  }

  /** Lets go of what an idle connection can do without. @internal */
  protected relax(): void {
    const { theReceiver: receiver, theSender: sender, theGate: gate } = this;
    if (receiver?.isAtRest === true) {
      this.decodedLength = receiver.byteOffset;
      this.theReceiver = null;
    }
    if (sender?.isAtRest === true) this.theSender = null;
    if (gate?.isAtRest === true) this.theGate = null;
    const isOwn = this.theReceiver === null && this.theSender === null && this.theGate === null;
    if (isOwn && this.theAccount?.held === 0) this.theAccount = null;
  }

  private get account(): Account {
    this.theAccount ??= new Account(this.owner, this.settings.maxProcessBuffered);
    return this.theAccount;
  }

  private get owner(): Owner {
    return this as unknown as Owner;
  }
}
