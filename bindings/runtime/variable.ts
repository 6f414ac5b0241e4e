// How a variable of the environment is read. Runtimes that refuse it have none.

interface DenoPermissions {
  readonly permissions: { querySync(descriptor: object): { readonly state: string } };
}

/** Whether it may be read: Deno would ask its user, who has not heard of it. */
function mayRead(name: string): boolean {
  const { Deno: deno } = globalThis as { readonly Deno?: DenoPermissions };
  return deno === undefined || deno.permissions.querySync({ name: "env", variable: name }).state === "granted";
}

/** A variable of the environment; undefined where it is unset, empty or refused. */
export function variable(name: string): string | undefined {
  try {
    return mayRead(name) ? process.env[name] || undefined : undefined;
  } catch {
    return undefined;
  }
}
