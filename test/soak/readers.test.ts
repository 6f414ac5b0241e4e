// Slow, stalled and dead readers of a server under load: what is held for them stays under the limits at every moment, they are
// closed as docs/limits.md says, and honest clients have every message answered meanwhile. Nothing here depends on how fast a
// machine is: the server's clock is the test's. `npm run soak:readers` measures.

import type { AddressInfo } from "node:net";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { heldOctets } from "../../bindings/connection/budget.ts";
import { Clock, type Server, type ServerOptions } from "../../bindings/node/index.ts";
import { memoryTrial } from "../../bindings/node/memory-trial.ts";
import { Helper, withHelpers } from "../hostile/processes.ts";
import { FakeTimers, turns, until } from "../node/support.ts";
import { createServer } from "../support/adapter.ts";
import { Random } from "../support/octets.ts";
import { Letters } from "./letters.ts";
import { Line } from "./line.ts";
import { type Manner, Pourer } from "./pours.ts";
import type { ReadersStart } from "./reader-program.ts";
import { Reader, type ReaderKind } from "./readers.ts";

const KIB = 1024;
const MIB = KIB * KIB;
/** docs/security.md: what keeps an octet that waits may be a block. */
const BLOCK = 64 * KIB;

const limits = { maxBufferedAmount: MIB, maxProcessBuffered: 6 * MIB, idleTimeoutMs: 10_000, closeTimeoutMs: 1000 };

/** Past the idle timeout and the closing timeout, and the clock's lateness. */
const LONG_SILENCE_MS = 13_000;

/** A server that pours, and four honest clients. */
class Scene {
  readonly server: Server;
  readonly pourer: Pourer;
  readonly timers: FakeTimers;
  readonly port: number;
  private readonly honest: Line[] = [];
  private readonly letters = new Letters(new Random(7));

  private constructor(server: Server, pourer: Pourer, timers: FakeTimers, port: number) {
    this.server = server;
    this.pourer = pourer;
    this.timers = timers;
    this.port = port;
  }

  static async play(options: ServerOptions, use: (scene: Scene) => Promise<void>): Promise<void> {
    const [pourer, timers] = [new Pourer(), new FakeTimers()];
    const server = createServer({ ...limits, ...pourer.handlers, clock: new Clock(timers), ...options });
    const { port } = (await server.listen({ port: 0, host: "127.0.0.1" })) as AddressInfo;
    const scene = new Scene(server, pourer, timers, port);
    try {
      for (let id = 0; id < 4; id++) {
        const line = new Line(port, id);
        line.request();
        await line.until(() => line.isOpen);
        scene.honest.push(line);
      }
      await use(scene);
      const { peaks, otherErrors } = pourer;
      assert.ok(peaks.bufferedAmount <= limits.maxBufferedAmount, `${peaks.bufferedAmount} octets wait for one peer`);
      assert.ok(peaks.held <= limits.maxProcessBuffered + BLOCK, `${peaks.held} octets are held`);
      assert.equal(otherErrors, []);
      pourer.stop(server);
      await scene.honestRound();
      await until(() => heldOctets() === 0);
      for (const line of scene.honest) line.socket.destroy();
    } finally {
      for (const socket of server.sockets) socket.terminate();
      await server.close();
    }
  }

  /** Every honest client has eight letters answered, in order. */
  async honestRound(): Promise<void> {
    await Promise.all(
      this.honest.map(async (line) => {
        for (let count = 0; count < 8; count++) line.post(this.letters.short());
        line.flush();
        await line.until(() => line.ledger.waitingCount === 0);
      }),
    );
  }

  /** Pours until it is enough; honest clients talk all along. */
  async pourUntil(isEnough: () => boolean, meanwhile: () => void = () => {}): Promise<void> {
    for (let turn = 0; !isEnough(); turn++) {
      this.pourer.turn();
      meanwhile();
      if (turn % 8 === 0) await this.honestRound();
      else await turns(1);
    }
  }

  /** Pours until nothing more may be sent, for a while: the kernel takes what it can. */
  async pourDry(): Promise<void> {
    for (let dryTurns = 0; dryTurns < 50; ) {
      dryTurns = this.pourer.turn() === 0 ? dryTurns + 1 : 0;
      await turns(2);
    }
    await this.honestRound();
  }

  /** Lets time pass in which honest clients are heard. */
  async silence(): Promise<void> {
    for (let passed = 0; passed < LONG_SILENCE_MS; passed += 1000) {
      await this.honestRound();
      this.timers.advance(1000);
      await turns(2);
    }
  }

  async readers(count: number, kind: ReaderKind, manner: Manner, length: number): Promise<Reader[]> {
    const readers = Array.from({ length: count }, () => new Reader({ port: this.port, kind, manner, length }));
    await Promise.all(readers.map((reader) => reader.ask()));
    await until(() => this.pourer.count === count);
    return readers;
  }
}

