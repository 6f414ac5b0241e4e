// Every hostile request of requests.ts: its verdict is the same whole, one octet a chunk and cut at every position; a running
// server answers it and ends that connection, while an honest client beside it is served. RFC 6455 §4.2, RFC 9112.

import * as assert from "uvu/assert";
import { type HandshakeOptions, HandshakePolicy, handshakeFaults } from "../../bindings/handshake/index.ts";
import type { ServerOptions } from "../../bindings/node/index.ts";
import { answer, answerPieces, assertAccepted, requestLines } from "../handshake/support.ts";
import { clientFrame, kernelNames, RawClient, turns, withServer } from "../node/support.ts";
import { hostileServerSuite } from "./on-kernels.ts";
import { ending, HonestClient, sendOctets } from "./peers.ts";
import { type Expected, type HostileRequest, LENIENT_HEAD_LENGTH, requests } from "./requests.ts";
import { hostileSuite } from "./support.ts";

const short = requests.filter(({ octets }) => octets.length <= 2000);
const lenientLimits: HandshakeOptions = { maxHeadLength: LENIENT_HEAD_LENGTH };
const [strict, lenient] = [new HandshakePolicy(), new HandshakePolicy(lenientLimits)];

const test = hostileSuite("hostile requests");

/** What became of octets in pieces. */
function verdictOf(pieces: readonly Uint8Array[], policy: HandshakePolicy): Expected {
  const verdict = answerPieces(pieces, policy);
  return { httpStatus: verdict.httpStatus, code: verdict.accepted ? "" : verdict.error.code };
}

/** Fails unless octets in some pieces get the expected verdict. */
function check(
  { name, row }: HostileRequest,
  pieces: readonly Uint8Array[],
  expected: Expected,
  how: string,
  policy: HandshakePolicy = strict,
): void {
  const found = verdictOf(pieces, policy);
  if (found.code === expected.code && found.httpStatus === expected.httpStatus) return;
  assert.equal(found, expected, `${row}: ${name}, ${how}`);
}

const byOctet = (octets: Uint8Array): Uint8Array[] => Array.from(octets, (_, at) => octets.subarray(at, at + 1));

test("every request has its verdict, whole and one octet a chunk", () => {
  for (const one of requests) {
    check(one, [one.octets], one.expected, "whole");
    check(one, byOctet(one.octets), one.expected, "one octet a chunk");
  }
});

test("a request that only the limits stopped is refused for what it says where they are higher", () => {
  const longer = requests.filter(({ whenLenient }) => whenLenient !== undefined);
  assert.ok(longer.length >= 20);
  for (const one of longer) {
    check(one, [one.octets], one.whenLenient!, "whole, lenient", lenient);
    check(one, byOctet(one.octets), one.whenLenient!, "one octet a chunk, lenient", lenient);
  }
});

test("a cut changes no verdict, wherever it is; long heads are cut at both ends", () => {
  for (const one of requests) {
    const { octets } = one;
    for (let cut = 0; cut <= octets.length; cut++) {
      if (cut === 200 && octets.length > 2000) cut = octets.length - 200;
      check(one, [octets.subarray(0, cut), octets.subarray(cut)], one.expected, `cut at ${cut}`);
    }
  }
});

test("any one or two of the fields missing, empty or doubled are 400 or 426, never a crash (CVE-2024-37890)", () => {
  const names = ["Host", "Upgrade", "Connection", "Sec-WebSocket-Key", "Sec-WebSocket-Version"];
  const values = [undefined, "", ",", "\u00ff", ["x", "x"]];
  for (const first of names) {
    for (const second of names) {
      for (const one of values) {
        for (const other of values) {
          const { httpStatus } = answer({ [first]: one, [second]: other }, strict);
          assert.ok([400, 426].includes(httpStatus), `${first} ${one}, ${second} ${other}: ${httpStatus}`);
        }
      }
    }
  }
});

