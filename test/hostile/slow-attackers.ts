// The attackers of slow.ts in a process of their own: each opens a connection, begins a head, and never ends it.

import { connect, type Socket } from "node:net";
import { obey } from "./processes.ts";

/** Connections under way at a time: fewer than wait in a server's queue. */
const ABREAST = 200;

const sockets: Socket[] = [];
let closedCount = 0;
let wake: () => void = () => {};
let dripping: NodeJS.Timeout | undefined;

function attack(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    sockets.push(socket);
    socket.on("connect", () => socket.write("GET / HTTP/1.1\r\nX: ", () => resolve()));
    socket.on("error", reject); // after it is connected nobody listens to this
    socket.on("close", () => {
      closedCount++;
      wake();
    });
    socket.resume();
  });
}

const alive = (): Socket[] => sockets.filter(({ destroyed }) => !destroyed);

/** Writes as much to each, and waits until the kernel has it. */
function send(to: readonly Socket[], octets: string): Promise<unknown> {
  return Promise.all(to.map((socket) => new Promise((resolve) => socket.write(octets, resolve))));
}

obey({
  async open({ port, count }: { readonly port: number; readonly count: number }) {
    for (let left = count; left > 0; left -= ABREAST)
      await Promise.all(Array.from({ length: Math.min(ABREAST, left) }, () => attack(port)));
  },
  drip: () => send(alive(), "x"),
  /** An octet of each a second, a tenth of them at a time. */
  keepDripping() {
    let turn = 0;
    dripping = setInterval(() => {
      turn++;
      void send(
        alive().filter((_, index) => index % 10 === turn % 10),
        "x",
      );
    }, 100);
  },
  async fill({ chunk, times }: { readonly chunk: number; readonly times: number }) {
    for (let time = 0; time < times; time++) await send(alive(), "x".repeat(chunk));
  },
  closedCount: () => closedCount,
  async closed(count: number) {
    while (closedCount < count) await new Promise<void>((resolve) => (wake = resolve));
    clearInterval(dripping);
  },
});
