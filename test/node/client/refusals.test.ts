// Opening handshakes that come to nothing: what the caller is told, that the connection ends, and that nothing is left.

import { Agent } from "node:http";
import { createServer } from "node:net";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { HandshakeError } from "../../../bindings/index.ts";
import { Clock, type ConnectOptions, connect } from "../../../bindings/node/index.ts";
import { FakeTimers, turns, until } from "../support.ts";
import { wrongAnswers } from "./answers.ts";
import { acceptAll, CountedSignal, headOf, refusal, withRawServer } from "./support.ts";

const limits = { maxHeadLength: 2000, maxHeaderCount: 12 };

/** "HandshakeError WS_… 101", or the code of the platform's error. */
function shown(error: Error & { code?: string }): string {
  if (!(error instanceof HandshakeError)) return error.code ?? String(error);
  return `${error.name} ${error.code} ${error.httpStatus}`;
}

const silent = (): void => {};

/** A clock and a signal that tell whether an opening left something behind. */
class Watch {
  readonly timers: FakeTimers = new FakeTimers();
  readonly counted: CountedSignal = new CountedSignal();
  readonly options: ConnectOptions = { clock: new Clock(this.timers), signal: this.counted.signal };

  /** Fails unless nothing is left. */
  check(): void {
    assert.is(this.timers.runningCount, 0, "the clock is left running");
    assert.is(this.counted.listenerCount, 0, "a listener is left on the signal");
  }
}

for (const way of ["direct", "agent"] as const) {
  const test = suite(`client refusals / ${way}`);

  test("the error has the answer that was refused, its fields too", async () => {
    const fields = ["WWW-Authenticate: Basic", "Retry-After: 7", "Content-Length: 0"];
    await withRawServer(
      async (peer) => {
        await peer.request();
        peer.send(headOf("HTTP/1.1 401 Unauthorized", ...fields));
      },
      async ({ url }) => {
        const agent = way === "agent" ? new Agent() : undefined;
        const { response } = (await refusal(connect(url, { agent }))) as HandshakeError;
        assert.is(`${response!.httpStatus} ${response!.reasonPhrase}`, "401 Unauthorized");
        assert.is(response!.headers.get("www-authenticate"), "Basic");
        assert.equal([...response!.headers].length, fields.length);
      },
    );
  });

  for (const { name, answer, direct, byAgent = direct } of wrongAnswers) {
    test(`${name}: the connection ends, and nothing is left`, async () => {
      await withRawServer(
        async (peer) => {
          await answer(peer);
          await peer.until(() => peer.isEnded || peer.isClosed);
        },
        async ({ url, peer }) => {
          const watch = new Watch();
          const agent = way === "agent" ? new Agent() : undefined;
          const error = await refusal(
            connect(url, { ...watch.options, ...limits, agent, open: () => assert.unreachable() }),
          );
          assert.is(shown(error), way === "agent" ? byAgent : direct);
          watch.check();
          const server = await peer();
          await turns();
          await server.until(() => server.isEnded || server.error !== null || server.isClosed);
        },
      );
    });
  }

  test("nobody listens: the platform's error", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    await new Promise((resolve) => server.close(resolve));
    const watch = new Watch();
    const agent = way === "agent" ? new Agent() : undefined;
    const error = await refusal(connect(`ws://127.0.0.1:${port}`, { ...watch.options, agent }));
    assert.is(shown(error), "ECONNREFUSED");
    watch.check();
  });

  test("no answer within handshakeTimeoutMs: refused then, and not before", async () => {
    await withRawServer(
      (peer) => peer.request(),
      async ({ url, peer }) => {
        const watch = new Watch();
        const agent = way === "agent" ? new Agent() : undefined;
        const opening = refusal(connect(url, { ...watch.options, agent, handshakeTimeoutMs: 3000 }));
        let error: unknown;
        void opening.then((found) => (error = found));
        await (await peer()).request();
        watch.timers.advance(2900);
        await turns();
        assert.is(error, undefined);
        watch.timers.advance(200);
        assert.is(shown(await opening), "HandshakeError WS_HANDSHAKE_TIMEOUT 0");
        watch.check();
        await (await peer()).ended();
      },
    );
  });

  test("a signal aborted while the answer is awaited: its reason, and the connection ends", async () => {
    await withRawServer(
      (peer) => peer.request(),
      async ({ url, peer }) => {
        const watch = new Watch();
        const agent = way === "agent" ? new Agent() : undefined;
        const opening = refusal(connect(url, { ...watch.options, agent }));
        await (await peer()).request();
        const reason = new Error("enough");
        watch.counted.controller.abort(reason);
        assert.is(await opening, reason);
        watch.check();
        await (await peer()).ended();
      },
    );
  });

  test("a signal aborted while dialing: its reason, and no request", async () => {
    await withRawServer(silent, async ({ url, peers }) => {
      const watch = new Watch();
      const agent = way === "agent" ? new Agent() : undefined;
      const opening = refusal(connect(url, { ...watch.options, agent }));
      await Promise.resolve(); // now it dials
      watch.counted.controller.abort();
      assert.is((await opening).name, "AbortError");
      watch.check();
      await turns();
      for (const { received } of peers) assert.is(received.length, 0);
    });
  });

  test("a signal aborted in the call's own turn, or before the call: its reason, and no connection", async () => {
    await withRawServer(acceptAll, async ({ url, peers }) => {
      const agent = way === "agent" ? new Agent() : undefined;
      for (const isEarly of [true, false]) {
        const watch = new Watch();
        const { controller } = watch.counted;
        if (isEarly) controller.abort("before");
        const opening = refusal(connect(url, { ...watch.options, agent }));
        controller.abort("after");
        assert.is(await opening, isEarly ? "before" : "after");
        watch.check();
      }
      await turns();
      assert.is(peers.length, 0);
    });
  });

  test("a signal aborted after opening has no effect: nobody listens any more", async () => {
    await withRawServer(acceptAll, async ({ url }) => {
      const watch = new Watch();
      const agent = way === "agent" ? new Agent() : undefined;
      const socket = await connect(url, { ...watch.options, agent });
      assert.is(watch.counted.listenerCount, 0);
      watch.counted.controller.abort();
      await turns();
      assert.is(socket.readyState, 1);
      socket.terminate();
      await until(() => watch.timers.runningCount === 0);
    });
  });

  test.run();
}
