// The suite catches peers that do one thing wrong: each verdict comes out, for the reason it stands for, in both roles.

import { createServer, type Socket } from "node:net";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { hex } from "../support/octets.ts";
import { badClient, badServer, closing, type Manners, polite, politeBut, type Reaction } from "./bad-peers.ts";
import type { Case } from "./case.ts";
import { chooseCases } from "./cases/index.ts";
import { openToClient } from "./handshake.ts";
import { runAgainstServer, startRun } from "./runner.ts";
import type { ClientSubject, ServerSubject, Subject } from "./subject.ts";
import type { Result } from "./trial.ts";

const silent = (): Manners => () => [];

/** Politeness towards messages, and these deeds for a wrong frame: reserved bits, or a reserved opcode. */
const ifWrong = (...deeds: Reaction): (() => Manners) =>
  politeBut(({ opcode, rsv }) => (rsv !== 0 || ![0, 1, 2, 8, 9, 10].includes(opcode) ? deeds : null));

/** These deeds in place of an echo. */
const insteadOfEcho = (...deeds: Reaction): (() => Manners) =>
  politeBut(({ opcode }) => (opcode === 1 || opcode === 2 ? deeds : null));

/** These deeds in place of an answer to Close. */
const insteadOfClose = (...deeds: Reaction): (() => Manners) =>
  politeBut(({ opcode }) => (opcode === 8 ? deeds : null));

/** Says nothing until the frame of that number, then this. */
const atFrame =
  (number: number, ...deeds: Reaction): (() => Manners) =>
  () => {
    let count = 0;
    return (frame) => (++count === number ? deeds : count < number ? [] : polite(frame));
  };

/** Fails the connection, and does nothing more. */
const keepsTcp = (): Manners => (frame) => (frame.opcode === 8 ? [] : [closing(1002)]);

/** Answers only the last of ten pings. */
const lazyPongs = (): Manners => {
  let pings = 0;
  return (frame) => (frame.opcode === 9 && ++pings < 10 ? [] : polite(frame));
};

/** Echoes one octet less than it got, from the tenth message on. */
const forgetful = (): Manners => {
  let count = 0;
  return (frame) =>
    frame.opcode < 8 && ++count >= 10 ? [{ opcode: frame.opcode, payload: frame.payload.subarray(1) }] : polite(frame);
};

const text125 = { opcode: 1, payload: "*".repeat(125) };

type Row = readonly [what: string, id: string, manners: () => Manners, asServer: string, asClient?: string];

