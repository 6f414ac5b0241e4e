// Every hostile answer of answers.ts, to the sans-IO client, to connect and to WebSocket: the handshake fails with the reason,
// in whatever pieces the answer comes, no frame behind it is told, and the server sees its socket closed. RFC 6455 §4.1.

import * as assert from "uvu/assert";
import { HandshakeError } from "../../bindings/errors/classes.ts";
import {
  checkHandshakeResponse,
  createHandshakeRequest,
  HeadReader,
  isInterimResponse,
  parseResponseHead,
} from "../../bindings/handshake/index.ts";
import { Clock, WebSocket } from "../../bindings/node/index.ts";
import {
  acceptance,
  connectOn,
  type RawAccepted,
  type RawRequest,
  refusal,
  serverFrame,
  withRawServer,
} from "../node/client/support.ts";
import { deferred, FakeTimers, kernelNames, turns } from "../node/support.ts";
import { answers, asked, type HostileAnswer } from "./answers.ts";
import { ending, packet, sendOctets } from "./peers.ts";
import { hostileSuite } from "./support.ts";

const { protocols, ...limits } = asked;
const frame = serverFrame(1, "behind it");

/** What a client says of octets in pieces: a program like that in docs/handshake.md. */
function verdictOf(pieces: readonly Uint8Array[], request: ReturnType<typeof createHandshakeRequest>): unknown {
  const readerOf = (): HeadReader => new HeadReader({ role: "client", ...limits });
  let reader = readerOf();
  let interimCount = 0;
  try {
    for (const piece of pieces) {
      for (let rest = piece; reader.push(rest); reader = readerOf()) {
        const response = parseResponseHead(reader.head);
        if (!isInterimResponse(response) || ++interimCount > 16) return checkHandshakeResponse(response, request);
        rest = reader.rest;
      }
    }
    reader.end();
  } catch (error) {
    return reasonOf(error);
  }
  throw new Error("a head that is not complete must not pass end()");
}

/** The code and status of an error, which must be a HandshakeError. */
function reasonOf(error: unknown): unknown {
  if (!(error instanceof HandshakeError)) return String(error);
  return { code: error.code, httpStatus: error.httpStatus };
}

{
  const test = hostileSuite("hostile answers");

  test("every answer fails the handshake for its reason, whole, one octet a chunk and cut at every position", () => {
    const request = createHandshakeRequest({ url: "ws://a/", protocols });
    const head = Buffer.from(request.head).toString("latin1").trimEnd().split("\r\n");
    const raw: RawRequest = { line: head[0]!, fields: head.slice(1) };
    for (const { name, octets, expected } of answers) {
      const answer = octets(raw);
      const check = (pieces: readonly Uint8Array[], how: string): void => {
        assert.equal(verdictOf(pieces, request), expected, `${name}, ${how}`);
      };
      check([answer], "whole");
      check([packet(answer, frame)], "with a frame behind it");
      check(
        Array.from(answer, (_, at) => answer.subarray(at, at + 1)),
        "one octet a chunk",
      );
      for (let cut = 0; cut <= answer.length; cut++) {
        if (cut === 600 && answer.length > 1200) cut = answer.length - 100;
        check([answer.subarray(0, cut), answer.subarray(cut)], `cut at ${cut}`);
      }
    }
  });

  test("an extension that was offered but is answered twice, or on two lines, fails the handshake", () => {
    const request = createHandshakeRequest({ url: "ws://a/", extensions: [{ name: "x", parameters: [] }] });
    const headers = { Upgrade: "websocket", Connection: "Upgrade", "Sec-WebSocket-Accept": request.accept };
    const answered = (value: string | string[]): unknown =>
      checkHandshakeResponse({ httpStatus: 101, headers: { ...headers, "Sec-WebSocket-Extensions": value } }, request);
    for (const value of ["x, x", ["x", "x"], ["x", ""], "x; y, y"]) {
      assert.throws(
        () => answered(value),
        (error: { code?: string }) => error.code === "WS_HANDSHAKE_RESPONSE_EXTENSIONS",
      );
    }
    assert.ok(answered("x; bits=15"));
  });

  test.run();
}

/** What the class tells, in order. */
async function eventsOf(url: string): Promise<unknown[]> {
  const socket = new WebSocket(url, [...protocols], limits);
  const events: unknown[] = [];
  const over = deferred();
  socket.onopen = () => events.push("open");
  socket.onmessage = () => events.push("message");
  socket.onerror = (event) => events.push(reasonOf((event as unknown as { readonly error: unknown }).error));
  socket.onclose = ({ code, wasClean }) => {
    events.push(`close ${code} ${wasClean}`);
    over.resolve();
  };
  await over.promise;
  await turns(2);
  return events;
}

