// Which kernel a thread gets. The choice is kept for the thread, so each case has a process of its own.

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { packageRoot, programFile } from "../support/programs.ts";
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

/** The octets of the module, and the module as somebody else compiled it. */
const compiled = `
  const { moduleBase64 } = await import(${select.replace("select.js", "module.js")});
  const octets = Buffer.from(moduleBase64, "base64");
  const module = await WebAssembly.compile(octets);`;

/** WebAssembly as it is, but that it counts what is compiled at once. */
const counting = `
  globalThis.tries = 0;
  WebAssembly.Module = new Proxy(WebAssembly.Module, { construct: (...args) => { globalThis.tries++; return Reflect.construct(...args); } });`;

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
  for (const kernel of ["auto", "wasm"]) {
    const program = `print([select.initSync({ kernel: "${kernel}", module }), select.currentKernel().name])`;
    assert.equal(run(program, { before: `${compiled} ${refusing}` }), ["wasm", "wasm"], kernel);
  }
});

test("takes a compiled module also after compiling was refused, for what is made from then on", () => {
  const program = "print([select.initSync(), select.initSync({ module }), select.initSync()])";
  assert.equal(run(program, { before: `${compiled} ${refusing}` }), ["scalar", "wasm", "wasm"]);
});

test("a module that is not ours is a UsageError whichever kernel is asked for, and does not stand in the way", () => {
  const program = `
    const told = (options) => { try { return select.initSync(options) } catch (e) { return [e.name, e.code, e.message] } };
    const empty = await WebAssembly.compile(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0));
    print([...["auto", "wasm", "scalar", undefined].map((kernel) => told({ kernel, module: empty })), select.initSync()])`;
  const message = "module must be the one that wsimd/wasm gives: it does not export memory";
  assert.equal(run(program), [...Array(4).fill(["UsageError", "WS_OPTION", message]), "wasm"]);
});

test("the module of another version is refused, and says which it is; one whose mark was stripped is taken", () => {
  const program = `
    const told = (options) => { try { return select.initSync(options) } catch (e) { return e.message } };
    const marked = octets.subarray(octets.indexOf("wsimd") - 3);
    const other = Buffer.concat([octets.subarray(0, -marked.length), marked.map((octet) => octet === 0x40 ? 0x2b : octet)]);
    const stripped = octets.subarray(0, -marked.length);
    const [of, without] = await Promise.all([other, stripped].map((octets) => WebAssembly.compile(octets)));
    print([String(marked), told({ module: of }), told({ module: without })])`;
  const { version } = JSON.parse(readFileSync(join(packageRoot, "package.json"), "utf8")) as { version: string };
  assert.equal(run(program, { before: compiled }), [
    `\0\x11\x05wsimdwsimd@${version}`,
    `module must be the one that wsimd/wasm gives: it is that of wsimd+${version}, and this is wsimd@${version}`,
    "wasm",
  ]);
});

test("what is no module is a UsageError that says what it is and how to make one", () => {
  const program = `
    const told = (module) => { try { return select.initSync({ module }) } catch (e) { return [e.code, /not ([\\w. ]+): pass what WebAssembly.compileStreaming/.exec(e.message)?.[1]] } };
    const instance = new WebAssembly.Instance(module, {});
    print([new Response(octets), new Uint8Array(octets).buffer, octets, WebAssembly.compile(octets), instance, "wsimd.wasm", null, () => {}].map(told))`;
  const kinds = [
    "Response",
    "ArrayBuffer",
    "Uint8Array",
    "Promise",
    "WebAssembly.Instance",
    "String",
    "Null",
    "Function",
  ];
  assert.equal(
    run(program, { before: compiled }),
    kinds.map((kind) => ["WS_OPTION", kind]),
  );
});

test("takes a module of another realm, given or with a platform's entry, as sandboxes import it", () => {
  const foreign = `
    const { runInNewContext } = await import("node:vm");
    const other = runInNewContext("new WebAssembly.Module(octets)", { octets: new Uint8Array(octets) });
    const isForeign = !(other instanceof WebAssembly.Module);`;
  const before = `${compiled} ${foreign} ${refusing}`;
  assert.equal(run("print([isForeign, select.initSync({ module: other })])", { before }), [true, "wasm"]);
  const program = "select.provideModule(other); print([isForeign, select.currentKernel().name])";
  assert.equal(run(program, { before }), [true, "wasm"]);
});

test("init rejects where initSync throws", () => {
  const program = "print(await select.init({ module: {} }).then(() => null, (error) => [error.name, error.code]))";
  assert.equal(run(program), ["UsageError", "WS_OPTION"]);
});

test("where there is no WebAssembly nothing is a module", () => {
  const program = `${caught} print([caught(() => select.initSync({ module: {} })), select.initSync()])`;
  assert.equal(run(program, { before: "delete globalThis.WebAssembly" }), [
    ["UsageError", "WS_OPTION", false],
    "scalar",
  ]);
});

const provided: Record<string, string> = {
  "where compiling is refused": refusing,
  "and compiles nothing where that is not refused": counting,
};

for (const [name, before] of Object.entries(provided)) {
  test(`uses the module that came with a platform's entry, by itself, ${name}`, () => {
    const program = "select.provideModule(module); print([select.currentKernel().name, select.initSync(), tries])";
    assert.equal(run(program, { before: `${compiled} ${before}` }), ["wasm", "wasm", 0]);
  });
}

test("what came with a platform's entry and is not ours is left: the inlined module serves, or the scalar twin", () => {
  const others = `for (const other of [octets, undefined, {}, new WebAssembly.Instance(module, {}), "wsimd.wasm"]) select.provideModule(other);`;
  const program = `${others} print(select.currentKernel().name)`;
  assert.is(run(program, { before: compiled }), "wasm");
  assert.is(run(program, { before: `${compiled} ${refusing}` }), "scalar");
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
