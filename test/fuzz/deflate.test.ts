// permessage-deflate at random: a conversation that is compressed is heard as it is without, whatever is agreed and however it is
// cut; and whatever stands in place of a compressed payload has one verdict on every kernel. RFC 7692 §7.2.

import * as fc from "fast-check";
import { suite } from "uvu";
import type { DeflateOptions } from "../../bindings/deflate/options.ts";
import { PerMessageDeflate } from "../../bindings/deflate/permessage-deflate.ts";
import { zlibProvider } from "../../bindings/runtime/zlib.ts";
import { endpoint } from "../connection/support.ts";
import { deflated, extensionOf, RSV1, Watched } from "../deflate/support.ts";
import { poison, useKernel } from "../support/current-kernel.ts";
import { type KernelUnderTest, kernels } from "../support/kernels.ts";
import { concat, toHex } from "../support/octets.ts";
import { cutAt } from "../support/peer.ts";
import { octetsArbitrary, textArbitrary } from "./arbitraries.ts";
import { holds } from "./property.ts";

type Step =
  | { readonly name: "message"; readonly data: string | Uint8Array; readonly compress: boolean | undefined }
  | { readonly name: "ping"; readonly data: Uint8Array };

interface Conversation {
  readonly options: DeflateOptions;
  readonly role: "server" | "client";
  readonly steps: readonly Step[];
  /** Where what is sent is cut, in thousandths. */
  readonly cuts: readonly number[];
}

/** Repeats what is short: words that a window knows. */
const dataArbitrary = fc
  .tuple(fc.oneof(octetsArbitrary, textArbitrary), fc.nat(20))
  .map(([data, times]): string | Uint8Array =>
    typeof data === "string"
      ? data.repeat(times)
      : concat(...Array.from({ length: data.length > 1000 ? 1 : times }, () => data)),
  );

const conversationArbitrary: fc.Arbitrary<Conversation> = fc.record({
  options: fc.record({
    contextTakeover: fc.boolean(),
    peerContextTakeover: fc.boolean(),
    windowBits: fc.integer({ min: 9, max: 15 }),
    peerWindowBits: fc.integer({ min: 9, max: 15 }),
    level: fc.integer({ min: -1, max: 9 }),
    memLevel: fc.integer({ min: 1, max: 9 }),
    strategy: fc.integer({ min: 0, max: 4 }),
    threshold: fc.constantFrom(0, 64, 1000),
  }),
  role: fc.constantFrom("server" as const, "client" as const),
  steps: fc.array(
    fc.oneof(
      {
        weight: 5,
        arbitrary: fc.record({
          name: fc.constant("message" as const),
          data: dataArbitrary,
          compress: fc.constantFrom(true, false, undefined),
        }),
      },
      {
        weight: 1,
        arbitrary: fc.record({ name: fc.constant("ping" as const), data: fc.uint8Array({ maxLength: 125 }) }),
      },
    ),
    { maxLength: 12 },
  ),
  cuts: fc.array(fc.nat(1000), { maxLength: 12 }),
});

/** What one end hears of what the other sends, on a kernel; with or without compression. */
async function heard(
  { kernel }: KernelUnderTest,
  conversation: Conversation,
  isCompressed: boolean,
): Promise<string[]> {
  useKernel(kernel);
  const { options, role, steps, cuts } = conversation;
  const provider = new Watched(zlibProvider());
  const deflate = new PerMessageDeflate({ ...options, provider });
  const opposite = role === "server" ? "client" : "server";
  const agreed = deflate.negotiate([
    { name: "permessage-deflate", parameters: [{ name: "client_max_window_bits", value: undefined }] },
  ]);
  const server = isCompressed ? { extension: deflate.forServer(agreed)! } : {};
  const client = isCompressed
    ? { extension: new PerMessageDeflate({ threshold: options.threshold, provider }).forClient(agreed)! }
    : {};
  const from = endpoint({ role }, {}, role === "server" ? server : client);
  const to = endpoint({ role: opposite }, {}, role === "server" ? client : server);
  for (const step of steps) {
    if (step.name === "ping") from.connection.ping(step.data);
    else from.connection.send(step.data, step.compress === undefined ? {} : { compress: step.compress });
    poison(kernel);
  }
  do {
    await provider.quiet();
    from.tick.end();
  } while (provider.pending !== 0);
  const { octets } = from.transport;
  const at = cuts.map((cut) => Math.floor((octets.length * cut) / 1000)).sort((a, b) => a - b);
  for (const chunk of cutAt(octets, ...at)) {
    to.connection.receive(chunk);
    poison(kernel);
  }
  await provider.quiet();
  from.connection.terminate();
  to.connection.terminate();
  return [...to.events, ...provider.faults];
}

