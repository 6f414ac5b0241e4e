// Which kernel a thread gets. The choice is kept for the thread, so each case has a process of its own.

import { execFileSync } from "node:child_process";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { programFile } from "../support/programs.ts";
import { withoutJit } from "../support/runtime.ts";

const select = JSON.stringify(new URL("../../bindings/kernel/select.js", import.meta.url));

interface Surroundings {
  /** Statements to run before select.ts is loaded. */
  readonly before?: string;
  readonly start?: { readonly options: readonly string[]; readonly env: Readonly<Record<string, string>> };
}

/** What a program prints, as JSON, after it has run in a fresh process with select.ts as `select`. */
function run(program: string, { before = "", start = { options: [], env: {} } }: Surroundings = {}): unknown {
  const source = `${before}; const select = await import(${select}); const print = (value) => console.log(JSON.stringify(value)); ${program}`;
  const printed = execFileSync(process.execPath, [...start.options, programFile(source)], {
    encoding: "utf8",
    env: { ...process.env, ...start.env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  return JSON.parse(printed);
}

const caught =
  "const caught = (f) => { try { f(); return null } catch (e) { return [e.name, e.code, e.cause !== undefined] } };";

/** WebAssembly as a strict Content-Security-Policy leaves it: it is there, it validates, and it compiles nothing. */
const refusing = `
  globalThis.tries = 0;
  const construct = () => { globalThis.tries++; throw new WebAssembly.CompileError("refused"); };
  WebAssembly.Module = new Proxy(WebAssembly.Module, { construct });`;

const test = suite("select");

test("takes WebAssembly by itself, at first use, and keeps it", () => {
  const program =
    "const first = select.currentKernel(); print([first.name, select.currentKernel() === first, select.initSync(), select.currentKernel() === first])";
  assert.equal(run(program), ["wasm", true, "wasm", true]);
});

test("initSync chooses by name, and makes each kernel once", () => {
  const program = `
    const names = ["scalar", "wasm", "auto", "scalar", undefined].map((kernel) => select.initSync({ kernel }));
    const twice = ["wasm", "scalar"].map((kernel) => {
      const kernels = [1, 2].map(() => { select.initSync({ kernel }); return select.currentKernel(); });
      return kernels[0] === kernels[1] && kernels[0].name === kernel;
    });
    print([names, twice])`;
  assert.equal(run(program), [
    ["scalar", "wasm", "wasm", "scalar", "wasm"],
    [true, true],
  ]);
});

test("init does what initSync does", () => {
  assert.equal(run('print([await select.init({ kernel: "scalar" }), select.currentKernel().name])'), [
    "scalar",
    "scalar",
  ]);
});

test("takes a module that was compiled elsewhere, even where compiling is refused", () => {
  const before = `
    const { moduleBase64 } = await import(${select.replace("select.js", "module.js")});
    const module = await WebAssembly.compile(Buffer.from(moduleBase64, "base64")); ${refusing}`;
  assert.is(run('print(select.initSync({ kernel: "wasm", module }))', { before }), "wasm");
});

test("a wrong module is refused, and does not stand in the way of the right one", () => {
  const program = `${caught}
    const module = await WebAssembly.compile(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0));
    const error = caught(() => select.initSync({ kernel: "wasm", module }));
    print([error, select.initSync({ kernel: "wasm" })])`;
  assert.equal(run(program), [["UsageError", "WS_KERNEL_REFUSED", true], "wasm"]);
});

test("throws a UsageError with code WS_OPTION for an unknown name, and changes nothing", () => {
  const program = `${caught}
    select.initSync({ kernel: "scalar" });
    const errors = ["simd", "WASM", "", null, 1, "constructor", {}].map((kernel) => caught(() => select.initSync({ kernel })));
    print([errors, select.currentKernel().name])`;
  assert.equal(run(program), [Array(7).fill(["UsageError", "WS_OPTION", false]), "scalar"]);
});

const refusals: Record<string, Surroundings> = {
  "where WebAssembly is absent": { before: "delete globalThis.WebAssembly" },
  "without a JIT": { start: withoutJit },
  "where compiling is refused": { before: refusing },
};

for (const [name, surroundings] of Object.entries(refusals)) {
  test(`auto falls back to scalar ${name}`, () => {
    const program = "print([select.currentKernel().name, select.initSync(), select.initSync({ kernel: 'auto' })])";
    assert.equal(run(program, surroundings), ["scalar", "scalar", "scalar"]);
  });

  test(`throws a UsageError with code WS_KERNEL_REFUSED and a cause for "wasm" ${name}`, () => {
    const program = `${caught} print([caught(() => select.initSync({ kernel: "wasm" })), select.currentKernel().name])`;
    assert.equal(run(program, surroundings), [["UsageError", "WS_KERNEL_REFUSED", true], "scalar"]);
  });

  test(`the scalar kernel works ${name}`, () => {
    const program =
      "const { validateUtf8, octets, scratchPtr } = select.currentKernel(); octets.set([0xc3, 0xa9], scratchPtr); print(validateUtf8(scratchPtr, 2, 0))";
    assert.is(run(program, surroundings), 0);
  });
}

test("tries what is refused exactly once: every try may be reported as a violation", () => {
  const program = `${caught}
    select.currentKernel(); select.initSync(); select.initSync({ kernel: "auto" });
    caught(() => select.initSync({ kernel: "wasm" })); select.initSync({ kernel: "scalar" }); select.initSync();
    print(globalThis.tries)`;
  assert.is(run(program, { before: refusing }), 1);
});

test.run();
