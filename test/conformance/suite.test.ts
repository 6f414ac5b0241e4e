// The suite itself: how many cases there are and what they send, what is recorded, and the command.

import { readdirSync, readFileSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { WebSocket } from "ws";
import { MistakeError } from "../support/command-line.ts";
import { broken } from "../support/faults.ts";
import { Program, packageRoot } from "../support/programs.ts";
import { commandOf } from "./arguments.ts";
import { CaseServer } from "./case-server.ts";
import { cases, chooseCases } from "./cases/index.ts";
import { faults } from "./faults.ts";
import { pageOfRecords, pagePaths, pageText, readFaults, readRecord, recordText } from "./files.ts";
import { openToClient } from "./handshake.ts";
import {
  countOutcomes,
  expand,
  groupOf,
  recordOf,
  serializeRecord,
  shorten,
  shortenGroups,
  verdictsOf,
} from "./report.ts";
import { runAgainstServer } from "./runner.ts";
import { subjects } from "./subjects/index.ts";
import { wsClient } from "./subjects/ws.ts";
import { fragmented } from "./wire.ts";

const table = suite("conformance cases");

const counts = { 1: 16, 2: 11, 3: 7, 4: 10, 5: 20, 6: 145, 7: 37, 9: 54, 10: 1, 12: 90, 13: 126 };

for (const [group, count] of Object.entries(counts)) {
  table(`${group}.* has ${count} cases`, () => {
    assert.is(cases.filter(({ id }) => groupOf(id) === group).length, count);
  });
}

table("there are 517, each number once, in the order of their numbers", () => {
  const ids = cases.map(({ id }) => id);
  assert.is(ids.length, 517);
  assert.is(new Set(ids).size, 517);
  assert.equal(
    ids,
    [...ids].sort((a, b) => a.localeCompare(b, "en", { numeric: true })),
  );
});

table("three have no right outcome", () => {
  assert.equal(
    cases.filter(({ isInformational }) => isInformational).map(({ id }) => id),
    ["7.1.6", "7.13.1", "7.13.2"],
  );
});

table("6.* has 70 texts that are UTF-8 and 75 that are not", () => {
  const found = cases.filter(({ id }) => groupOf(id) === "6");
  assert.is(found.filter(({ ending }) => ending === "echo").length, 70);
  assert.is(found.filter(({ closeCodes }) => closeCodes.join() === "1007").length, 75);
});

table("a message in fragments whose length divides it ends with an empty frame", () => {
  const lengths = (length: number, fragmentLength: number): string =>
    fragmented({ opcode: 1, payload: "*".repeat(length) }, fragmentLength)
      .map(({ opcode, payload, fin = true }) => `${opcode}:${(payload as Uint8Array).length}${fin ? "" : "-"}`)
      .join(" ");
  assert.is(lengths(6, 7), "1:6");
  assert.is(lengths(6, 6), "1:6");
  assert.is(lengths(6, 4), "1:4- 0:2");
  assert.is(lengths(6, 3), "1:3- 0:3- 0:0");
});

const frameCounts = { "9.3.1": 65537, "9.3.2": 16385, "9.4.3": 4097, "9.4.8": 5, "9.3.9": 1, "10.1.1": 51 };

for (const [id, count] of Object.entries(frameCounts)) {
  table(`${id} sends ${count} frames`, () => {
    const [step] = cases.find((found) => found.id === id)!.steps;
    if (!("fragmentLength" in step!)) throw new Error("no fragments");
    assert.is(fragmented(step.message, step.fragmentLength).length, count);
  });
}

table.run();

const sending = suite("conformance test side");

/** Lengths of the chunks that a bare server reads in a case. */
async function chunksOf(id: string): Promise<number[]> {
  const chunks: number[] = [];
  const sockets: Socket[] = [];
  const server = createServer({ noDelay: true }, async (socket) => {
    sockets.push(socket);
    await openToClient(socket, 5000);
    socket.on("data", (chunk) => chunks.push(chunk.length));
    socket.resume();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { readonly port: number };
  await runAgainstServer(chooseCases([id])[0]!, `ws://127.0.0.1:${port}`, 1);
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
  return chunks;
}

/** All at once: the server answers nothing, and each case waits for that. */
const chunks = new Map(["2.6", "2.10", "5.4", "6.4.3"].map((id) => [id, chunksOf(id)]));

const EMPTY_CLOSE_LENGTH = 6;
const CLOSE_LENGTH = 8;

sending("the frames of a case leave in one write (2.10)", async () => {
  assert.equal(await chunks.get("2.10"), [10 * (6 + 9), EMPTY_CLOSE_LENGTH]);
});

sending("frame by frame, each arrives alone (5.4)", async () => {
  assert.equal(await chunks.get("5.4"), [6 + 9, 6 + 9, EMPTY_CLOSE_LENGTH]);
});

sending("a chopped frame arrives octet by octet (2.6)", async () => {
  const lengths = await chunks.get("2.6")!;
  const octetCount = 6 + 125;
  assert.is(
    lengths.reduce((sum, length) => sum + length),
    octetCount + EMPTY_CLOSE_LENGTH,
  );
  assert.ok(lengths.length > octetCount * 0.9, `${lengths.length} chunks`); // a busy machine may join a few
});

sending("a frame in parts arrives in three, and an empty one after it (6.4.3)", async () => {
  assert.equal(await chunks.get("6.4.3"), [6 + 11, 4, 6 + 6, CLOSE_LENGTH]);
});

sending("nothing of it imports wsimd but the subjects of that name", () => {
  const folder = join(packageRoot, "test", "conformance");
  const importing = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"))
    .filter((name) => /"(?:\.\.\/)+(?:bindings|assembly)\//.test(readFileSync(join(folder, name), "utf8")));
  assert.equal(
    importing.sort(),
    ["wsimd-web.ts", "wsimd.ts"].map((name) => join("subjects", name)),
  );
});

sending.run();

const recorded = suite("conformance record");

recorded("results.json is as --record writes it, with every recorded subject and every case", () => {
  const record = readRecord();
  assert.is(serializeRecord(record), recordText());
  const names = Object.values(subjects).filter(({ isRecorded }) => isRecorded);
  assert.equal(
    Object.keys(record),
    names.map(({ subject }) => subject.name),
  );
  for (const subject of Object.values(record)) {
    const verdicts = verdictsOf(subject);
    assert.is(verdicts.size, cases.length);
    assert.equal(recordOf(subject, subject.messages, verdicts), subject);
  }
});

for (const path of pagePaths) {
  recorded(`the tables of ${path} are those of the records`, () => {
    const page = pageText(path);
    assert.is(pageOfRecords(path), page);
    for (const name of Object.keys(readRecord())) assert.ok(page.includes(`| ${name} |`), name);
  });
}

recorded("every deliberate fault can still be made, was made, and was caught", () => {
  assert.ok(faults.length >= 10);
  for (const fault of faults) {
    const text = readFileSync(join(packageRoot, fault.file), "utf8");
    assert.is.not(broken(text, fault), text);
  }
  const record = readFaults();
  assert.equal(
    Object.keys(record),
    faults.map(({ name }) => name),
  );
  assert.ok(pageText("README.md").includes(`${faults.length} deliberate faults`));
  for (const [name, { server, client }] of Object.entries(record)) assert.is.not(server + client, "", name);
  for (const name of Object.keys(record)) assert.ok(pageText("test/conformance/README.md").includes(`| ${name} |`));
});

recorded("ws stands there as the field knows it", () => {
  const countsOf = (name: string) => countOutcomes(verdictsOf(readRecord()[name]!).values());
  const usual = { "NON-STRICT": 4, INFORMATIONAL: 3, UNIMPLEMENTED: 0 };
  assert.equal(countsOf("ws server, maxFragments 0"), { ...usual, OK: 510, FAILED: 0 });
  assert.equal(countsOf("ws server"), { ...usual, OK: 506, FAILED: 4 });
});

recorded("lists of cases are written short, and read again", () => {
  const ids = ["1.1.1", "1.1.2", "1.1.4", "2.1", "2.2", "10.1.1"];
  assert.is(shorten(ids), "1.1.1-2 1.1.4 2.1-2 10.1.1");
  assert.equal(expand(shorten(ids)), ids);
  assert.is(shortenGroups(ids), "1.1.1-2 1.1.4 2.1-2 10.*");
});

recorded.run();

const command = suite("conformance command");

const mistakes: readonly (readonly [words: string, message: RegExp])[] = [
  ["--nonsense", /--nonsense/],
  ["stray", /stray/],
  ["--subject nobody", /nobody.*only wsimd/],
  ["--subject toString", /toString/],
  ["--url http://localhost", /ws: URL/],
  ["--listen 65536", /--listen/],
  ["--listen x", /--listen/],
  ["--cases 8", /no case "8"/],
  ["--cases 1,6.4.5", /no case "6.4.5"/],
  ["--patience 0", /--patience/],
  ["--patience many", /--patience/],
  ["--messages 0", /--messages/],
  ["--messages 1.5", /--messages must be an integer/],
  ["--messages 1001", /--messages/],
  ["--record --list", /together/],
  ["--subject ws --record --listen 0", /together/],
  ["--record --subject wsimd-scalar", /not recorded/],
  ["--record --cases 1", /all cases/],
];

for (const [words, message] of mistakes) {
  command(`${words} is a mistake`, () => {
    try {
      commandOf(words.split(" "));
    } catch (error) {
      assert.instance(error, MistakeError);
      assert.match((error as Error).message, message);
      return;
    }
    assert.unreachable();
  });
}

command("prefixes of numbers choose cases", () => {
  const ids = (text: string) => chooseCases(text.split(",")).map(({ id }) => id);
  assert.is(ids("1").length, 16);
  assert.equal(ids("6.4"), ["6.4.1", "6.4.2", "6.4.3", "6.4.4"]);
  assert.equal(ids("9.1.3,2.1"), ["2.1", "9.1.3"]);
});

command("--messages changes 12 and 13 alone, which have 1000", () => {
  const roundsOf = (words: string): string => {
    const found = commandOf(words.split(" "));
    if (found.name !== "list") throw new Error(found.name);
    return found.cases.map(({ id, rounds }) => `${id} ${rounds}`).join(", ");
  };
  assert.is(roundsOf("--list --cases 9.7.1,12.1.1"), "9.7.1 1000, 12.1.1 1000");
  assert.is(roundsOf("--list --cases 9.7.1,12.1.1 --messages 7"), "9.7.1 1000, 12.1.1 7");
});

command("--record takes all recorded subjects, or those named", () => {
  const namesOf = (words: string): string[] => {
    const found = commandOf(words.split(" "));
    if (found.name !== "run" || !found.isRecording) throw new Error(found.name);
    return found.subjects.map(({ subject }) => subject.name);
  };
  assert.equal(namesOf("--record"), Object.keys(readRecord()));
  assert.equal(namesOf("--record --subject ws-client,undici"), ["ws client", "undici client"]);
});

const start = (...words: readonly string[]): Program => Program.node("build/test/conformance/main.js", ...words);

command("a run prints what is not OK and a sum, and exits with 0", async () => {
  const program = start("--subject", "wsimd,ws", "--cases", "2.1,6.4.1");
  assert.is(await program.ended, 0, program.stderr);
  assert.match(program.stdout, /wsimd server .*\n.*2\.\* +1 OK .*\n.*6\.\* +1 OK .*\n +2 OK/);
  assert.match(program.stdout, /ws server .*\n +6\.4\.1 {2}NON-STRICT \/ OK/);
});

command("a run says with how many messages 12 and 13 ran, and what is UNIMPLEMENTED", async () => {
  const program = start("--subject", "ws,undici", "--cases", "12.1.4,13.3.4", "--messages", "5");
  assert.is(await program.ended, 0, program.stderr);
  assert.match(program.stdout, /ws server .*, 5 messages in each case of 12 and 13\n.*12\.\* +1 OK .*\n.*13\.\* +1 OK/);
  assert.match(program.stdout, /undici client .*\n.*12\.\* +1 OK .*\n.*13\.\* +1 OK/);
});

command("a mistake is said in a line, and exits with 1", async () => {
  const program = start("--cases", "8");
  assert.is(await program.ended, 1);
  assert.is(program.stderr, 'conformance: --cases: there is no case "8" (--help tells more)\n');
});

command("--listen serves the cases to a client that finds its own way", async () => {
  const program = start("--listen", "0", "--cases", "2.1,7.3.1");
  const [, url] = await program.line(/2 cases at (\S+)\/runCase/);
  const messageFrom = (resource: string): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const socket = new WebSocket(url + resource);
      socket.on("message", (data) => resolve(JSON.parse(String(data))));
      socket.on("error", reject);
    });
  assert.is(await messageFrom("/getCaseCount"), 2);
  assert.is(((await messageFrom("/getCaseInfo?case=2")) as { readonly id: string }).id, "7.3.1");
  await wsClient.run(`${url}/runCase?case=1&agent=me`, false);
  assert.equal(await messageFrom("/getCaseStatus?case=1&agent=me"), { behavior: "OK" });
  assert.equal(await messageFrom("/getCaseStatus?casetuple=7.3.1&agent=me"), { behavior: "MISSING" });
  await wsClient.run(`${url}/updateReports?agent=me`, false);
  await program.line(/me\n {2}2\.\* +1 OK/);
  await program.stop();
});

command("what is no case is refused", async () => {
  const server = new CaseServer({ cases, patience: 1 });
  const url = await server.listen();
  for (const resource of ["/", "/runCase?case=518", "/runCase", "/getCaseInfo?case=0"]) {
    const closed = await new Promise((resolve) =>
      new WebSocket(url + resource).on("close", resolve).on("error", () => {}),
    );
    assert.is(closed, 1006, resource);
  }
  await server.close();
});

command.run();
