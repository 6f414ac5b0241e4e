// What a server does with Node's own sockets and listeners, seen from inside of them.

import { connect } from "node:net";
import * as assert from "uvu/assert";
import { createServer } from "../../bindings/node/index.ts";
import { netOf } from "./internals.ts";
import { serverSuite } from "./server-suite.ts";
import { RawClient, withServer } from "./support.ts";

const sockets = serverSuite("server / of Node");

sockets("a server that could not listen at first tells an error of its listening socket once", async () => {
  const faults: unknown[] = [];
  await withServer({}, async ({ port }) => {
    const server = createServer({ serverError: (error) => faults.push(error) });
    for (let attempt = 0; attempt < 2; attempt++) {
      await server.listen({ port, host: "127.0.0.1" }).then(
        () => assert.unreachable(),
        (error) => assert.is(error.code, "EADDRINUSE"),
      );
    }
    await server.listen({ port: 0, host: "127.0.0.1" });
    netOf(server).emit("error", new Error("of the listening socket"));
    assert.is(faults.length, 1);
    await server.close();
  });
});

sockets(
  "every accepted socket has noDelay: two small answers in separate ticks do not wait for each other",
  async () => {
    await withServer({}, async ({ port }) => {
      // The handles of both ends are of one class.
      const client = connect(port, "127.0.0.1");
      type Handle = { setNoDelay(enable: boolean): number };
      const handles = Object.getPrototypeOf((client as unknown as { _handle: Handle })._handle) as Handle;
      client.destroy();
      const original = handles.setNoDelay;
      const calls: boolean[] = [];
      handles.setNoDelay = function (this: Handle, enable) {
        calls.push(enable);
        return original.call(this, enable);
      };
      try {
        const one = await RawClient.open(port);
        const two = await RawClient.open(port);
        assert.equal(calls, [true, true]);
        one.destroy();
        two.destroy();
      } finally {
        handles.setNoDelay = original;
      }
    });
  },
);

sockets.run();
