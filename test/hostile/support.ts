// The suites of the hostile corpus. They tell whoever removes guards (break.ts) which tests began, passed and failed.

import { appendFileSync } from "node:fs";
import { suite, type Test } from "uvu";

const log = process.env.WSIMD_HOSTILE_LOG;

/** How a test is named wherever no kernel is meant. */
export function titleOf(section: string, name: string): string {
  return `${section}: ${name}`;
}

/**
 * A suite on one section of the corpus.
 *
 * @param section  names it in the record of removed guards
 * @param variant  the kernel, transport or role it runs on, which the record leaves out
 */
export function hostileSuite(section: string, variant = ""): Test {
  const inner = suite(variant === "" ? section : `${section} / ${variant}`);
  if (log === undefined) return inner;
  const tell = (verdict: string, name: string): void => appendFileSync(log, `${verdict} ${titleOf(section, name)}\n`);
  return new Proxy(inner, {
    apply(_, __, [name, body]: Parameters<Test>) {
      inner(name, async (context) => {
        tell("started", name);
        try {
          await body(context);
          tell("passed", name);
        } catch (error) {
          tell("failed", name);
          throw error;
        }
      });
    },
  });
}
