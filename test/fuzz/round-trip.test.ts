// What one Connection sends another receives: both ways, through chunks of any length, with pings between, while handlers
// and the program pause, feed and answer; and when either side closes or drops the connection at any point. RFC 6455 §5.4,
// §5.5, §7.1.

import * as fc from "fast-check";
import { Connection } from "../../bindings/connection/connection.ts";
import { builtOnKernel, poison } from "../support/current-kernel.ts";
import { type KernelUnderTest, kernels } from "../support/kernels.ts";
import { octetsArbitrary, textArbitrary } from "./arbitraries.ts";
import { holds } from "./property.ts";
import { thrownText } from "./subjects.ts";
import { closeEvent, difference, messageEvent, packed } from "./trace.ts";

/** What the program does next, on one of the two sides. */
type Step =
  | { readonly name: "send"; readonly at: number; readonly data: string | Uint8Array }
  | { readonly name: "ping"; readonly at: number; readonly data: Uint8Array }
  | { readonly name: "carry"; readonly at: number; readonly length: number }
  | { readonly name: "pause" | "resume" | "close" | "terminate"; readonly at: number };

const sideArbitrary = fc.nat(1);

const stepArbitrary: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      name: fc.constant("send" as const),
      at: sideArbitrary,
      data: fc.oneof(octetsArbitrary, textArbitrary),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      name: fc.constant("ping" as const),
      at: sideArbitrary,
      data: fc.uint8Array({ maxLength: 125 }),
    }),
  },
  {
    weight: 10,
    arbitrary: fc.record({
      name: fc.constant("carry" as const),
      at: sideArbitrary,
      length: fc.oneof(fc.nat(8), fc.nat(200), fc.constant(70000)),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ name: fc.constantFrom("pause" as const, "resume" as const), at: sideArbitrary }),
  },
);

const endArbitrary: fc.Arbitrary<Step> = fc.record({
  name: fc.constantFrom("close" as const, "terminate" as const),
  at: sideArbitrary,
});

type Reaction = "nothing" | "pause" | "feed itself" | "answer";

interface Script {
  readonly steps: readonly Step[];
  /** Ends the conversation after that many steps; what is on its way is carried on unless it is dropped. */
  readonly end: Step;
  readonly endAt: number;
  readonly reactions: readonly Reaction[];
}

const scriptArbitrary: fc.Arbitrary<Script> = fc.record({
  steps: fc.array(stepArbitrary, { maxLength: 40 }),
  end: endArbitrary,
  endAt: fc.nat(60),
  reactions: fc.array(fc.constantFrom<Reaction>("nothing", "nothing", "pause", "feed itself", "answer"), {
    minLength: 1,
    maxLength: 4,
  }),
});

class Side {
  readonly sent: string[] = [];
  readonly heard: string[] = [];
  readonly pings: string[] = [];
  readonly pongs: string[] = [];
  readonly closes: string[] = [];
  readonly errors: string[] = [];
  /** What the other side wrote and this one has not received. */
  arriving: Uint8Array = new Uint8Array(0);
  readonly connection: Connection;
  other!: Side;
  private readonly run: Run;

  constructor(role: "server" | "client", run: Run) {
    this.run = run;
    this.connection = new Connection({
      role,
      now: () => 0,
      handlers: {
        message: (_, data, isBinary) => this.message(data, isBinary),
        pong: (_, data) => void this.pongs.push(packed(data)),
        error: (_, error) => void this.errors.push(String(error)),
        close: (_, code, reason) => void this.closes.push(closeEvent(code, reason)),
      },
      write: (octets) => {
        this.other.arriving = Buffer.concat([this.other.arriving, octets]);
      },
    });
  }

  /** Receives the next octets on their way; false where there are none. */
  carry(length: number): boolean {
    const chunk = Uint8Array.from(this.arriving.subarray(0, length));
    this.arriving = this.arriving.subarray(chunk.length);
    this.connection.receive(chunk);
    if (!this.run.isDelivering) poison(this.run.tested.kernel);
    return chunk.length > 0;
  }

  send(data: string | Uint8Array): void {
    if (this.connection.readyState !== 1) return;
    this.sent.push(messageEvent(data, typeof data !== "string"));
    this.connection.send(data);
  }