/** The verdicts on a peer as server, and as client where they differ. */
const rows: readonly Row[] = [
  ["a polite peer", "1.1.2", () => polite, "OK / OK"],
  ["a polite peer, in a thousand rounds", "9.7.2", () => polite, "OK / OK"],
  ["a peer that does nothing where an echo is due", "1.1.2", silent, "FAILED / UNCLEAN"],
  ["a peer that does nothing where it must fail", "3.1", silent, "OK / FAILED"],
  ["a peer that does nothing where text is wrong", "6.16.2", silent, "FAILED / FAILED"],
  ["a peer that does nothing after a Close", "7.3.3", silent, "OK / UNCLEAN"],
  [
    "an echo with a wrong octet",
    "1.1.2",
    insteadOfEcho({ opcode: 1, payload: `${"*".repeat(124)}+` }),
    "FAILED / WRONG CODE",
  ],
  ["an echo of the wrong kind", "1.1.2", insteadOfEcho({ ...text125, opcode: 2 }), "FAILED / WRONG CODE"],
  ["an echo that comes twice", "1.1.2", insteadOfEcho(text125, text125), "FAILED / OK"],
  ["an echo of the wrong kind, judged by length", "9.1.1", insteadOfEcho({ opcode: 2, payload: "" }), "FAILED / OK"],
  ["an echo that is too short in the tenth round", "9.7.2", forgetful, "FAILED / OK"],
  ["a pong for the last ping alone", "2.10", lazyPongs, "FAILED / OK"],
  ["a pong after Close", "7.1.3", insteadOfClose({ opcode: 10 }, closing(1000), "drop"), "FAILED / OK"],
  ["a Close in place of the echo", "1.1.2", insteadOfEcho(closing(1000), "drop"), "FAILED / FAILED"],
  ["TCP dropped in place of the echo", "1.1.2", insteadOfEcho("drop"), "FAILED / FAILED"],
  ["a Close answered with another code", "1.1.2", insteadOfClose(closing(1001), "drop"), "OK / WRONG CODE"],
  [
    "a Close answered with another code, where that is asked",
    "7.3.3",
    insteadOfClose(closing(1001), "drop"),
    "FAILED / WRONG CODE",
  ],
  ["a Close answered without a code", "7.3.3", insteadOfClose({ opcode: 8 }, "drop"), "OK / OK"],
  ["a Close answered by dropping TCP", "7.3.3", insteadOfClose("drop"), "OK / UNCLEAN"],
  ["a wrong Close answered by dropping TCP", "7.9.1", insteadOfClose("drop"), "OK / OK"],
  ["a Close answered, and TCP kept", "7.3.3", insteadOfClose(closing(1000)), "OK / UNCLEAN", "OK / OK"],
  ["failing with 1002", "3.1", ifWrong(closing(1002), "drop"), "OK / OK"],
  ["failing without a code", "3.1", ifWrong({ opcode: 8 }, "drop"), "OK / OK"],
  ["failing by dropping TCP", "3.1", ifWrong("drop"), "OK / OK"],
  ["failing with another code", "3.1", ifWrong(closing(1003), "drop"), "OK / WRONG CODE"],
  ["failing, and TCP kept", "3.1", keepsTcp, "OK / FAILED BY CLIENT", "OK / OK"],
  ["failing after the echo", "4.1.3", ifWrong(closing(1002), "drop"), "OK / OK"],
  ["failing without the echo", "4.1.3", atFrame(2, closing(1002), "drop"), "NON-STRICT / OK"],
  ["failing after a pong", "4.1.3", ifWrong({ opcode: 10 }, closing(1002), "drop"), "FAILED / OK"],
  ["a reserved Close taken for a Close", "3.7", () => polite, "OK / OK"],
  ["text failed with 1002", "6.16.2", insteadOfEcho(closing(1002), "drop"), "OK / WRONG CODE"],
  ["wrong text that comes back", "6.16.2", () => polite, "FAILED / FAILED"],
  ["text failed before it is wrong", "6.4.1", atFrame(1, closing(1007), "drop"), "FAILED / OK"],
  ["text failed where it is wrong", "6.4.1", atFrame(2, closing(1007), "drop"), "OK / OK"],
  ["text failed at its end", "6.4.1", atFrame(3, closing(1007), "drop"), "NON-STRICT / OK"],
  ["text never failed", "6.4.1", silent, "FAILED / FAILED"],
  ["an illegal frame in place of the echo", "1.1.2", insteadOfEcho({ ...text125, rsv: 4 }), "FAILED / UNCLEAN"],
  ["an illegal frame after the echo", "1.1.2", insteadOfEcho(text125, { opcode: 0 }), "FAILED / UNCLEAN"],
  [
    "an illegal code in answer to a wrong Close",
    "7.9.1",
    insteadOfClose(closing(1005)),
    "FAILED / FAILED BY CLIENT",
    "FAILED / OK",
  ],
  [
    "text that is not UTF-8 in place of the echo",
    "1.1.2",
    insteadOfEcho({ opcode: 1, payload: hex("ff") }),
    "FAILED / UNCLEAN",
  ],
  ["anything, where there is no right outcome", "7.13.1", silent, "INFORMATIONAL / INFORMATIONAL"],
];

/** Runs one case against a subject. */
async function only(subject: Subject, id: string): Promise<Result> {
  const { results, ended } = startRun(subject, chooseCases([id]));
  const result = await results.get(id)!;
  await ended.catch(() => {});
  return result;
}

const verdicts = suite("conformance verdicts");

/** All at once: most of them wait for a peer that does not answer. */
const pending = rows.map(([, id, manners]) => ({
  asServer: only(badServer(manners), id),
  asClient: only(badClient(manners), id),
}));

