// Processes that hear of messages alone meet the whole corpus, and peers that reset, half-close and fall silent, twice over:
// each time the honest are served, and in the end nothing is left: no connection, no memory, no word on stderr.

import * as assert from "uvu/assert";
import { type RawAccepted, serverClose, serverFrame, withRawServer } from "../node/client/support.ts";
import { clientFrame, closeCodeOf, kernelNames, RawClient, upgradeRequest } from "../node/support.ts";
import { frame } from "../support/frames.ts";
import { answers } from "./answers.ts";
import type { Memory } from "./collected.ts";
import { type HostileFrames, hostileFrames } from "./corpus.ts";
import { hostileServerSuite } from "./on-kernels.ts";
import { ending, HonestClient, packet } from "./peers.ts";
import { Helper, withHelpers } from "./processes.ts";
import { requests } from "./requests.ts";
import { hostileSuite } from "./support.ts";
import type { Remains } from "./survival-server.ts";

const MIB = 2 ** 20;
const key = Uint8Array.of(1, 2, 3, 4);
const begun = frame({ opcode: 2, maskingKey: key, payload: new Uint8Array(1000) }).subarray(0, 500);
const fragment = clientFrame(1, "begun", false);

type At = (where: string) => void;
type End = "reset" | "end" | "destroy";
const ends: readonly End[] = ["reset", "end", "destroy"];

/** Ends a connection, in one of the ways that peers have. */
function end({ socket }: { readonly socket: RawClient["socket"] }, how: End): void {
  if (how === "reset") socket.resetAndDestroy();
  else if (how === "end") socket.end();
  else socket.destroy();
}

/** Where a peer of a server may leave. */
const cutShort: readonly (readonly [name: string, octets: Uint8Array])[] = [
  ["before any octet", packet()],
  ["in the request line", packet("GET / HT")],
  ["in the head", packet(upgradeRequest().slice(0, -2))],
  ["behind the request", packet(upgradeRequest())],
  ["behind a refused request", packet("GET / HTTP/1.0\r\n\r\n")],
  ["in a header", packet(upgradeRequest(), begun.subarray(0, 1))],
  ["in a payload", packet(upgradeRequest(), begun)],
  ["between fragments", packet(upgradeRequest(), fragment)],
  ["behind many messages", packet(upgradeRequest(), ...Array.from({ length: 200 }, () => clientFrame(2, begun)))],
  ["behind a Close", packet(upgradeRequest(), clientFrame(8, Uint8Array.of(3, 232)))],
  ["behind a fault", packet(upgradeRequest(), clientFrame(3, "x"), begun)],
];

/** Fails where a round left more in use than the one before. */
function assertMemory(first: Memory, second: Memory): void {
  const grown = second.inUse - first.inUse;
  assert.ok(grown < MIB, `${grown} octets more in use after the second round`);
}

for (const kernel of kernelNames) {
  const test = hostileServerSuite("a server with a message handler alone", kernel);

  async function sendFrames(port: number, { name, octets, closeCode }: HostileFrames, index: number): Promise<void> {
    const client = await RawClient.open(port);
    client.send(octets);
    if (closeCode === null) {
      end(client, ends[index % 3]!);
      return;
    }
    client.send(begun);
    await client.ended();
    assert.is(closeCodeOf(client.frames.at(-1)!), closeCode, name);
    end(client, ends[index % 3]!);
  }

  async function sendRequest(port: number, octets: Uint8Array, index: number): Promise<void> {
    const client = new RawClient(port);
    client.send(octets, fragment);
    await client.answer();
    end(client, ends[index % 3]!);
  }

  async function leaveEarly(port: number, octets: Uint8Array, how: End): Promise<void> {
    const client = new RawClient(port);
    if (octets.length === 0) await new Promise((resolve) => client.socket.once("connect", resolve));
    else await new Promise((resolve) => client.socket.write(octets, resolve));
    end(client, how);
    if (how === "end") await client.closed(); // whoever half-closes is answered
    client.destroy();
  }

  /** Peers that say no more: the clock ends them. */
  async function fallSilent(port: number, server: Helper, honest: HonestClient): Promise<void> {
    const silent = cutShort.map(([name, octets]) => ({ name, octets, client: new RawClient(port) }));
    for (const { client, octets } of silent) {
      if (octets.length !== 0) client.send(octets);
      await honest.echo();
    }
    for (let passedMs = 0; passedMs < 150_000; passedMs += 5000) {
      await server.ask("advance", 5000);
      await honest.echo();
    }
    for (const { client } of silent) {
      client.socket.end();
      await client.closed();
    }
  }

  async function round(port: number, server: Helper, honest: HonestClient, at: At): Promise<Remains> {
    for (const [index, one] of hostileFrames.filter(({ role }) => role === "server").entries()) {
      at(one.name);
      await sendFrames(port, one, index);
      await honest.echo();
    }
    for (const [index, { octets, name }] of requests.entries()) {
      at(name);
      await sendRequest(port, octets, index);
      await honest.echo();
    }
    for (const [name, octets] of cutShort) {
      for (const how of ends) {
        at(`${how} ${name}`);
        await leaveEarly(port, octets, how);
        await honest.echo();
      }
    }
    at("silence");
    await fallSilent(port, server, honest);
    at("what remains");
    for (;;) {
      const remains = await server.ask<Remains>("remains");
      if (remains.openCount === 1 && remains.greetingCount === 0) return remains;
      at(`what remains: ${JSON.stringify(remains)}`);
    }
  }

  test(
    "survives the whole corpus and every way to leave, twice, without a word, and keeps nothing",
    ending(async (at) => {
      const server = new Helper("survival-server", { WSIMD_KERNEL: kernel });
      await withHelpers([server], async () => {
        const port = await server.ask<number>("start");
        const honest = await HonestClient.open(port);
        const first = await round(port, server, honest, at);
        assert.is(first.kernel, kernel);
        assertMemory(first, await round(port, server, honest, at));
        honest.leave();
        await server.ask("close");
        assert.is(await server.leave(), 0, "it must end by itself");
        assert.is(server.stderr, "");
      });
    }, 50_000),
  );

  test.run();
}

