// Sending, without a socket: each run sends one message, or 64 as a message handler would, to a stub that takes everything.
// Text leaves as octets on every side: what a contestant leaves to the socket, the stub does as cheaply as a socket can.

import { Connection, ConnectionSettings, Later, Opcode, type Role, type Transport } from "../bindings/index.ts";
import { lengthName, octetsOf, type Script, textOf } from "./inputs.ts";
import type { Contestant, Row } from "./measure.ts";
import { checkFrames, Outlet } from "./outlet.ts";
import { openDriver, Sender } from "./peers.ts";
import { StreamOutlet } from "./stream-outlet.ts";

const BATCH = 64;

/** What is sent, by whom, and how many at once. */
interface Shape {
  readonly role: Role;
  readonly count: number;
  readonly octets: number;
  readonly script: Script | "binary";
}

type Payload = string | Buffer;

/** What both outlets have: enough for ws's Sender, and for a transport. */
type AnyOutlet = Outlet | StreamOutlet;

/** Makes a sender that writes to the outlet, and returns what makes it send a payload `count` times. */
type Make = (outlet: AnyOutlet, shape: Shape, payload: Payload) => () => void;

const connection: Make = (outlet, { role, count }, payload) => {
  const flusher = new Later(() => {});
  const write =
    outlet instanceof Outlet
      ? (octets: Uint8Array): boolean => outlet.write(octets)
      : (octets: Uint8Array): boolean => {
          outlet.write(octets);
          return outlet.writableLength === 0;
        };
  const transport: Transport = { write, end() {}, destroy() {} };
  const subject = new Connection(new ConnectionSettings({ role }, flusher), { transport });
  const sendBatch = (): void => {
    for (let index = 0; index < count; index++) subject.send(payload);
  };
  if (count > 1) return () => subject.run(sendBatch);
  return () => {
    subject.send(payload);
    flusher.run(); // the tick ends: the next send is again a tick's first, and written at once
  };
};

const wsSender: Make = (outlet, { role, count }, payload) => {
  const subject = new Sender(outlet);
  const options = { binary: typeof payload !== "string", compress: false, fin: true, mask: role === "client" };
  return () => {
    for (let index = 0; index < count; index++) subject.send(payload, options);
  };
};

const driver: Make = (outlet, { role, count }, payload) => {
  const subject = openDriver({ masking: role === "client" });
  subject.io.on("data", (octets: Buffer) => outlet.write(octets));
  if (typeof payload === "string") {
    return () => {
      for (let index = 0; index < count; index++) subject.text(payload);
    };
  }
  return () => {
    for (let index = 0; index < count; index++) subject.binary(payload);
  };
};

function contestant(name: string, make: Make, shape: Shape, outlet: AnyOutlet): Contestant {
  const { role, count, octets, script } = shape;
  const payload = script === "binary" ? octetsOf(octets) : textOf(script, octets);
  const run = make(outlet, shape, payload);
  const opcode = script === "binary" ? Opcode.Binary : Opcode.Text;
  return {
    name,
    run,
    check: () => checkFrames(name, outlet.keep(run), { count, role, opcode, payload: Buffer.from(payload as string) }),
  };
}

const contestants: Readonly<Record<string, Make>> = {
  Connection: connection,
  "ws Sender": wsSender,
  "websocket-driver": driver,
};

const payloads: readonly Pick<Shape, "octets" | "script">[] = [
  ...[20, 125, 1024, 16384, 65500].map((octets) => ({ octets, script: "ASCII" as const })),
  ...[20, 125, 1024, 16384, 65500].map((octets) => ({ octets, script: "binary" as const })),
  { octets: 1024, script: "emoji" },
  { octets: 17000, script: "Cyrillic" },
];

export function encodeRows(): Row[] {
  const rows: Row[] = [];
  for (const role of ["server", "client"] as const) {
    for (const count of [1, BATCH]) {
      for (const payload of payloads) {
        const shape = { role, count, ...payload };
        const kind = payload.script === "ASCII" ? "text" : payload.script;
        rows.push({
          topic: "encode",
          name: `${role}, ${count === 1 ? "single" : "batch"}, ${lengthName(payload.octets)} ${kind}`,
          frames: count,
          octets: payload.octets,
          contestants: () =>
            Object.entries(contestants).map(([name, make]) => contestant(name, make, shape, new Outlet())),
        });
      }
    }
  }
  return rows;
}

/** The small frames again, through a stream of Node's. */
export function encodeStreamRows(): Row[] {
  const rows: Row[] = [];
  for (const role of ["server", "client"] as const) {
    for (const count of [1, BATCH]) {
      for (const [octets, script] of [
        [20, "ASCII"],
        [20, "binary"],
        [125, "ASCII"],
        [125, "binary"],
        [1024, "ASCII"],
      ] as const) {
        const shape = { role, count, octets, script };
        rows.push({
          topic: "encode stream",
          name: `${role}, ${count === 1 ? "single" : "batch"}, ${lengthName(octets)} ${script === "ASCII" ? "text" : script}`,
          frames: count,
          octets,
          contestants: () => [
            contestant("Connection", connection, shape, new StreamOutlet()),
            contestant("ws Sender", wsSender, shape, new StreamOutlet()),
          ],
        });
      }
    }
  }
  return rows;
}
