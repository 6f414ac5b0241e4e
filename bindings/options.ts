// Checks of what callers pass as options: a wrong one throws a UsageError that names it, at construction. Values are never
// coerced: 3e9 stays 3e9, and "64kb" is an error.

import { UsageError } from "./errors/classes.ts";

function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "function") return "a function";
  if (Array.isArray(value)) return "an array";
  try {
    return String(value);
  } catch {
    return "an object"; // a module, for one, makes no string
  }
}

/** The error for an option that is not what it must be. */
export function wrongOption(name: string, needed: string, value: unknown): UsageError {
  return new UsageError("WS_OPTION", `${name} must be ${needed}, not ${shown(value)}`);
}

/** The bounds of a numeric option. */
export interface NumberRule {
  /** Where the option is left out. */
  readonly otherwise: number;
  readonly least: number;
  /** Whether Infinity, no limit, is allowed. */
  readonly unlimited?: boolean;
  /** The greatest allowed value; 2^53 - 1 where it is left out. */
  readonly most?: number;
}

/** A whole number within its rule. */
export function numberOption(name: string, value: unknown, rule: NumberRule): number {
  const { otherwise, least, unlimited = false, most = Number.MAX_SAFE_INTEGER } = rule;
  if (value === undefined) return otherwise;
  if (value === Number.POSITIVE_INFINITY && unlimited) return value;
  if (typeof value === "number" && Number.isInteger(value) && value >= least && value <= most) return value;
  const isTooGreat = typeof value === "number" && value > most;
  const range = most === Number.MAX_SAFE_INTEGER && !isTooGreat ? `of at least ${least}` : `from ${least} to ${most}`;
  throw wrongOption(name, `a whole number ${range}${unlimited ? " or Infinity" : ""}`, value);
}

/** One of a few values. */
export function choiceOption<T extends string>(name: string, value: unknown, choices: readonly T[], otherwise?: T): T {
  if (value === undefined && otherwise !== undefined) return otherwise;
  if (choices.includes(value as T)) return value as T;
  throw wrongOption(name, choices.map((choice) => `"${choice}"`).join(" or "), value);
}

/** True or false. */
export function booleanOption(name: string, value: unknown, otherwise: boolean): boolean {
  if (value === undefined) return otherwise;
  if (typeof value === "boolean") return value;
  throw wrongOption(name, "true or false", value);
}

/** A function, or nothing. */
export function functionOption<T>(name: string, value: T | undefined): T | undefined {
  if (value === undefined || typeof value === "function") return value;
  throw wrongOption(name, "a function", value);
}

/** An object of options: rejects what is none, and names that nobody reads (a misspelt limit protects nothing). */
export function checkOptionNames(owner: string, options: unknown, known: ReadonlySet<string>): void {
  const isPlain = typeof options === "object" && options !== null && !(Symbol.iterator in options || "then" in options);
  if (!isPlain) throw wrongOption(`the options of ${owner}`, "an object", options);
  for (const name of Object.keys(options)) {
    if (!known.has(name)) throw new UsageError("WS_OPTION", `${owner} has no option ${shown(name)}`);
  }
}

/** Tells whether an object is as `{}` makes them, in any realm, or has no prototype at all. */
export function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