for (const kernel of kernelNames) {
  const test = hostileSuite("hostile answers to clients", kernel);

  /** Has a client meet every answer; each connection must end, as its server sees it. */
  async function meet(
    send: (peer: RawAccepted, octets: Uint8Array) => unknown,
    ask: (url: string, answer: HostileAnswer) => Promise<void>,
    some: readonly HostileAnswer[] = answers,
  ): Promise<void> {
    const seen: Promise<void>[] = [];
    const serve = async (peer: RawAccepted, index: number): Promise<void> => {
      const octets = some[index]!.octets(await peer.request());
      await send(peer, octets);
      seen[index] = peer.until(() => peer.isEnded || peer.error !== null);
      await seen[index];
      peer.destroy();
    };
    await withRawServer(serve, async ({ url, peers }) => {
      for (const answer of some) await ask(url, answer);
      assert.is(peers.length, some.length);
      while (seen.filter(Boolean).length < some.length) await turns(1);
      await Promise.all(seen);
    });
  }

  const connected = async (url: string, { name, expected }: HostileAnswer): Promise<void> => {
    const told: string[] = [];
    const opening = connectOn(kernel, url, {
      protocols,
      ...limits,
      open: () => told.push("open"),
      message: () => told.push("message"),
      close: () => told.push("close"),
    });
    assert.equal(reasonOf(await refusal(opening)), expected, name);
    assert.equal(told, [], name);
  };

  const withFrame = (peer: RawAccepted, octets: Uint8Array): void => peer.send(octets, frame);

  test(
    "connect rejects with the reason of every answer, tells no frame behind it, and its socket is closed",
    ending(() => meet(withFrame, connected)),
  );

  test(
    "connect rejects with the same reasons where answers come one octet a chunk",
    ending(() =>
      meet(
        (peer, octets) => sendOctets(peer, octets.subarray(0, 5000)),
        connected,
        answers.filter(({ name }) => !/100,000|goes on/.test(name)),
      ),
    ),
  );

  test(
    "WebSocket tells the reason of every answer by error, then close with 1006, and its socket is closed",
    ending(() =>
      meet(withFrame, async (url, { name, expected }) => {
        assert.equal(await eventsOf(url), [expected, "close 1006 false"], name);
      }),
    ),
  );

  test.run();
}

{
  const test = hostileSuite("servers that do not answer");

  /** A clock, and the options of a client that keeps it. */
  const onClock = (): { timers: FakeTimers; clock: Clock; handshakeTimeoutMs: number } => {
    const timers = new FakeTimers();
    return { timers, clock: new Clock(timers), handshakeTimeoutMs: 5000 };
  };

  const timedOut = { code: "WS_HANDSHAKE_TIMEOUT", httpStatus: 0 };

  test(
    "no answer at all: refused at the handshake timeout, not before, and the socket is closed",
    ending(() =>
      withRawServer(
        (peer) => peer.request(),
        async ({ url, peer }) => {
          const { timers, ...options } = onClock();
          let error: unknown;
          const opening = refusal(connectOn("wasm", url, options)).then((found) => (error = found));
          await (await peer()).request();
          timers.advance(4999);
          await turns();
          assert.is(error, undefined, "refused before its time");
          timers.advance(501);
          await opening;
          assert.equal(reasonOf(error), timedOut);
          await (await peer()).ended();
          assert.is(timers.runningCount, 0);
        },
      ),
    ),
  );

  test(
    "an answer of one octet now and then buys no time",
    ending(() =>
      withRawServer(
        async (peer) => peer.request(),
        async ({ url, peer }) => {
          const { timers, ...options } = onClock();
          let error: unknown;
          const opening = refusal(connectOn("wasm", url, options)).then((found) => (error = found));
          const server = await peer();
          const answer = acceptance(await server.request(), { "X-Long": "x".repeat(1000) });
          for (let at = 0; at < 49; at++) {
            server.send(answer.slice(at, at + 1));
            await turns(3);
            timers.advance(100);
          }
          assert.is(error, undefined, "refused before its time");
          timers.advance(700);
          await opening;
          assert.equal(reasonOf(error), timedOut);
          await server.ended();
        },
      ),
    ),
  );

  test(
    "WebSocket tells a timeout by error, then close",
    ending(() =>
      withRawServer(
        (peer) => peer.request(),
        async ({ url, peer }) => {
          const { timers, ...options } = onClock();
          const socket = new WebSocket(url, options);
          const events: unknown[] = [];
          socket.onerror = (event) => events.push(reasonOf((event as unknown as { readonly error: unknown }).error));
          socket.onclose = ({ code }) => events.push(code);
          await (await peer()).request();
          timers.advance(5500);
          while (events.length < 2) await turns(1);
          assert.equal(events, [timedOut, 1006]);
          await (await peer()).ended();
        },
      ),
    ),
  );

  test(
    "FIN and RST before the end of the head are told as what they are",
    ending(async () => {
      const ends: readonly (readonly [(peer: RawAccepted) => unknown, unknown])[] = [
        [(peer) => peer.socket.end(), { code: "WS_HANDSHAKE_INCOMPLETE", httpStatus: 0 }],
        [(peer) => peer.socket.end("HTTP/1.1 101 S"), { code: "WS_HANDSHAKE_INCOMPLETE", httpStatus: 0 }],
        [(peer) => peer.socket.resetAndDestroy(), "ECONNRESET"],
      ];
      for (const [end, expected] of ends) {
        await withRawServer(
          async (peer) => {
            await peer.request();
            end(peer);
          },
          async ({ url, peer }) => {
            const error = await refusal(connectOn("wasm", url));
            assert.equal(error instanceof HandshakeError ? reasonOf(error) : error.code, expected);
            const server = await peer();
            await server.until(() => server.isEnded || server.isClosed);
          },
        );
      }
    }),
  );

  test.run();
}
