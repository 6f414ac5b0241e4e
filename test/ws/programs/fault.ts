// A program with a fault: `node fault.js NAME SERVER CLIENT`. It says what it sees and, where the fault does not end it, ends.

import { connect } from "node:net";
import { implementation, type Loose } from "../implementations.ts";
import { requestText } from "../wire.ts";

const [name = "", serverName = "", clientName = ""] = process.argv.slice(2);
const server = implementation(serverName);
const client = implementation(clientName);
const say = (...words: unknown[]): void => console.log(...words);
const fail = (): never => {
  throw new RangeError("mine");
};

/** Opens a connection; calls back with both ends. */
function open(use: (served: Loose, dialled: Loose, done: () => void) => void): void {
  const wss = new server.WebSocketServer({ port: 0, host: "127.0.0.1" }, () => {
    const dialled = new client.WebSocket(`ws://127.0.0.1:${wss.address().port}`);
    wss.on("connection", (served: Loose) => use(served, dialled, () => wss.close()));
  });
}

const faults: Record<string, () => void> = {
  violation: () => {
    const wss = new server.WebSocketServer({ port: 0, host: "127.0.0.1" }, () => {
      const socket = connect(wss.address().port, "127.0.0.1").resume();
      socket.write(requestText());
      socket.write(Buffer.from("8b8000000000", "hex"));
    });
    wss.on("connection", (served: Loose) =>
      served.on("close", () => {
        say("close");
        wss.close();
      }),
    );
  },
  refused: () => {
    const dialled = new client.WebSocket("ws://127.0.0.1:1");
    dialled.on("close", () => say("close"));
  },
  message: () => {
    open((served, dialled) => {
      served.send("one");
      dialled.on("message", fail);
    });
  },
  open: () => {
    open((_, dialled) => dialled.on("open", fail));
  },
  close: () => {
    open((served, dialled) => {
      served.close();
      dialled.on("close", fail);
    });
  },
  caught: () => {
    process.on("uncaughtException", (error) => say(`caught ${error.message}`));
    open((served, dialled) => {
      let count = 0;
      dialled.on("message", (data: Buffer) => {
        say(`message ${++count} ${data}`);
        if (count === 1) fail();
      });
      dialled.on("error", (error: Error) => say(`error ${error.message}`));
      dialled.on("close", (code: number) => say(`close ${code}`));
      served.on("close", (code: number) => say(`served close ${code}`));
      served.send("one");
      setTimeout(() => served.send("two"), 100);
      setTimeout(() => served.terminate(), 200);
      setTimeout(() => say(`state ${dialled.readyState}`), 400);
      setTimeout(() => process.exit(), 450);
    });
  },
  several: () => {
    process.on("uncaughtException", (error) => say(`caught ${error.message}`));
    open((served, dialled) => {
      dialled.addEventListener("message", () => say("first"));
      dialled.addEventListener("message", fail);
      dialled.addEventListener("message", () => say("last"));
      served.send("one");
      setTimeout(() => process.exit(), 200);
    });
  },
  callback: () => {
    open((served) => served.send("one", fail));
  },
  none: () => {
    open((served, dialled, done) => {
      served.on("close", (code: number) => say(`served close ${code}`));
      dialled.on("close", (code: number) => say(`close ${code}`));
      dialled.on("open", () => dialled.close(1000));
      done();
    });
  },
};

faults[name]!();