test("an unknown extension, subprotocol or window size changes nothing in the answer (ws 3.3.1, CVE-2026-2229)", () => {
  const plain = assertAccepted(answer()).headers;
  const odd = requests.filter(({ row, expected }) => /names|bits/.test(row) && expected.httpStatus === 101);
  assert.ok(odd.length >= 10);
  for (const { name, octets } of odd) {
    const verdict = assertAccepted(answerPieces([octets]), name);
    assert.equal([verdict.headers, verdict.protocol, verdict.extensions], [plain, "", []], name);
    assert.is(verdict.offeredExtensions.length, 1, name);
  }
});

test("an absolute-form target stands for Host, whatever Host says (RFC 9112 §3.2.2)", () => {
  const lines = requestLines({ Host: "elsewhere.example" }, "GET http://Server.Example.com:8080/a?b HTTP/1.1");
  const verdict = assertAccepted(answerPieces([Buffer.from(`${lines.join("\r\n")}\r\n\r\n`)]));
  assert.equal([verdict.host, verdict.target], ["server.example.com:8080", "/a?b"]);
});

test.run();

/** Sends a request and a frame behind it; holds the answer against what is expected. */
async function serve(port: number, one: HostileRequest, isWhole: boolean, expected = one.expected): Promise<void> {
  const client = new RawClient(port);
  const described = `${one.row}: ${one.name}`;
  if (isWhole) client.send(one.octets, clientFrame(1, "behind it"));
  else await sendOctets(client, one.octets);
  const { httpStatus, head, body } = await client.answer();
  assert.is(httpStatus, expected.httpStatus, described);
  if (httpStatus === 101) {
    if (!isWhole) client.send(clientFrame(1, "behind it"));
    const [echo] = await client.frameCount(1);
    assert.is(Buffer.from(echo!.payload).toString(), "behind it", described);
  } else {
    const { text } = handshakeFaults[expected.code as keyof typeof handshakeFaults];
    // Plain HTTP gets the server's own hint.
    assert.ok(body.startsWith(text) || /WebSocket client/.test(body), `${described}: ${body}`);
    assert.match(head, /^Connection: close/m, described);
    assert.match(head, new RegExp(`^Content-Length: ${Buffer.byteLength(body)}\r$`, "m"), described);
    if (httpStatus === 426) assert.match(head, /^Sec-WebSocket-Version: 13\r$/m, described);
    if (httpStatus === 405) assert.match(head, /^Allow: GET\r$/m, described);
  }
  client.destroy();
}

for (const kernel of kernelNames) {
  const test = hostileServerSuite("hostile requests on a server", kernel);

  /** Runs an echo server with an honest client, who talks after each of the others. */
  const beside = async (
    options: ServerOptions,
    use: (port: number, honest: HonestClient) => Promise<void>,
  ): Promise<void> => {
    const faults: unknown[] = [];
    await withServer(
      { ...options, message: (socket, data) => socket.send(data), serverError: (error) => faults.push(error) },
      async ({ port, server }) => {
        const honest = await HonestClient.open(port);
        await use(port, honest);
        while (server.sockets.size !== 1) await turns(1);
        await honest.echo();
        honest.leave();
      },
      kernel,
    );
    assert.equal(faults, []);
  };

  test(
    "every request is answered, its frames count only if it is accepted, and the honest are served",
    ending(() =>
      beside({}, async (port, honest) => {
        for (const one of requests) {
          await serve(port, one, true);
          await honest.echo();
        }
      }),
    ),
  );

  test(
    "one octet a chunk, no request is answered otherwise",
    ending(() =>
      beside({}, async (port, honest) => {
        for (let at = 0; at < short.length; at += 8) {
          await Promise.all(short.slice(at, at + 8).map((one) => serve(port, one, false)));
          await honest.echo();
        }
      }),
    ),
  );

  test(
    "64 KiB in a list are refused for what they are where the limits let them in",
    ending(() =>
      beside(lenientLimits, async (port, honest) => {
        for (const one of requests) {
          if (one.whenLenient === undefined) continue;
          await serve(port, one, true, one.whenLenient);
          await honest.echo();
        }
      }),
    ),
  );

  test.run();
}
