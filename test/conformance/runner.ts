// Runs cases against a subject: some at a time, the heavy ones apart and after the others, so that no case waits for the
// octets of another. What comes of each is a promise at once.

import type { Case } from "./case.ts";
import { CaseServer } from "./case-server.ts";
import { isHeavy } from "./cases/index.ts";
import { HANDSHAKE_LIMIT_MS, openToServer } from "./handshake.ts";
import type { ClientSubject, RunningServer, ServerSubject, Subject } from "./subject.ts";
import { type Result, runTrial } from "./trial.ts";
import { neverOpened } from "./verdict.ts";

const QUICK_AT_A_TIME = 12;
const HEAVY_AT_A_TIME = 2;

/** How long a client may take to notice the end of its connection, in ms. */
const LEAVING_LIMIT_MS = 5000;

/** A run under way. */
export interface Run {
  /** By the number of the case, in the order of the cases. */
  readonly results: ReadonlyMap<string, Promise<Result>>;
  /** Everything is over, and the subject is gone. */
  readonly ended: Promise<void>;
}

/** Runs one case; never rejects. */
type RunCase = (tested: Case) => Promise<Result>;

function unopened(tested: Case, detail: string, startedAt: number): Result {
  const durationMs = performance.now() - startedAt;
  return { id: tested.id, ...neverOpened, closeCode: null, durationMs, gaveUp: false, detail };
}

/** Runs one case against the echo server at `url`; never rejects. */
export async function runAgainstServer(tested: Case, url: string, patience: number): Promise<Result> {
  const startedAt = performance.now();
  try {
    const wishes = tested.compression?.wishes ?? [];
    const opened = await openToServer(new URL(url), HANDSHAKE_LIMIT_MS * patience, wishes);
    return await runTrial(tested, "client", opened, patience);
  } catch (error) {
    return unopened(tested, (error as Error).message, startedAt);
  }
}

/** One server for cases with compression, one for those without; a run that has none of a kind starts none. */
async function withServers(
  subject: ServerSubject,
  patience: number,
  use: (run: RunCase) => Promise<void>,
): Promise<void> {
  const servers = new Map<boolean, Promise<RunningServer>>();
  const serverFor = ({ compression }: Case): Promise<RunningServer> => {
    const compresses = compression !== null;
    const server = servers.get(compresses) ?? subject.start(compresses);
    servers.set(compresses, server);
    return server;
  };
  try {
    await use(async (tested) => runAgainstServer(tested, (await serverFor(tested)).url, patience));
  } finally {
    for (const started of await Promise.allSettled(servers.values())) {
      if (started.status === "fulfilled") await started.value.stop();
    }
  }
}

/** Resolves after a time that does not keep the process alive. */
function later(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}

async function withCaseServer(
  subject: ClientSubject,
  cases: readonly Case[],
  patience: number,
  use: (run: RunCase) => Promise<void>,
): Promise<void> {
  const waiting = new Map<string, (result: Result) => void>();
  const opened = new Set<string>();
  const server = new CaseServer({
    cases,
    patience,
    started: (_, { id }) => opened.add(id),
    finished: (_, result) => waiting.get(result.id)!(result),
  });
  const url = await server.listen();
  const clients: Promise<void>[] = [];
  const runCase: RunCase = (tested) =>
    new Promise((resolve) => {
      const { id } = tested;
      const startedAt = performance.now();
      waiting.set(id, resolve);
      const endUnlessOpen = (detail: string): void => {
        if (!opened.has(id)) resolve(unopened(tested, detail, startedAt));
      };
      const tooLate = (): void => endUnlessOpen(`the client did not open a connection within ${openLimitMs} ms`);
      const openLimitMs = HANDSHAKE_LIMIT_MS * patience;
      const timer = setTimeout(tooLate, openLimitMs);
      const resource = `/runCase?casetuple=${id}&agent=${encodeURIComponent(subject.name)}`;
      const client = subject.run(url + resource, tested.compression !== null);
      const ended = client.then(
        () => endUnlessOpen("the client ended without a connection"),
        (error: Error) => endUnlessOpen(error.message),
      );
      clients.push(ended.then(() => clearTimeout(timer)));
    });
  try {
    await use(runCase);
    await Promise.race([Promise.all(clients), later(LEAVING_LIMIT_MS * patience)]);
  } finally {
    await server.close();
  }
}

/** Starts as many as may run at a time, each next one when one is over. */
async function inTurns(cases: readonly Case[], atATime: number, run: (tested: Case) => Promise<void>): Promise<void> {
  const waiting = [...cases];
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await run(next);
  };
  await Promise.all(Array.from({ length: atATime }, worker));
}

/**
 * Starts a run.
 *
 * @param patience  multiplies how long the subject may take, for slow machines; no verdict on a good peer depends on it
 */
export function startRun(subject: Subject, cases: readonly Case[], patience = 1): Run {
  const settle = new Map<string, (result: Result) => void>();
  const results = new Map<string, Promise<Result>>();
  for (const { id } of cases) results.set(id, new Promise((resolve) => settle.set(id, resolve)));
  const use = async (run: RunCase): Promise<void> => {
    const runOne = async (tested: Case): Promise<void> => settle.get(tested.id)!(await run(tested));
    const quick = cases.filter((tested) => !isHeavy(tested));
    await inTurns(quick, QUICK_AT_A_TIME, runOne);
    await inTurns(cases.filter(isHeavy), HEAVY_AT_A_TIME, runOne);
  };
  const ended =
    subject.role === "server" ? withServers(subject, patience, use) : withCaseServer(subject, cases, patience, use);
  // A subject that does not start leaves no promise open.
  ended.catch((error: Error) => {
    for (const tested of cases) settle.get(tested.id)!(unopened(tested, error.message, performance.now()));
  });
  return { results, ended };
}

/** Runs cases and yields what comes of each, in their order. */
export async function* runCases(subject: Subject, cases: readonly Case[], patience = 1): AsyncGenerator<Result> {
  const { results, ended } = startRun(subject, cases, patience);
  yield* results.values();
  await ended;
}
