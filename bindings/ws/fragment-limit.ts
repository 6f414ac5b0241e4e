// The option `maxFragments`: a message of more frames fails its connection. Memory needs no such limit, for what is kept of a
// message is its octets, however they came: there is one only where it is asked for.

import { RECORD_FRAME_END, RECORD_MESSAGE_END } from "../../assembly/constants.ts";
import type { ConnectionExtension } from "../connection/extension.ts";
import type { Flow, PieceConsumer, PieceSource } from "../connection/pieces.ts";
import { LimitError } from "../errors/classes.ts";

class FragmentCounter implements PieceConsumer {
  private readonly next: PieceConsumer;
  private readonly flow: Flow;
  private readonly most: number;
  private count = 0;

  constructor(next: PieceConsumer, flow: Flow, most: number) {
    this.next = next;
    this.flow = flow;
    this.most = most;
  }

  get isAtRest(): boolean {
    return this.count === 0 && this.next.isAtRest === true;
  }

  piece(source: PieceSource, bits: number, start: number, end: number): void {
    if (bits & RECORD_FRAME_END && ++this.count > this.most) {
      const text = `a message has more than ${this.most} fragments: maxFragments is passed`;
      this.flow.fail(new LimitError("WS_TOO_MANY_FRAGMENTS", text, 1008, this.most, this.count));
      return;
    }
    if (bits & RECORD_MESSAGE_END) this.count = 0;
    this.next.piece(source, bits, start, end);
  }

  drop(): void {
    this.next.drop();
  }
}

/** Adds the limit to what a connection has of extensions. */
export function limitFragments(extension: ConnectionExtension | undefined, most: number): ConnectionExtension {
  return {
    allowedRsv: extension?.allowedRsv ?? 0,
    consume: (next, flow) => new FragmentCounter(extension?.consume(next, flow) ?? next, flow, most),
    outbound: extension?.outbound,
    drop: () => extension?.drop?.(),
  };
}
