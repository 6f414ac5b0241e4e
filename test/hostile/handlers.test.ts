// Handlers that throw, reject, feed connections, close, pause, terminate or send in the middle of a batch: every action and
// every two of them, at every frame, before each end of a stream; on the sans-IO endpoint and on a running server.

import * as assert from "uvu/assert";
import type { Connection } from "../../bindings/connection/connection.ts";
import { initSync } from "../../bindings/index.ts";
import { currentKernel } from "../../bindings/kernel/select.ts";
import type { Socket } from "../../bindings/node/index.ts";
import { endpoint, settled } from "../connection/support.ts";
import { until, withServer } from "../node/support.ts";
import { poison } from "../support/current-kernel.ts";
import { concat, utf8 } from "../support/octets.ts";
import { octetByOctet, Peer } from "../support/peer.ts";
import { eventOf } from "../support/reference.ts";
import { KeepingWire, type Wire, wireTo } from "./floods.ts";
import {
  type Action,
  type Course,
  courseOf,
  type End,
  endOf,
  ends,
  framesOf,
  heardInFull,
  type Plan,
  plans,
} from "./handlers.ts";
import { type HostileKernel, hostileKernels, kernelSuite } from "./on-kernels.ts";

/** What handlers are called with, of either kind. */
type Side = Pick<Connection, "close" | "pause" | "resume" | "terminate" | "send">;

interface Around {
  feedAnother(): void;
  feedItself(): void;
}

/** Does what the plan has for the frame that is heard. */
function act(plan: Plan, at: number, side: Side, around: Around): unknown {
  let result: unknown;
  const does: Record<Action, () => unknown> = {
    throw: () => {
      throw new Error("thrown");
    },
    reject: () => {
      result = Promise.reject(new Error("rejected"));
    },
    "feed another": () => around.feedAnother(),
    "feed itself": () => around.feedItself(),
    close: () => side.close(1000),
    pause: () => side.pause(),
    terminate: () => side.terminate(),
    send: () => side.send("s"),
  };
  for (const { at: meant, action } of plan) if (meant === at) does[action]();
  return result;
}

const words = (plan: Plan, end: End): string =>
  `${plan.map(({ at, action }) => `${action} at ${heardInFull[at]}`).join(", ")}, then ${end}`;

/** One promise is watched a call: of two rejections at one frame the second takes the first's place, which nobody hears. */
const isSound = (plan: Plan): boolean =>
  !(plan.length === 2 && plan[0]!.at === plan[1]!.at && plan[0]!.action === "reject");

const every = plans().filter(isSound);

for (const tested of hostileKernels) {
  const test = kernelSuite("frames: handlers in the middle of a batch", tested);

  type Feed = (connection: Connection, stream: Uint8Array) => void;
  const inOneChunk: Feed = (connection, stream) => connection.receive(stream);
  const octetsAlone: Feed = (connection, stream) => {
    for (const octet of octetByOctet(stream)) connection.receive(octet);
  };
  /** As a socket that is read into linear memory. */
  const landed: Feed = (connection, stream) => {
    tested.kernel.inputView(stream.length).set(stream);
    connection.receiveLanded(stream.length);
  };

  /** Runs a plan on an endpoint. */
  async function run(plan: Plan, end: End, feed: Feed): Promise<Course> {
    let at = 0;
    const other = endpoint();
    const step = (connection: Side): unknown =>
      at < heardInFull.length ? act(plan, at++, connection, around) : undefined;
    const one = endpoint({}, { message: step, ping: step, pong: step });
    const around = {
      feedAnother: () => {
        other.receive(other.peer.text("fed"));
        poison(tested.kernel); // whoever was delivering has made room
      },
      feedItself: () => one.receive(one.peer.pong("fed")),
    };
    const stream = concat(...framesOf(one.peer), ...endOf(one.peer, end));
    feed(one.connection, stream);
    for (let tries = 0; one.connection.isPaused && tries < 3; tries++) one.connection.resume();
    await settled();
    one.connection.receiveEnd();
    const closes = one.sent().filter((event) => event.startsWith("close"));
    assert.ok(closes.length <= 1, `${words(plan, end)}: ${closes}`);
    const sentCode = closes.length === 0 ? null : Number.parseInt(closes[0]!.slice(6).replace(" ", ""), 16);
    return { events: one.events, sentCode, fedCount: other.events.length };
  }

  test("every action, and every two, have their course, and memory that is overwritten shows nowhere (§7.1.7)", async () => {
    for (const end of ends) {
      for (const plan of every) {
        assert.equal(await run(plan, end, inOneChunk), courseOf(plan, end), words(plan, end));
        assert.equal(await run(plan, end, landed), courseOf(plan, end), `${words(plan, end)}, landed`);
      }
    }
  });

  test("one octet a chunk, every action that feeds nothing has the same course", async () => {
    for (const end of ends) {
      for (const plan of every) {
        if (plan.some(({ action }) => action === "feed itself" || action === "reject")) continue;
        assert.equal(await run(plan, end, octetsAlone), courseOf(plan, end, false), words(plan, end));
      }
    }
  });

  test("on a running server every action before every end, and every two before one, have the same course", async () => {
    for (const [turn, end] of ends.entries()) {
      const meant = every.filter((plan, index) => plan.length === 1 || index % ends.length === turn);
      await serve(tested, end, meant);
    }
  });

  test.run();
}