rows.forEach(([what, id, , asServer, asClient = asServer], index) => {
  verdicts(`${what} (${id}): ${asServer}${asClient === asServer ? "" : `, as client ${asClient}`}`, async () => {
    const server = await pending[index]!.asServer;
    const client = await pending[index]!.asClient;
    assert.is(`${server.behavior} / ${server.behaviorClose}`, asServer, server.detail);
    assert.is(`${client.behavior} / ${client.behaviorClose}`, asClient, client.detail);
  });
});

verdicts("an echo of a wrong length ends its case at once, with Close 1000 (9.7.2)", async () => {
  const { closeCode, detail } = await pending[rows.findIndex(([, , manners]) => manners === forgetful)]!.asServer;
  assert.is(closeCode, 1000, detail); // a Close for lateness has no code, and the peer answers with what it got
  assert.match(detail, /in round 10/);
});

verdicts.run();

const opening = suite("conformance opening handshake");

/** A server that answers every request with these lines. */
function answering(...lines: readonly string[]): ServerSubject {
  return {
    name: "bad handshake",
    version: "",
    role: "server",
    async start() {
      const server = createServer((socket: Socket) => {
        socket.on("error", () => {});
        socket.once("data", () => socket.end(lines.map((line) => `${line}\r\n`).join("")));
      });
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      const { port } = server.address() as { readonly port: number };
      const stop = async (): Promise<void> => {
        await new Promise((resolve) => server.close(resolve));
      };
      return { url: `ws://127.0.0.1:${port}`, stop };
    },
  };
}

const switching = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade"];
const refused: readonly (readonly [what: string, lines: readonly string[], detail: RegExp])[] = [
  ["hangs up", [], /ended/],
  ["answers 200", ["HTTP/1.1 200 OK", ""], /200/],
  ["leaves Sec-WebSocket-Accept out", [...switching, ""], /Accept/],
  [
    "has a wrong Sec-WebSocket-Accept",
    [...switching, "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", ""],
    /Accept/,
  ],
];

for (const [what, lines, detail] of refused) {
  opening(`a server that ${what} is FAILED / FAILED`, async () => {
    const result = await only(answering(...lines), "1.1.1");
    assert.is(`${result.behavior} / ${result.behaviorClose}`, "FAILED / FAILED");
    assert.match(result.detail, detail);
  });
}

const clients: readonly (readonly [what: string, run: ClientSubject["run"]])[] = [
  ["never connects", async () => {}],
  ["throws", () => Promise.reject(new Error("no"))],
  ["asks for another resource", async (url) => void (await fetch(url.replace("ws:", "http:")).catch(() => {}))],
];

for (const [what, run] of clients) {
  opening(`a client that ${what} is FAILED / FAILED`, async () => {
    const result = await only({ name: "no client", version: "", role: "client", run }, "1.1.1");
    assert.is(`${result.behavior} / ${result.behaviorClose}`, "FAILED / FAILED");
  });
}

opening("a server that does not start fails its cases, and the run", async () => {
  const start = (): Promise<never> => Promise.reject(new Error("no port"));
  const { results, ended } = startRun({ name: "none", version: "", role: "server", start }, chooseCases(["1.1"]));
  for (const result of results.values()) assert.is((await result).detail, "no port");
  const failure = await ended.catch((error: Error) => error);
  assert.is((failure as Error).message, "no port");
});

opening("the limit of 9.* is on the echoes: what came in time counts, however long the Close takes", async () => {
  const server = createServer({ noDelay: true, allowHalfOpen: true }, async (socket) => {
    await openToClient(socket, 5000);
    socket.once("data", () => {
      socket.write(hex("81 00"));
      socket.once("data", () => setTimeout(() => socket.end(hex("88 02 03 e8")), 600));
    });
    socket.resume();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { readonly port: number };
  const [empty] = chooseCases(["9.7.1"]);
  const tested: Case = { ...empty!, rounds: 1, limit: { ...empty!.limit, seconds: 0.3 } };
  const { behavior, behaviorClose, detail } = await runAgainstServer(tested, `ws://127.0.0.1:${port}/`, 1);
  assert.is(`${behavior} / ${behaviorClose}`, "OK / OK", detail);
  await new Promise((resolve) => server.close(resolve));
});

opening.run();
