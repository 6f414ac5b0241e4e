// How a variable of the environment is read. Runtimes that refuse it have none.

/** A variable of the environment; undefined where it is unset, empty or refused. */
export function variable(name: string): string | undefined {
  try {
    return process.env[name] || undefined;
  } catch {
    return undefined;
  }
}
