// 3.*: reserved bits, and 4.*: reserved opcodes. Both fail the connection. RFC 6455 §5.2.

import { hex } from "../../support/octets.ts";
import { chop, frame, gotText, greeting, ping, protocolError, sync, text } from "../builders.ts";
import type { Case, Step } from "../case.ts";

const octets = hex("00 ff fe fd fc fb 00 ff");

/** A good message, the wrong frame, a ping that must find nobody: the message may be answered, strictly it must. */
const between = (wrong: Step) => [text(greeting), wrong, ping()];
const strict = { ok: [gotText(greeting)], nonStrict: [] };

const bits: readonly Case[] = [
  protocolError("3.1", [frame(1, greeting, { rsv: 1 })]),
  protocolError("3.2", between(frame(1, greeting, { rsv: 2 })), strict),
  protocolError("3.3", between(frame(1, greeting, { rsv: 3 })), { ...strict, pace: sync }),
  protocolError("3.4", between(frame(1, greeting, { rsv: 4 })), { ...strict, pace: chop(1) }),
  protocolError("3.5", [frame(2, octets, { rsv: 5 })]),
  protocolError("3.6", [frame(2, greeting, { rsv: 6 })]),
  protocolError("3.7", [frame(8, "", { rsv: 7 })]), // who takes it as a Close may answer without a code
];

/** The first opcode of each kind stands for five cases. */
const opcodes = [
  [1, 3],
  [2, 11],
].flatMap(([group, first]) => [
  protocolError(`4.${group}.1`, [frame(first!)]),
  protocolError(`4.${group}.2`, [frame(first! + 1, "reserved opcode payload")]),
  protocolError(`4.${group}.3`, between(frame(first! + 2)), strict),
  protocolError(`4.${group}.4`, between(frame(first! + 3, greeting)), strict),
  protocolError(`4.${group}.5`, between(frame(first! + 4, greeting)), { ...strict, pace: chop(1) }),
]);

export const reserved: readonly Case[] = [...bits, ...opcodes];
