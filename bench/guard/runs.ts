// The work without sockets, as the codec's bench does it: a chunk is copied to where it may be overwritten, as if it had just
// come; what is sent goes to a stub that takes everything.

import type { Connection as AnyConnection, Transport } from "../../bindings/index.ts";
import { clientChunk } from "../frames.ts";
import { octetsOf, textOf } from "../inputs.ts";
import { importCodec } from "./published.ts";
import type { Workload } from "./workloads.ts";

const { Connection, ConnectionSettings, initSync, Opcode, Later } = await importCodec();
// biome-ignore lint/suspicious/noExplicitAny: its own context
type Self = AnyConnection<any>;

/** What came out: messages or octets. */
class Tally {
  count = 0;
  last: unknown = null;

  add(count: number, last: unknown): void {
    this.count += count;
    this.last = last;
  }
}

const payloadOf = ({ kind, octets }: Workload): string | Buffer =>
  kind === "binary" ? octetsOf(octets) : textOf(kind, octets);

/** Feeds a connection one chunk, over and over. */
function feeder(subject: Self, workload: Workload): () => void {
  const opcode = workload.kind === "binary" ? Opcode.Binary : Opcode.Text;
  const pristine = clientChunk(opcode, Buffer.from(payloadOf(workload) as string), workload.count);
  const working = Buffer.allocUnsafeSlow(pristine.length);
  return () => {
    working.set(pristine);
    subject.receive(working, { mayOverwrite: true });
  };
}

function decode(workload: Workload, tally: Tally): () => void {
  const message = (_: Self, data: string | Uint8Array): void => tally.add(1, data);
  return feeder(new Connection<Self>({ role: "server", handlers: { message } }), workload);
}

/** A connection whose octets are counted and dropped, and what ends the tick for it. */
function sender(role: Workload["role"], tally: Tally, handlers = {}): { subject: Self; endTick: () => void } {
  const flusher = new Later(() => {});
  const write = (octets: Uint8Array): boolean => {
    tally.add(octets.length, octets);
    return true;
  };
  const transport: Transport = { write, end() {}, destroy() {} };
  const subject: Self = new Connection(new ConnectionSettings<Self>({ role, handlers }, flusher), {
    transport,
  });
  return { subject, endTick: () => flusher.run() };
}

function encode(workload: Workload, tally: Tally): () => void {
  const { role, count } = workload;
  const payload = payloadOf(workload);
  const { subject, endTick } = sender(role, tally);
  const sendBatch = (): void => {
    for (let index = 0; index < count; index++) subject.send(payload);
  };
  if (count > 1) return () => subject.run(sendBatch);
  return () => {
    subject.send(payload);
    endTick();
  };
}

function echo(workload: Workload, tally: Tally): () => void {
  const message = (self: Self, data: string | Uint8Array, isBinary: boolean): void => {
    self.send(data, { binary: isBinary });
  };
  const { subject, endTick } = sender("server", tally, { message });
  const feed = feeder(subject, workload);
  return () => {
    feed();
    endTick();
  };
}

const makers = { decode, encode, echo };

/** Octets of a frame besides its payload. RFC 6455 §5.2. */
function overhead({ role, octets }: Workload): number {
  return (octets < 126 ? 2 : octets < 65_536 ? 4 : 10) + (role === "client" ? 4 : 0);
}

/**
 * What does a workload once.
 *
 * @throws Error unless everything comes out that should: a workload that does nothing is cheap
 */
export function makeRun(workload: Workload): () => void {
  const { topic, count, octets } = workload;
  if (topic === "echo, TCP") throw new Error(`${topic} is not for this file`);
  initSync({ kernel: workload.kernel });
  const tally = new Tally();
  const run = makers[topic](workload, tally);
  run();
  const wanted = topic === "decode" ? count : count * (octets + overhead(workload));
  if (tally.count !== wanted) throw new Error(`${tally.count} came out, not ${wanted}`);
  return run;
}
