// One stream of zlib's for messages one after the other, each given whole or in parts: what ws's `compress` and `decompress`
// do. Connections have a way of their own, without copies; see bindings/deflate/.

import { VIOLATION_MESSAGE_TOO_LONG } from "../../assembly/constants.ts";
import { type FlateStream, Flush } from "../deflate/flate.ts";
import { errorOfViolation } from "../errors/violations.ts";
import { wsError } from "./errors.ts";

/** RFC 7692 §7.2.1 step 2: what the end of a flushed stream is, and is not sent. */
const tail = Buffer.from([0x00, 0x00, 0xff, 0xff]);

/** Octets that a step may write. */
const STEP_LENGTH = 16384;

export type FlateCallback = (error: unknown, octets?: Buffer) => void;

export class FlateRun {
  private readonly stream: FlateStream;
  /** Settles when what was asked for before is done. */
  private last: Promise<unknown> = Promise.resolve();
  private isClosed = false;

  constructor(stream: FlateStream) {
    this.stream = stream;
  }

  deflate(data: Uint8Array, fin: boolean, thenReset: boolean, callback: FlateCallback): void {
    this.add(callback, thenReset, async () => {
      const octets = await this.all(data, Number.POSITIVE_INFINITY);
      return fin ? octets.subarray(0, octets.length - tail.length) : octets;
    });
  }

  /** @param most  octets that may come out */
  inflate(data: Uint8Array, fin: boolean, thenReset: boolean, most: number, callback: FlateCallback): void {
    this.add(callback, thenReset, () => this.all(fin ? Buffer.concat([data, tail]) : data, most));
  }

  close(): void {
    this.isClosed = true;
    void this.last.then(() => this.stream.close());
  }

  private add(callback: FlateCallback, thenReset: boolean, work: () => Promise<Buffer>): void {
    const done = this.last.then(work);
    this.last = done.then(
      () => thenReset && this.stream.reset(),
      () => this.stream.reset(),
    );
    const tell = (error: unknown, octets?: Buffer): void => void process.nextTick(callback, error, octets);
    done.then((octets) => tell(this.isClosed ? closedError() : null, octets), tell);
  }

  /** Everything that comes out of an input. */
  private async all(input: Uint8Array, most: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    let length = 0;
    for (let at = 0; ; ) {
      const output = Buffer.allocUnsafe(STEP_LENGTH);
      await new Promise<void>((resolve, reject) =>
        this.stream.stepLater(input, at, input.length, Flush.Sync, output, 0, STEP_LENGTH, (error) =>
          error === undefined ? resolve() : reject(error),
        ),
      );
      const { inputLeft, outputLeft } = this.stream;
      parts.push(output.subarray(0, STEP_LENGTH - outputLeft));
      length += STEP_LENGTH - outputLeft;
      if (length > most) throw wsError(errorOfViolation(VIOLATION_MESSAGE_TOO_LONG, {}, most, length));
      at = input.length - inputLeft;
      // Where output is left nothing more comes: the input is used up, or a final block has ended the stream.
      if (outputLeft !== 0) return Buffer.concat(parts);
    }
  }
}

const closedError = (): Error => new Error("the stream was closed while data was being processed");
