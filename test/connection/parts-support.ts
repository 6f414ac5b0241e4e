// What the tests of a connection's parts share: which of them it has, and how it lets go of them.

import * as assert from "uvu/assert";
import type { Endpoint } from "./support.ts";

/** The parts that a connection has. */
export function partsOf({ connection }: Pick<Endpoint, "connection">): string[] {
  const parts = connection as unknown as Record<string, unknown>;
  const names = ["theReceiver", "theSender", "theGate", "theAccount"];
  assert.ok(
    names.every((name) => name in parts),
    "the names are those of parts.ts",
  );
  return names.filter((name) => parts[name] !== null).map((name) => name.slice(3).toLowerCase());
}

/** Two looks with nothing between them: the second finds the connection quiet. */
export function quiet({ connection, clock }: Pick<Endpoint, "connection" | "clock">): void {
  connection.tick(clock.ms);
  connection.tick(clock.ms);
}
