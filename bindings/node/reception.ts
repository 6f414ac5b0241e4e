// A server's reception on Node: its links are streams, and handshakes may also come by way of somebody else's HTTP server, as
// knocks on its doors. What is attached to what is server.ts's affair.

import type { Socket as NetSocket } from "node:net";
import type { Duplex } from "node:stream";
import { HandshakeError } from "../errors/classes.ts";
import { handshakeError } from "../handshake/index.ts";
import type { TransportName } from "../runtime/transport-option.ts";
import type { ServerSettings } from "../server/options.ts";
import { Reception } from "../server/reception.ts";
import { Visit } from "../server/visit.ts";
import { share } from "../share.ts";
import { linkOf } from "../socket/socket.ts";
import type { Knock } from "./knock.ts";
import { ReaderChoice } from "./reader-choice.ts";
import { StreamLink } from "./stream-link.ts";
import { takeOver } from "./stream-reader.ts";
import { turnAway } from "./unclaimed.ts";

/** Streams that were handed to a server: not to be handed to another. */
const received: WeakSet<Duplex> = share("received streams", new WeakSet<Duplex>());

/** Whether a stream was handed to a server already. */
export const isReceived = (stream: Duplex): boolean => received.has(stream);

export class NodeReception<Data> extends Reception<Data> {
  readonly reading: ReaderChoice;

  constructor(settings: ServerSettings<Data>, transport: TransportName) {
    super(settings);
    this.reading = new ReaderChoice(transport, settings.connection.kernel);
  }

  /** Greets a socket that the server itself accepted. */
  greetStream(stream: NetSocket, isSecure: boolean): void {
    this.greet(new StreamLink(stream, this.reading), isSecure);
  }

  /** Takes a handshake that is this server's own; where it is not known yet how sockets are read, it waits for that. */
  receive(knock: Knock): void {
    const { stream } = knock;
    received.add(stream);
    const { setTimeout, setNoDelay } = stream as Partial<NetSocket>;
    setTimeout?.call(stream, 0);
    setNoDelay?.call(stream, true);
    if (this.reading.isMade) {
      this.visit(knock);
      return;
    }
    const ignore = (): void => {}; // an error that nobody listens for would end the process; `visit` sees that it is gone
    stream.on("error", ignore);
    void this.reading.make().then(() => {
      stream.off("error", ignore);
      this.visit(knock);
    });
  }

  private visit(knock: Knock): void {
    const { stream, replies, request, incoming } = knock;
    if (stream.destroyed) return;
    if (this.isClosed) {
      turnAway(stream, replies, handshakeError("WS_HANDSHAKE_CLOSED"));
      return;
    }
    const visit = new Visit(new StreamLink(stream, this.reading), this, replies);
    this.answerings.add(visit);
    const rest = takeOver(stream, visit, this.reading.read, knock.head);
    try {
      if (this.reading.refusal !== null) throw this.reading.refusal;
      visit.decide(request, knock.judge(this.policy(knock.isSecure)), rest, incoming);
    } catch (error) {
      visit.refuse(error);
    }
  }

  /** Refuses a handshake for what the application threw when it was asked whether it is its own. */
  refuse(knock: Knock, error: unknown): void {
    if (error instanceof HandshakeError) turnAway(knock.stream, knock.replies, error);
    else {
      turnAway(knock.stream, knock.replies, handshakeError("WS_HANDSHAKE_INTERNAL"));
      this.fault(error);
    }
  }

  /** Ends the connections of a session of HTTP/2. */
  sessionEnds(session: object): void {
    for (const socket of this.open) {
      const { session: own } = (linkOf(socket) as StreamLink).stream as Duplex & { readonly session?: object };
      if (own === session) this.goAway(socket);
    }
  }
}
