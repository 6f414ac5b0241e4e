// Others between the turns of a connection and within them: further connections, its own handlers that feed it, and at random
// everything that may happen at any moment. turns.test.ts says how long turns are.

import * as assert from "uvu/assert";
import { heldOctets } from "../../bindings/connection/budget.ts";
import { builtOnKernel } from "../support/current-kernel.ts";
import { kernels } from "../support/kernels.ts";
import { concat, Random } from "../support/octets.ts";
import { endpoint, FakeTick, textEvent } from "./support.ts";
import { numbers, RECORDS_PER_LOOK, TURN_MS, type Turning, textsOf, turning } from "./turns-support.ts";

for (const tested of kernels) {
  const test = builtOnKernel("turns and others", tested);

  test("others decode in between and from within; each has its own", () => {
    const turn = new FakeTick();
    const shell = { nextTurn: turn.tickEnd, stepMs: TURN_MS };
    const inner = endpoint({}, {}, shell);
    const ends = [0, 1, 2].map((id) =>
      endpoint({}, { message: () => id === 1 && inner.receive(inner.peer.text(`${inner.events.length}`)) }, shell),
    );
    for (const [id, end] of ends.entries()) end.receive(numbers(end.peer, id * 1000, id * 1000 + 300));
    for (let count = 0; turn.isAwaited; count++) {
      assert.ok(count < 100, "the turns end");
      const lengths = ends.map(({ events }) => events.length);
      assert.ok(Math.max(...lengths) - Math.min(...lengths) <= RECORDS_PER_LOOK, `side by side: ${lengths}`);
      turn.end();
    }
    for (const [id, { events }] of ends.entries()) assert.equal(events, textsOf(id * 1000, id * 1000 + 300));
    assert.equal(inner.events, textsOf(0, 300));
  });

  test("a handler of a later turn that feeds its own connection is told of it last", () => {
    const end: Turning = turning(
      {},
      { message: (context, data) => data === "40" && context.receive(end.peer.text("fed")) },
    );
    end.receive(numbers(end.peer, 0, 100));
    end.runAll();
    assert.equal(end.events, [...textsOf(0, 100), textEvent("fed")]);
  });

  test("one that throws out of its turn stops no other", async () => {
    const end = turning();
    end.turn.tickEnd.add({ goOn: () => end.turn.tickEnd.add({ goOn() {} }) });
    end.receive(numbers(end.peer, 0, 40));
    end.runAll();
    assert.is(end.events.length, 40);
  });

  test("pauses, holds, ticks, other connections and more chunks at any moment: nothing is lost, and the transport goes on", () => {
    for (let seed = 1; seed <= 250; seed++) {
      const random = new Random(seed);
      let depth = 0;
      let count = 0;
      let next = 0;
      let isCut = false;
      const steps: string[] = [];
      const other = endpoint();
      const end: Turning = turning(
        {},
        {
          message(context, data) {
            assert.is(data, `${next++}`, `seed ${seed}: ${steps}`);
            if (random.below(3) === 0) context.send(data);
            if (random.below(6) === 0) step();
          },
          ping: () => void (random.below(4) === 0 && step()),
        },
        1 + (seed % 2),
      );
      const { connection, peer, turn, tick, transport } = end;
      const { write } = transport;
      transport.write = (octets, more) => {
        if (depth < 3 && random.below(8) === 0) step();
        return write.call(transport, octets, more);
      };
      const acts: Record<string, () => void> = {
        receive() {
          if (isCut) return; // its rest comes first
          const parts = Array.from({ length: random.below(120) + 1 }, () =>
            random.below(30) === 0 ? peer.ping("p") : peer.text(`${count++}`),
          );
          const chunk = concat(...parts);
          const cut = random.below(2) === 0 ? 0 : random.below(chunk.length);
          isCut = cut !== 0;
          if (isCut) connection.receive(chunk.subarray(0, cut));
          isCut = false;
          connection.receive(chunk.subarray(cut), { mayOverwrite: random.below(2) === 0 });
        },
        turn: () => turn.end(),
        pause: () => connection.pause(),
        resume: () => connection.resume(),
        hold: () => connection.gate.hold(),
        release: () => void connection.gate.release(),
        look: () => connection.tick(end.clock.ms),
        tickEnd: () => tick.end(),
        other: () => other.receive(other.peer.text("other")),
        writeCompleted() {
          if (depth === 1) connection.writeCompleted();
        },
        takes() {
          transport.takes = random.below(2) === 0;
        },
      };
      const step = (): void => {
        if (depth === 4) return;
        depth++;
        const name = random.pick(Object.keys(acts));
        steps.push(`${depth}${name}`);
        acts[name]!();
        depth--;
      };
      for (let index = 0; index < 60; index++) step();
      transport.takes = true;
      depth = 4; // handlers do nothing more
      for (let index = 0; index < 400; index++) {
        connection.resume();
        connection.gate.release();
        turn.end();
        tick.end();
        connection.writeCompleted();
      }
      assert.is(next, count, `seed ${seed}: ${steps}`);
      const last = transport.calls.at(-1);
      assert.ok(last === undefined || last === "resume", `seed ${seed}: the transport is left stopped: ${steps}`);
      assert.is(turn.isAwaited, false);
      assert.is(heldOctets(), 0, `seed ${seed}: ${steps}`);
      assert.is(connection.readyState, 1, `seed ${seed}: ${end.events.at(-1)}`);
    }
  });

  test.run();
}
