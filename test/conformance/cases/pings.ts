// 2.*: pings must be answered, each of them; pongs must not. RFC 6455 §5.5.2 and §5.5.3.

import { filled, hex } from "../../support/octets.ts";
import { chop, close, closeAfter, echo, gotPong, ourClose, ping, pong, protocolError } from "../builders.ts";
import type { Case, Pace } from "../case.ts";

const octets = hex("00 ff fe fd fc fb 00 ff");
const longest = filled(125, 0xfe);
const unsolicited = "unsolicited pong payload";
const ten = Array.from({ length: 10 }, (_, index) => `payload-${index}`);

const answered = (id: string, payloads: readonly (string | Uint8Array)[], seconds: number, pace: Pace = "together") =>
  echo(id, payloads.map(ping), payloads.map(gotPong), { limit: closeAfter(seconds), pace });

export const pings: readonly Case[] = [
  answered("2.1", [""], 1),
  answered("2.2", ["Hello, world!"], 1),
  answered("2.3", [octets], 1),
  answered("2.4", [longest], 1),
  protocolError("2.5", [ping(filled(126, 0xfe))]),
  answered("2.6", [longest], 2, chop(1)),
  ourClose("2.7", [pong(), close(1000)], [1000], { alsoFails: null }),
  ourClose("2.8", [pong(unsolicited), close(1000)], [1000], { alsoFails: null }),
  echo("2.9", [pong(unsolicited), ping("ping payload")], [gotPong("ping payload")], { limit: closeAfter(1) }),
  answered("2.10", ten, 3),
  answered("2.11", ten, 3, chop(1)),
];
