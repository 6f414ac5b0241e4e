// 5.*: fragmented messages, control frames between fragments, and fragments that belong to nothing. RFC 6455 §5.4.

import {
  chop,
  closeAfter,
  echo,
  frame,
  gotPong,
  gotText,
  greeting,
  last,
  more,
  ping,
  protocolError,
  sync,
  text,
  textStart,
  wait,
} from "../builders.ts";
import type { Case, Pace } from "../case.ts";

const part = (number: number): string => `fragment${number}`;

const orphan = "non-continuation payload";

/** The same case, its frames leaving in three ways. */
const thrice = (first: number, make: (id: string, pace: Pace) => Case): Case[] =>
  (["together", sync, chop(1)] as const).map((pace, index) => make(`5.${first + index}`, pace));

const pongBetween = [
  textStart(part(1)),
  more(part(2)),
  ping("pongme 1!"),
  wait(1),
  more(part(3)),
  more(part(4)),
  ping("pongme 2!"),
  last(part(5)),
];
const pongsAndText = [gotPong("pongme 1!"), gotPong("pongme 2!"), gotText([1, 2, 3, 4, 5].map(part).join(""))];

const orphanFirst = [more(part(1)), textStart(part(2)), last(part(3))];
const wholeOrphanFirst = [last(part(1)), textStart(part(2)), last(part(3))];

export const fragmentation: readonly Case[] = [
  protocolError("5.1", [frame(9, part(1), { fin: false }), last(part(2))]),
  protocolError("5.2", [frame(10, part(1), { fin: false }), last(part(2))]),
  ...thrice(3, (id, pace) =>
    echo(id, [textStart(part(1)), last(part(2))], [gotText(part(1) + part(2))], { limit: closeAfter(1), pace }),
  ),
  ...thrice(6, (id, pace) =>
    echo(
      id,
      [textStart(part(1)), ping("ping payload"), last(part(2))],
      [gotPong("ping payload"), gotText(part(1) + part(2))],
      { limit: closeAfter(1), pace },
    ),
  ),
  ...thrice(9, (id, pace) => protocolError(id, [last(orphan), text(greeting)], { pace })),
  ...thrice(12, (id, pace) => protocolError(id, [more(orphan), text(greeting)], { pace })),
  protocolError("5.15", [textStart(part(1)), last(part(2)), more(part(3)), text(part(4))], {
    ok: [gotText(part(1) + part(2))],
    nonStrict: [],
  }),
  protocolError("5.16", [...orphanFirst, ...orphanFirst]),
  protocolError("5.17", [...wholeOrphanFirst, ...wholeOrphanFirst]),
  protocolError("5.18", [textStart(part(1)), text(part(2))]),
  echo("5.19", pongBetween, pongsAndText, { limit: closeAfter(1) }),
  echo("5.20", pongBetween, pongsAndText, { limit: closeAfter(1), pace: sync }),
];