  ping(data: Uint8Array): void {
    if (this.connection.readyState !== 1) return;
    this.pings.push(packed(data));
    this.connection.ping(data);
  }

  private message(data: string | Uint8Array, isBinary: boolean): void {
    this.heard.push(messageEvent(data, isBinary));
    const { run } = this;
    run.isDelivering = true;
    const reaction = run.nextReaction();
    if (reaction === "pause") this.connection.pause();
    else if (reaction === "feed itself") this.carry(9);
    else if (reaction === "answer") this.send(`answer ${this.heard.length}`);
    run.isDelivering = false;
  }
}

class Run {
  readonly tested: KernelUnderTest;
  readonly sides: readonly [Side, Side];
  isDelivering = false;
  private readonly script: Script;
  private reactionCount = 0;
  /** Answers to answers would never end. */
  private readonly mostAnswers = 30;

  constructor(tested: KernelUnderTest, script: Script) {
    this.tested = tested;
    this.script = script;
    this.sides = [new Side("client", this), new Side("server", this)];
    this.sides[0].other = this.sides[1];
    this.sides[1].other = this.sides[0];
  }

  nextReaction(): Reaction {
    const { reactions } = this.script;
    const reaction = reactions[this.reactionCount++ % reactions.length]!;
    return reaction === "answer" && this.reactionCount > this.mostAnswers ? "nothing" : reaction;
  }

  /** Says what is wrong; "" for nothing. */
  problem(): string {
    const { steps, end, endAt } = this.script;
    try {
      steps.forEach((step, index) => {
        if (index === endAt) this.take(end);
        this.take(step);
      });
      if (end.name === "terminate") this.take(end);
      this.carryAll();
      if (end.name === "close") this.take(end);
      this.carryAll();
      for (const { connection } of this.sides) connection.receiveEnd();
    } catch (error) {
      return thrownText(error);
    }
    return this.compare(end.name === "terminate");
  }

  private take(step: Step): void {
    const side = this.sides[step.at]!;
    if (step.name === "send") side.send(step.data);
    else if (step.name === "ping") side.ping(step.data);
    else if (step.name === "carry") side.carry(step.length);
    else if (step.name === "close") side.connection.close(1000, "bye");
    else side.connection[step.name]();
    side.connection.flush();
  }

  /** Carries everything both ways until nothing moves any more. */
  private carryAll(): void {
    for (let moved = true; moved; ) {
      moved = false;
      for (const side of this.sides) {
        while (side.connection.isPaused && side.connection.readyState !== 3) side.connection.resume();
        side.connection.flush();
        while (side.carry(1000)) moved = true;
      }
    }
  }

  private compare(isTerminated: boolean): string {
    for (const [side, name] of [
      [this.sides[0], "client"],
      [this.sides[1], "server"],
    ] as const) {
      const { other } = side;
      // What was on its way when the connection was dropped never arrives.
      const meant = isTerminated ? other.sent.slice(0, side.heard.length) : other.sent;
      // Nor does the answer to a ping that met the other's Close on the way: it would stand behind that (§5.5.1).
      const isSure = !isTerminated && side === this.sides[this.script.end.at];
      const answers = isSure ? side.pings : side.pings.slice(0, side.pongs.length);
      const problem =
        difference(side.heard, meant, [`the ${name} heard`, "the other sent"]) ||
        difference(side.pongs, answers, [`the ${name}'s pongs`, "its pings"]) ||
        difference(side.errors, [], [`the ${name}'s errors`, "none"]);
      if (problem !== "") return problem;
      if (side.closes.length !== 1) return `the ${name} was told of ${side.closes.length} closes`;
      const due = isTerminated ? [closeEvent(1006, "")] : [closeEvent(1000, "bye"), closeEvent(1000, "")];
      if (!due.includes(side.closes[0]!)) return `the ${name} was told "${side.closes[0]}"`;
    }
    return "";
  }
}

for (const tested of kernels) {
  const test = builtOnKernel("round trips", tested);

  test("every message arrives once, in order, both ways, whatever handlers do and however chunks fall", () => {
    holds(
      1000,
      scriptArbitrary,
      (script) => new Run(tested, script).problem(),
      (script) => `  ${fc.stringify(script)}`,
    );
  });

  test.run();
}