/** Readers that never read, in this process or in one that is stopped; nobody pours yet. */
async function withDeaf(
  scene: Scene,
  kind: "stalled" | "dead",
  manner: Manner,
  use: (count: number) => Promise<void>,
): Promise<void> {
  const count = 4;
  const length = 16 * KIB;
  if (kind === "stalled") {
    const readers = await scene.readers(count, kind, manner, length);
    await use(count);
    for (const { socket } of readers) socket.destroy();
    return;
  }
  const program = new Helper("../soak/reader-program");
  await withHelpers([program], async () => {
    const plan = { port: scene.port, kind, manner, length };
    await program.ask("open", { plan, count, octetsPerSecond: 0 } satisfies ReadersStart);
    await until(() => scene.pourer.count === count);
    program.child.kill("SIGSTOP");
    await use(count);
  });
}

const transports = (await memoryTrial()).refusal === null ? (["memory", "data"] as const) : (["data"] as const);

for (const transport of transports) {
  const test = suite(`readers / ${transport}`);

  for (const kind of ["stalled", "dead"] as const) {
    test(`${kind}, and the server heeds what send returns: closed with 1001 at the idle timeout, honest clients not`, () =>
      Scene.play({ transport }, (scene) =>
        withDeaf(scene, kind, "heeding", async (count) => {
          await scene.pourDry();
          assert.is(scene.pourer.count, count, "nobody is closed before the time");
          await scene.silence();
          const ends = scene.pourer.ends.map(({ code, sentCode, errorCode }) => ({ code, sentCode, errorCode }));
          assert.equal(ends, Array(count).fill({ code: 1006, sentCode: 1001, errorCode: undefined }));
        }),
      ));

    test(`${kind}, and the server does not heed it: closed at maxBufferedAmount, which the error names`, () =>
      Scene.play({ transport }, (scene) =>
        withDeaf(scene, kind, "heedless", async (count) => {
          await scene.pourUntil(() => scene.pourer.count === 0);
          const ends = scene.pourer.ends.map(({ code, errorCode, limit }) => ({ code, errorCode, limit }));
          const end = { code: 1006, errorCode: "WS_BUFFERED_AMOUNT", limit: limits.maxBufferedAmount };
          assert.equal(ends, Array(count).fill(end));
        }),
      ));
  }

  test("slow, and the server heeds what send returns: everything arrives in order, and nobody is closed", () =>
    Scene.play({ transport }, async (scene) => {
      const readers = await scene.readers(3, "slow", "heeding", 16 * KIB);
      const read = (): void => {
        for (const reader of readers) reader.read(24 * KIB); // a turn pours 128 KiB to each
      };
      await scene.pourUntil(() => readers.every(({ octetCount }) => octetCount >= 16 * MIB), read);
      assert.is(scene.pourer.count, 3);
      assert.equal(
        readers.flatMap(({ fault }) => fault ?? []),
        [],
      );
      assert.ok(scene.pourer.peaks.bufferedAmount >= limits.maxBufferedAmount / 2, "they are too quick for the test");
      for (const { socket } of readers) socket.destroy();
    }));

  test("slow, and the server does not heed it: closed at maxBufferedAmount; what came is in order", () =>
    Scene.play({ transport }, async (scene) => {
      const readers = await scene.readers(3, "slow", "heedless", 16 * KIB);
      await scene.pourUntil(
        () => scene.pourer.count === 0,
        () => {
          for (const reader of readers) reader.read(24 * KIB);
        },
      );
      assert.equal(
        scene.pourer.ends.map(({ errorCode }) => errorCode),
        Array(3).fill("WS_BUFFERED_AMOUNT"),
      );
      assert.equal(
        readers.flatMap(({ fault }) => fault ?? []),
        [],
      );
      for (const { socket } of readers) socket.destroy();
    }));

  test("24 that never read fill maxProcessBuffered: whoever holds most is closed, until the rest fits", () =>
    Scene.play({ transport }, async (scene) => {
      const readers = await scene.readers(24, "stalled", "heeding", 16 * KIB);
      await scene.pourDry();
      const { ends, count } = scene.pourer;
      assert.ok(ends.length > 0 && count > 0, `${ends.length} closed, ${count} left`);
      const end = { errorCode: "WS_PROCESS_BUFFERED", limit: limits.maxProcessBuffered, code: 1006 };
      assert.equal(
        ends.map(({ errorCode, limit, code }) => ({ errorCode, limit, code })),
        Array(ends.length).fill(end),
      );
      for (const { socket } of readers) socket.destroy();
    }));

  test("a payload that 24 are sent who never read it counts once, and nobody is closed for it", () =>
    Scene.play({ transport }, async (scene) => {
      const readers = await scene.readers(24, "stalled", "heeding", MIB);
      await scene.pourDry();
      assert.equal(scene.pourer.ends, []);
      const waiting = [...scene.server.sockets].reduce((sum, { bufferedAmount }) => sum + bufferedAmount, 0);
      assert.is(waiting, 24 * MIB);
      assert.ok(heldOctets() <= MIB + BLOCK, `${heldOctets()} octets are held`);
      for (const { socket } of readers) socket.destroy();
    }));

  test.run();
}
