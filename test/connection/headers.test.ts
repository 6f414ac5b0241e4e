// A connection and all 65,536 first two octets of a frame, whole and cut between the two: what its handlers hear, and the close
// code that the peer is sent. RFC 6455 §5.2, §7.1.7.

import { Connection } from "../../bindings/connection/connection.ts";
import { ConnectionSettings } from "../../bindings/connection/settings.ts";
import type { Transport } from "../../bindings/connection/transport.ts";
import { same } from "../support/assertions.ts";
import { builtOnKernel } from "../support/current-kernel.ts";
import { endpointSituations, forEveryPair, sameError, situationName } from "../support/every-pair.ts";
import type { Expected, Situation } from "../support/header-rules.ts";
import { kernels } from "../support/kernels.ts";

/** What a connection said of one frame. */
interface Heard {
  events: string;
  error: unknown;
  /** The octets of its last write. */
  written: Uint8Array;
}

/** Connections without an extension: no reserved bit is agreed on. */
const situations = endpointSituations.filter(({ allowedRsv }) => allowedRsv === 0);

/** What handlers are to hear of a frame that breaks no rule. */
function eventsOf({ opcode, fin, payloadLength }: Expected, { fragmentation }: Situation): string {
  const openLength = fragmentation.open === undefined ? 0 : 1;
  if (opcode === 9) return `ping ${payloadLength};`;
  if (opcode === 10) return `pong ${payloadLength};`;
  if (opcode === 8 || !fin) return "";
  const isText = opcode === 1 || (opcode === 0 && fragmentation.open === "text");
  return `${isText ? "text" : "binary"} ${payloadLength + (opcode === 0 ? openLength : 0)};`;
}

/** The close code in a Close frame; 0 for any other octets. §5.5.1 */
function closeCodeIn(octets: Uint8Array, role: "server" | "client"): number {
  const [first, second, ...rest] = octets;
  if (first !== 0x88 || second !== (role === "server" ? 0x02 : 0x82)) return 0;
  if (role === "server") return rest[0]! * 256 + rest[1]!;
  return (rest[4]! ^ rest[0]!) * 256 + (rest[5]! ^ rest[1]!);
}

for (const tested of kernels) {
  const test = builtOnKernel("a connection's headers", tested);

  for (const situation of situations) {
    const { role } = situation;

    test(`judges every first two octets, whole and cut between them, ${situationName(situation)} (§5.2)`, () => {
      const heard: Heard = { events: "", error: null, written: new Uint8Array(0) };
      const transport: Transport = {
        write(octets) {
          heard.written = Uint8Array.from(octets);
          return true;
        },
        end() {},
        destroy() {},
      };
      const settings = new ConnectionSettings<null>({
        role,
        handlers: {
          message: (_, data, isBinary) => {
            heard.events += `${isBinary ? "binary" : "text"} ${data.length};`;
          },
          ping: (_, data) => {
            heard.events += `ping ${data.length};`;
          },
          pong: (_, data) => {
            heard.events += `pong ${data.length};`;
          },
          error: (_, error) => {
            heard.events += "error;";
            heard.error = error;
          },
        },
      });
      forEveryPair(situation, (trial, chunks) => {
        const { expected, where } = trial;
        heard.events = "";
        heard.written = new Uint8Array(0);
        const connection = new Connection(settings, { transport, context: null });
        for (const chunk of chunks) connection.receive(chunk);
        const { violation } = expected;
        same(heard.events, violation ? "error;" : eventsOf(expected, situation), () => `what is heard of ${where()}`);
        if (violation) {
          sameError(heard.error, trial);
          const closeCode = closeCodeIn(heard.written, role);
          same(closeCode, (heard.error as { closeCode: number }).closeCode, () => `Close sent for ${where()}`);
        }
        const isClosing = violation !== 0 || expected.opcode === 8;
        same(connection.readyState, isClosing ? 2 : 1, () => `state after ${where()}`);
        connection.terminate(); // lets go of the memory of what is open
      });
    });
  }

  test.run();
}
