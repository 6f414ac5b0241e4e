// 7.*: the closing handshake: what may follow a Close, what its payload may be, and which codes may be sent. RFC 6455 §7.

import { concat, filled, hex, utf8 } from "../../support/octets.ts";
import { close, echo, frame, gotText, last, ourClose, ping, text, textStart } from "../builders.ts";
import type { Case } from "../case.ts";
import { repeated } from "../payload.ts";
import { kosme } from "./code-points.ts";

const hello = "Hello World!";

/** Ways to go on after a Close, none of which may be answered. */
const afterwards = [
  ourClose("7.1.2", [close(1000), frame(8)], [1000]),
  ourClose("7.1.3", [close(1000), ping()], [1000]),
  ourClose("7.1.4", [close(1000), text(hello)], [1000]),
  ourClose("7.1.5", [textStart("fragment1"), close(1000), last("fragment2")], [1000]),
];

const manyOctets = repeated("BAsd7&jh23", 262_144);

/** A Close that breaks a rule: the peer may also drop TCP. */
const unclean = { needsCleanClose: false };

const payloads = [
  ourClose("7.3.1", [close()], [1000]),
  ourClose("7.3.2", [close(undefined, utf8("a"))], [1002], unclean),
  ourClose("7.3.3", [close(1000)], [1000]),
  ourClose("7.3.4", [close(1000, utf8(hello))], [1000]),
  ourClose("7.3.5", [close(1000, filled(123, 0x2a))], [1000]),
  ourClose("7.3.6", [close(1000, filled(124, 0x2a))], [1002], unclean),
  ourClose("7.5.1", [close(1000, concat(kosme, hex("ed a0 80 65 64 69 74 65 64")))], [1002, 1007], unclean),
];

const goodCodes = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999];
const badCodes = [0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999];
/** Of which the RFC says nothing. */
const strangeCodes = [5000, 65535];

const informational = { isInformational: true };

export const closing: readonly Case[] = [
  echo("7.1.1", [text(hello)], [gotText(hello)], { alsoFails: "wrong code" }),
  ...afterwards,
  ourClose("7.1.6", [text(manyOctets), text(hello), close(1000), ping()], [1000], informational),
  ...payloads,
  ...goodCodes.map((code, index) => ourClose(`7.7.${index + 1}`, [close(code)], [1000, code])),
  ...badCodes.map((code, index) => ourClose(`7.9.${index + 1}`, [close(code)], [1002], unclean)),
  ...strangeCodes.map((code, index) => ourClose(`7.13.${index + 1}`, [close(code)], [1002], informational)),
];