interface Garbage {
  readonly opcode: 1 | 2;
  readonly peerContextTakeover: boolean;
  readonly payloads: readonly Uint8Array[];
  readonly cuts: readonly number[];
}

/** Octets at random, and real streams with one octet changed, left out or added. */
const payloadArbitrary = fc.oneof(
  fc.uint8Array({ maxLength: 60 }),
  fc
    .tuple(fc.oneof(octetsArbitrary, textArbitrary), fc.nat(1000), fc.nat(255), fc.constantFrom(0, 1, 2))
    .map(([data, where, octet, removed]) => {
      const payload = deflated(data);
      const at = Math.floor((payload.length * where) / 1001);
      return concat(payload.subarray(0, at), Uint8Array.of(octet), payload.subarray(at + removed));
    }),
);

const garbageArbitrary: fc.Arbitrary<Garbage> = fc.record({
  opcode: fc.constantFrom(1 as const, 2 as const),
  peerContextTakeover: fc.boolean(),
  payloads: fc.array(payloadArbitrary, { minLength: 1, maxLength: 4 }),
  cuts: fc.array(fc.nat(1000), { maxLength: 8 }),
});

/** What a server hears of garbage, on a kernel. */
function verdictOn({ kernel }: KernelUnderTest, { opcode, peerContextTakeover, payloads, cuts }: Garbage): string[] {
  useKernel(kernel);
  const deflate = new PerMessageDeflate({ peerContextTakeover, provider: zlibProvider() });
  const made = endpoint({ maxMessageLength: 100_000 }, {}, { extension: extensionOf(deflate, "server") });
  const octets = concat(...payloads.map((payload) => made.peer.frame(opcode, payload, { rsv: RSV1 })));
  const at = cuts.map((cut) => Math.floor((octets.length * cut) / 1000)).sort((a, b) => a - b);
  for (const chunk of cutAt(octets, ...at)) {
    made.connection.receive(chunk);
    poison(kernel);
  }
  made.connection.terminate();
  // Of a text that is wrong both ways, which is told depends on the cut: what zlib had made when it failed is not looked at.
  const events = made.events.map((event) => event.replace(/WS_INFLATE|WS_INVALID_UTF8/, "1007"));
  return [...events, ...made.sent()];
}

const documented = /^(text|binary|error (1007|WS_MESSAGE_TOO_LONG)$|close )/;

const test = suite("fuzz: permessage-deflate");

test("a conversation that is compressed is heard as it is without, on every kernel (§6)", async () => {
  const property = fc.asyncProperty(conversationArbitrary, async (conversation) => {
    const plain = await heard(kernels[0]!, conversation, false);
    for (const tested of kernels) {
      const compressed = await heard(tested, conversation, true);
      if (compressed.join("\n") !== plain.join("\n"))
        throw new Error(
          `${tested.label}\n${compressed.join("\n").slice(0, 500)}\nplain\n${plain.join("\n").slice(0, 500)}`,
        );
    }
  });
  const seed = Number(process.env.WSIMD_FUZZ_SEED ?? 7692);
  await fc.assert(property, { seed, numRuns: Number(process.env.WSIMD_FUZZ_RUNS ?? 150) });
});

test("whatever stands for a compressed payload has one documented verdict, cut anywhere, on every kernel (§7.2.2)", () => {
  holds(
    800,
    garbageArbitrary,
    (garbage) => {
      const whole = verdictOn(kernels[0]!, { ...garbage, cuts: [] });
      const strange = whole.find((event) => !documented.test(event));
      if (strange !== undefined) return `not documented: ${strange}`;
      for (const tested of kernels) {
        const found = verdictOn(tested, garbage);
        if (found.join("\n") !== whole.join("\n"))
          return `${tested.label}\n${found.join("\n")}\nwhole\n${whole.join("\n")}`;
      }
      return "";
    },
    ({ opcode, peerContextTakeover, payloads }) =>
      `opcode ${opcode}, takeover ${peerContextTakeover}: ${payloads.map(toHex).join(" | ")}`,
  );
});

test.run();
