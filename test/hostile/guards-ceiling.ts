// The guards of the process-wide ceiling.

import type { Guard } from "./guard.ts";

const budget = "bindings/connection/budget.ts";
const tests = "hostile/ceiling";

export const ceilingGuards: readonly Guard[] = [
  {
    name: "whoever asks last is closed, not whoever holds most",
    file: budget,
    find: "return left > this.limit ? this : offender;",
    replace: "return left === sum ? offender : this;",
    tests,
  },
  {
    name: "whoever came last is closed, not whoever holds most",
    file: budget,
    find: "if (held <= most) continue;",
    replace: "if (offender !== this) continue;",
    tests,
  },
  {
    name: "of several that hold as much the oldest is closed",
    file: budget,
    find: "if (held <= most) continue;",
    replace: "if (held < most) continue;",
    tests,
  },
  {
    name: "whoever holds most is let in when it asks for more",
    file: budget,
    find: "if (offender === this) return error;",
    replace: "if (offender === this) return null;",
    tests,
  },
  {
    name: "unfinished messages ask nobody",
    file: "bindings/connection/messages.ts",
    find: "const error = this.account.claim(0);",
    replace: "const error = null as LimitError | null;",
    tests,
  },
  {
    name: "output that nobody takes asks nobody",
    file: "bindings/connection/sender.ts",
    find: "const error = this.outbox.isBehind ? this.account.claim(0) : null;",
    replace: "const error = null as LimitError | null;",
    tests,
  },
  {
    name: "what is sent behind output that nobody takes asks nobody",
    file: "bindings/connection/sender.ts",
    find: "? this.account.claim(length)",
    replace: "? null",
    tests,
  },
  {
    name: "output counts its octets, not the blocks that keep them",
    file: "bindings/connection/outbox.ts",
    find: "  settleCharge(): void {\n",
    replace: "  settleCharge(): void {\n    this.capacity = this.unsentLength;\n",
    tests,
  },
  {
    name: "what a pause queues asks nobody",
    file: "bindings/connection/receiver.ts",
    find: "this.queued.append(chunk, 0, chunk.length);\n    this.checkAccount();",
    replace: "this.queued.append(chunk, 0, chunk.length);",
    tests,
  },
  {
    name: "what a pause leaves of a chunk is not counted",
    file: "bindings/connection/receiver.ts",
    find: "+ (rest?.length ?? 0);",
    replace: ";",
    tests,
  },
  {
    name: "messages that wait for a loop ask nobody",
    file: "bindings/connection/inbox.ts",
    find: "const error = this.gate.account.claim(0);",
    replace: 'const error = null as Parameters<Gate["fail"]>[0] | null;',
    tests,
  },
  {
    name: "messages that wait for a loop outlast their connection's closing",
    file: "bindings/connection/connection.ts",
    find: "this.gate.keeper?.drop(error);",
    replace: "",
    tests,
  },
  {
    name: "messages that outlive their connection are not counted",
    file: "bindings/connection/inbox.ts",
    find: "this.end === null || this.isRead || this.isExpected;",
    replace: "this.end === null;",
    tests,
  },
  {
    name: "unsent output outlasts its connection's closing",
    file: "bindings/connection/connection.ts",
    find: "if (isUnread) this.finish(error);",
    replace: "",
    tests,
  },
  {
    name: "handlers of a connection that is closed for another run in that one's turn",
    file: "bindings/connection/connection.ts",
    find: "queueMicrotask(() => {\n      if (isUnread)",
    replace: "((tell: () => void) => tell())(() => {\n      if (isUnread)",
    tests,
  },
  {
    name: "what fails behind a pause closes before its error is told",
    file: "bindings/connection/receiver.ts",
    find: "    this.owner.receivedViolation(error);\n    this.owner.endBatch();",
    replace: "    this.owner.endBatch();\n    this.owner.receivedViolation(error);",
    tests,
  },
  {
    name: "a message is completed on a connection that ended while others were closed for it",
    file: "bindings/connection/messages.ts",
    find: "return this.unfinished !== null;",
    replace: "return true;",
    tests,
  },
  {
    name: "a frame is queued on a connection that ended while others were closed for it",
    file: "bindings/connection/sender.ts",
    find: "return outbox.isDiscarded ? this.refuse(done) : true;",
    replace: "return true;",
    tests,
  },
  {
    name: "unfinished heads ask nobody",
    file: "bindings/node/greeting.ts",
    find: "if (this.account.claim(0) !== null) this.evict();",
    replace: "",
    tests,
  },
  {
    name: "answers to plain requests ask nobody",
    file: "bindings/node/greeting.ts",
    find: "if (stream.writableLength !== 0) this.holds(octets.length);",
    replace: "",
    tests,
  },
];
