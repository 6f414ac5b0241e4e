// What a server is made to do wrong on purpose, so that the soak can be seen to fail.

import type { Socket } from "../../bindings/node/index.ts";

export const faultNames = ["leak", "lose", "swap", "twice", "damage", "stray"] as const;

export type FaultName = (typeof faultNames)[number];

/** It happens to one message in so many: some of them belong to connections that do not wait for an answer. */
const PERIOD = 500;

type Echo = (socket: Socket, data: string | Uint8Array, isBinary: boolean) => void;

/** Keeps about 300 octets of the heap for each connection. */
export function leak(kept: unknown[]): void {
  kept.push(Array.from({ length: 36 }, (_, index) => kept.length + index));
}

/** An echo that does one thing wrong, now and then. */
export function withFault(fault: FaultName, echo: Echo): Echo {
  let count = 0;
  const held = new Map<Socket, () => void>();
  let other: Socket | null = null;
  const wrong: Record<FaultName, Echo> = {
    leak: echo,
    lose() {},
    swap(...message) {
      held.set(message[0], () => echo(...message));
    },
    twice(...message) {
      echo(...message);
      echo(...message);
    },
    damage(socket, data, isBinary) {
      const octets = Buffer.from(data as string);
      octets[octets.length - 1]! ^= 1;
      socket.send(octets, { binary: isBinary });
    },
    stray(_, data, isBinary) {
      echo(other!, data, isBinary);
    },
  };
  /** Whether it shows: nothing can be wrong with an empty message, and a stray one needs somewhere to go. */
  const isMeant = (socket: Socket, data: string | Uint8Array): boolean =>
    data.length > 0 && (fault !== "stray" || (other !== null && other !== socket && other.readyState === 1));
  return (socket, data, isBinary) => {
    if (++count >= PERIOD && isMeant(socket, data)) {
      count = 0;
      wrong[fault](socket, data, isBinary);
      return;
    }
    other = socket;
    echo(socket, data, isBinary);
    held.get(socket)?.();
    held.delete(socket);
  };
}
