// The kernels under test as subjects of a case, each with a poison of its own: a stale octet that one of them reads is not
// the octet that another reads.

import type { KernelUnderTest } from "../support/kernels.ts";
import { kernels } from "../support/kernels.ts";
import type { Subject } from "./subjects.ts";

/** A letter, a continuation octet, an octet that UTF-8 never has. */
const poisons: Readonly<Record<KernelUnderTest["label"], number>> = {
  "wasm release": 0x41,
  "wasm debug": 0xa5,
  scalar: 0xff,
};

export function subjectOf({ label, kernel }: KernelUnderTest): Subject {
  return { label, kernel, poison: poisons[label] };
}

function named(label: KernelUnderTest["label"]): Subject {
  return subjectOf(kernels.find((one) => one.label === label)!);
}

/** The two that users have. */
export const publishedSubjects: readonly Subject[] = [named("wasm release"), named("scalar")];

/** Those and the debug build, whose assertions trap. */
export const allSubjects: readonly Subject[] = [...publishedSubjects, named("wasm debug")];