/** One connection of the server under test, and what came of it. */
interface Visit {
  readonly wire: KeepingWire;
  readonly plan: Plan;
  readonly events: string[];
  at: number;
  fedCount: number;
}

/** Runs plans on a server, one connection each. */
async function serve({ name }: HostileKernel, end: End, meant: readonly Plan[]): Promise<void> {
  initSync({ kernel: name });
  const kernel = currentKernel(); // the server's too
  const visits = new Map<Socket, Visit>();
  let opening: Visit | null = null;
  let other: Wire | null = null;
  let fedCount = 0;
  const hear = (socket: Socket, event: string): unknown => {
    const visit = visits.get(socket);
    if (visit === undefined) {
      fedCount++;
      return undefined;
    }
    visit.events.push(event);
    if (visit.at >= heardInFull.length) return undefined;
    const before = fedCount;
    try {
      return act(visit.plan, visit.at++, socket, {
        feedAnother: () => {
          other!.receive(peer.text("fed"));
          poison(kernel); // whoever was delivering has made room
        },
        feedItself: () => visit.wire.receive(peer.pong("fed")),
      });
    } finally {
      visit.fedCount += fedCount - before;
    }
  };
  const tell = (socket: Socket, event: string): void => void visits.get(socket)?.events.push(event);
  const peer = new Peer("server");
  await withServer(
    {
      open: (socket: Socket) => void (opening === null ? null : visits.set(socket, opening)),
      message: (socket: Socket, data: string | Uint8Array, isBinary: boolean) =>
        hear(socket, eventOf(isBinary ? 2 : 1, false, typeof data === "string" ? utf8(data) : data)),
      ping: (socket: Socket, data: Uint8Array) => hear(socket, eventOf(9, false, data)),
      pong: (socket: Socket, data: Uint8Array) => hear(socket, eventOf(10, false, data)),
      error: (socket: Socket, error: unknown) =>
        tell(socket, `error ${(error as { code?: string }).code ?? String(error)}`),
      close: (socket: Socket, code: number) => tell(socket, `close ${code}`),
    },
    async ({ server }) => {
      other = wireTo(server);
      await until(() => server.sockets.size === 1);
      for (const plan of meant) {
        const visit: Visit = { wire: new KeepingWire(), plan, events: [], at: 0, fedCount: 0 };
        opening = visit;
        wireTo(server, visit.wire);
        await until(() => visits.size === 1);
        const [socket] = [...visits.keys()] as [Socket];
        visit.wire.receive(concat(...framesOf(peer), ...endOf(peer, end)));
        for (let tries = 0; tries < 3; tries++) socket.resume();
        await settled();
        visit.wire.push(null);
        await until(() => visit.events.some((event) => event.startsWith("close")));
        await settled();
        const closes = visit.wire.sent().filter((event) => event.startsWith("close"));
        assert.ok(closes.length <= 1, words(plan, end));
        const sentCode = closes.length === 0 ? null : Number.parseInt(closes[0]!.slice(6).replace(" ", ""), 16);
        const course = { events: visit.events, sentCode, fedCount: visit.fedCount };
        assert.equal(course, courseOf(plan, end), `${words(plan, end)}, on a server`);
        visits.delete(socket);
      }
    },
    name,
  );
}
