// Where encoders write through one of Node's own streams: what a socket's `cork`, `write` and `uncork` cost in JavaScript,
// without the system calls under them. Both contestants write to the same kind; it takes everything at once.

import { Writable } from "node:stream";

type Chunk = { readonly chunk: Buffer; readonly encoding: BufferEncoding };

export class StreamOutlet extends Writable {
  private kept: Buffer[] | null = null;

  constructor() {
    super({ decodeStrings: true });
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    if (this.kept !== null) this.kept.push(Buffer.from(chunk));
    done();
  }

  override _writev(chunks: Chunk[], done: () => void): void {
    if (this.kept !== null) for (const { chunk } of chunks) this.kept.push(Buffer.from(chunk));
    done();
  }

  /** Everything that is written while `run` runs. */
  keep(run: () => void): Buffer {
    this.kept = [];
    run();
    const whole = Buffer.concat(this.kept);
    this.kept = null;
    return whole;
  }
}
