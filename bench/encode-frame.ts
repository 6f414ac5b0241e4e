// encodeFrame against ws's static Sender.frame. The latter returns a header and, from a server, the caller's own octets: one
// column takes that as it is, the other joins the two into the one piece that encodeFrame returns.

import { encodeFrame, Opcode, type Role } from "../bindings/index.ts";
import { lengthName, octetsOf, textOf } from "./inputs.ts";
import type { Contestant, Row } from "./measure.ts";
import { checkFrames } from "./outlet.ts";
import { Sender } from "./peers.ts";

const lengths = [20, 125, 1024, 16384, 65500];

/** What a contestant made last, as it made it. */
let made: Uint8Array | readonly Uint8Array[] = [];

function contestants(role: Role, isText: boolean, length: number): Contestant[] {
  const payload = isText ? textOf("ASCII", length) : octetsOf(length);
  const opcode = isText ? Opcode.Text : Opcode.Binary;
  const options = { role };
  const wsOptions = { fin: true, mask: role === "client", opcode, readOnly: !isText, rsv1: false };
  const contestant = (name: string, run: () => void): Contestant => ({
    name,
    run,
    check() {
      run();
      const octets = made instanceof Uint8Array ? Buffer.from(made) : Buffer.concat(made);
      checkFrames(name, octets, { count: 1, role, opcode, payload: Buffer.from(payload as string) });
    },
  });
  return [
    contestant("encodeFrame", () => {
      made = encodeFrame(opcode, payload, options);
    }),
    contestant("Sender.frame, joined", () => {
      const parts = Sender.frame(payload, wsOptions);
      made = parts.length === 1 ? parts[0]! : Buffer.concat(parts);
    }),
    contestant("Sender.frame", () => {
      made = Sender.frame(payload, wsOptions);
    }),
  ];
}

export function encodeFrameRows(): Row[] {
  const roles: readonly Role[] = ["server", "client"];
  return roles.flatMap((role) =>
    [true, false].flatMap((isText) =>
      lengths.map((octets) => ({
        topic: "encode frame",
        name: `${role}, ${lengthName(octets)} ${isText ? "text" : "binary"}`,
        frames: 1,
        octets,
        contestants: () => contestants(role, isText, octets),
      })),
    ),
  );
}