/** What a hostile server does with a connection. */
type Script = (peer: RawAccepted, index: number) => Promise<void>;

/** Waits for the client's end, and ends as well. */
async function part(peer: RawAccepted, how: End): Promise<void> {
  await peer.until(() => peer.isEnded || peer.error !== null);
  end(peer, how);
}

const frameScripts = hostileFrames
  .filter(({ role }) => role === "client")
  .map(
    ({ octets, closeCode, verdict }): Script =>
      async (peer, index) => {
        await peer.accept({}, octets);
        const how = ends[index % 3]!;
        if (closeCode === null) return end(peer, how);
        if (verdict !== "clean") return part(peer, how);
        await peer.frameCount(1); // the server ends first: RFC 6455 §7.1.1
        return end(peer, how);
      },
  );

const answerScripts = answers.map(
  ({ octets }): Script =>
    async (peer, index) => {
      peer.send(octets(await peer.request()), serverFrame(1, "x"));
      await part(peer, ends[index % 3]!);
    },
);

const leavingScripts = ends.flatMap((how): Script[] => [
  async (peer) => end(peer, how),
  async (peer) => {
    await peer.request();
    end(peer, how);
  },
  async (peer) => {
    await peer.request();
    peer.send("HTTP/1.1 101 Swi");
    end(peer, how);
  },
  async (peer) => {
    await peer.accept();
    end(peer, how);
  },
  async (peer) => {
    await peer.accept({}, serverFrame(2, begun).subarray(0, 100));
    end(peer, how);
  },
  async (peer) => {
    await peer.accept({}, serverFrame(1, "begun", false));
    end(peer, how);
  },
]);

const scripts: readonly Script[] = [...frameScripts, ...answerScripts, ...leavingScripts];

const echoScript = async (peer: RawAccepted): Promise<void> => {
  await peer.accept();
  const [message] = await peer.frameCount(1);
  peer.send(serverFrame(1, message!.payload));
  await peer.frameCount(2);
  peer.send(serverClose(1000));
  peer.socket.end();
};

for (const kernel of kernelNames) {
  const test = hostileSuite("clients with a message handler alone, and without a listener", kernel);

  test(
    "survive every hostile server, twice, without a word, and keep nothing",
    ending(async (at) => {
      const client = new Helper("survival-client", { WSIMD_KERNEL: kernel });
      let next: Script = echoScript;
      let index = 0;
      await withHelpers([client], () =>
        withRawServer(
          (peer) => next(peer, index),
          async ({ url }) => {
            const round = async (): Promise<Memory & { readonly kernel: string }> => {
              let openedCount = 0;
              for (const script of scripts) {
                index++;
                for (const way of ["connect", "webSocket"] as const) {
                  next = script;
                  at(`${way}, script ${index % scripts.length} of ${scripts.length}`);
                  if ((await client.ask(way, url)) === "" && way === "connect") openedCount++;
                }
                if (index % 4 !== 0) continue;
                next = echoScript;
                assert.is(await client.ask("echo", url), "honest");
              }
              const opening = frameScripts.length + 3 * ends.length; // the others never open
              assert.ok(
                openedCount <= opening && openedCount >= frameScripts.length,
                `${openedCount} of ${opening} opened`,
              );
              return client.ask("remains");
            };
            const first = await round();
            assert.is(first.kernel, kernel);
            assertMemory(first, await round());
            assert.is(await client.leave(), 0, "it must end by itself");
            assert.is(client.stderr, "");
          },
        ),
      );
    }, 50_000),
  );

  test.run();
}
