// Where a handshake ends and frames begin: octets that come with a request, or with an answer, cut wherever the network likes,
// reach the connection behind it, each once. RFC 6455 §4.2.2.

import * as assert from "uvu/assert";
import { acceptHandshake, HeadReader, parseRequestHead } from "../../bindings/handshake/index.ts";
import type { ServerOptions } from "../../bindings/node/index.ts";
import { connectOn, drained, serverClose, serverFrame, withRawServer } from "../node/client/support.ts";
import { clientFrame, closeFrame, kernelNames, RawClient, turns, upgradeRequest, withServer } from "../node/support.ts";
import { hostileServerSuite } from "./on-kernels.ts";
import { ending, packet, sendOctets } from "./peers.ts";
import { hostileSuite } from "./support.ts";

const head = packet(upgradeRequest());
const frames = packet(clientFrame(1, "one"), clientFrame(2, "two", false), clientFrame(9, "ping"), clientFrame(0, "2"));
const octets = packet(head, frames);

{
  const test = hostileSuite("frames with the request");

  test("a head reader keeps what follows the head, whatever chunk it came in, as octets of its own", () => {
    for (let cut = 0; cut < octets.length; cut++) {
      const chunks = [octets.slice(0, cut), octets.slice(cut)];
      const reader = new HeadReader();
      const behind: Uint8Array[] = [];
      for (const chunk of chunks) {
        if (reader.isComplete) behind.push(chunk);
        else reader.push(chunk);
      }
      for (const chunk of chunks.slice(0, 1)) chunk.fill(0); // the transport uses its memory again
      assert.ok(acceptHandshake(parseRequestHead(reader.head)).accepted, `cut at ${cut}`);
      if (cut >= head.length) continue;
      chunks[1]!.fill(0);
      assert.equal(Buffer.from(packet(reader.rest, ...behind)), Buffer.from(frames), `cut at ${cut}`);
    }
  });

  test.run();
}

for (const kernel of kernelNames) {
  const test = hostileServerSuite("frames with the handshake on sockets", kernel);

  /** Sends chunks to a server; what its handlers heard. */
  async function heard(send: (client: RawClient) => unknown): Promise<string[]> {
    const events: string[] = [];
    const options: ServerOptions = {
      open: () => events.push("open"),
      message: (_socket, data) => events.push(Buffer.from(data as string).toString()),
      ping: () => events.push("ping"),
      error: (_socket, error) => events.push(String(error)),
      close: (_socket, code) => events.push(`${code}`),
    };
    await withServer(
      options,
      async ({ port }) => {
        const client = new RawClient(port);
        await send(client);
        assert.is((await client.answer()).httpStatus, 101);
        await client.ended();
        assert.equal(
          client.frames.map(({ opcode }) => opcode),
          [10, 8],
        );
        client.socket.end();
        await client.closed();
      },
      kernel,
    );
    return events;
  }

  const conversation = packet(octets, closeFrame(3000));
  const expected = ["open", "one", "ping", "two2", "3000"];

  test(
    "frames in the request's own packet come behind open, in order, each once",
    ending(async () => {
      assert.equal(await heard((client) => client.send(conversation)), expected);
    }),
  );

  test(
    "one octet a chunk, nothing is lost of request or frames",
    ending(async () => {
      assert.equal(await heard((client) => sendOctets(client, conversation)), expected);
    }),
  );

  test(
    "cut in two around the end of the request, nothing is lost",
    ending(async () => {
      for (let cut = head.length - 6; cut < head.length + 16; cut++) {
        const inTwo = async (client: RawClient): Promise<void> => {
          client.socket.setNoDelay(true);
          client.socket.write(conversation.subarray(0, cut));
          await turns(5);
          client.socket.write(conversation.subarray(cut));
        };
        assert.equal(await heard(inTwo), expected, `cut at ${cut}`);
      }
    }),
  );

  test(
    "frames in the answer's own packet reach a client's loop, in order, each once",
    ending(async () => {
      const sent = [serverFrame(1, "one"), serverFrame(1, "two", false), serverFrame(0, "2"), serverClose(1000)];
      await withRawServer(
        async (peer) => {
          await peer.accept({}, ...sent);
          await peer.frameCount(1);
          peer.socket.end();
        },
        async ({ url }) => {
          const { messages, error } = await drained(await connectOn(kernel, url));
          assert.equal([messages, error], [["one", "two2"], undefined]);
        },
      );
    }),
  );

  test.run();
}
