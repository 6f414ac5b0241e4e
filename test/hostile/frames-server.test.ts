// Every frame of the corpus against a running server: what the peer reads, that the socket ends, what handlers hear; and that
// another connection of the same server hears nothing of it all.

import * as assert from "uvu/assert";
import type { Socket } from "../../bindings/node/index.ts";
import { settled } from "../connection/support.ts";
import { clientFrame, RawClient, type ReceivedFrame, turns, until, withServer } from "../node/support.ts";
import { utf8 } from "../support/octets.ts";
import { octetByOctet } from "../support/peer.ts";
import { eventOf } from "../support/reference.ts";
import { CORPUS_LIMIT, type HostileFrames, hostileFrames } from "./corpus.ts";
import { KeepingWire, wireTo } from "./floods.ts";
import { answersTo, eventsOf } from "./frames-support.ts";
import { hostileKernels, kernelServerSuite } from "./on-kernels.ts";

/** Octets of an input up to which each is sent as a packet of its own. */
const SHORT = 40;

const inputs = hostileFrames.filter(({ role }) => role === "server");

/** A server that writes down what its handlers hear, for each connection. */
class Record {
  /** In the order in which connections opened. */
  readonly heard: string[][] = [];
  private readonly bySocket = new WeakMap<Socket, string[]>();

  readonly options = {
    maxMessageLength: CORPUS_LIMIT,
    open: (socket: Socket): void => {
      const events: string[] = [];
      this.bySocket.set(socket, events);
      this.heard.push(events);
    },
    message: (socket: Socket, data: string | Uint8Array, isBinary: boolean): void =>
      this.add(socket, eventOf(isBinary ? 2 : 1, false, typeof data === "string" ? utf8(data) : data)),
    ping: (socket: Socket, data: Uint8Array): void => this.add(socket, eventOf(9, false, data)),
    pong: (socket: Socket, data: Uint8Array): void => this.add(socket, eventOf(10, false, data)),
    error: (socket: Socket, error: unknown): void => this.add(socket, `error ${(error as { code: string }).code}`),
    close: (socket: Socket, code: number, reason: string): void =>
      this.add(socket, `close ${code}${reason === "" ? "" : ` ${reason}`}`),
  };

  private add(socket: Socket, event: string): void {
    this.bySocket.get(socket)!.push(event);
  }
}

function answers(frames: readonly ReceivedFrame[]): string[] {
  return frames.map(({ opcode, payload }) => eventOf(opcode, false, payload));
}

for (const tested of hostileKernels) {
  const test = kernelServerSuite("frames: a running server", tested);

  /** Meets a server with inputs, and compares what came of each. */
  async function check(
    meant: readonly HostileFrames[],
    send: (client: RawClient, octets: Uint8Array) => Promise<void>,
  ): Promise<void> {
    const record = new Record();
    await withServer(
      record.options,
      async ({ port, server }) => {
        const honest = await RawClient.open(port, clientFrame(1, "hon", false));
        for (const input of meant) {
          const client = await RawClient.open(port);
          await until(() => record.heard.length > meant.indexOf(input) + 1);
          const events = record.heard.at(-1)!;
          await send(client, input.octets);
          const expected = answersTo(input);
          await client.frameCount(expected.length);
          if (input.verdict !== "open") await client.ended();
          else await until(() => events.length >= input.events.length);
          assert.equal(answers(client.frames), expected, `${input.name}: what the peer reads`);
          client.socket.end();
          await until(() => events.at(-1)?.startsWith("close") === true);
          assert.equal(events, eventsOf(input, true), input.name);
        }
        honest.send(clientFrame(0, "est"));
        await until(() => record.heard[0]!.length !== 0);
        assert.equal(record.heard[0], ["text 68 6f 6e 65 73 74"], "the honest connection");
        assert.is(honest.frames.length, 0);
        assert.is(server.sockets.size, 1, "and no other is left");
        honest.destroy();
      },
      tested.name,
    );
  }

  test("every input of the corpus has its verdict, and another connection goes on", async () => {
    await check(inputs, async (client, octets) => client.send(octets));
  });

  test("one octet a packet gives the same verdicts and the same events", async () => {
    const short = inputs.filter(({ octets }) => octets.length <= SHORT);
    await check(short, async (client, octets) => {
      client.socket.setNoDelay(true);
      for (const octet of octetByOctet(octets)) {
        client.socket.write(octet);
        await turns(1);
      }
    });
  });

  test("one octet a chunk gives every input of the corpus the same verdict and the same events", async () => {
    const record = new Record();
    await withServer(
      record.options,
      async ({ server }) => {
        for (const [index, input] of inputs.entries()) {
          const wire = new KeepingWire();
          wireTo(server, wire);
          await until(() => record.heard.length > index);
          for (const octet of octetByOctet(input.octets)) wire.receive(octet);
          await settled();
          assert.equal(wire.sent(), answersTo(input), `${input.name}: what the peer reads`);
          wire.push(null);
          await until(() => wire.destroyed);
          await settled();
          assert.equal(record.heard[index], eventsOf(input, true), input.name);
        }
      },
      tested.name,
    );
  });

  test.run();
}
