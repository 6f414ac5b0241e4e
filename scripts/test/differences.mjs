// What differs by runtime: files that are not run on one, and tests that are known to fail there, each with its reason. Every
// run says what it left out. A run fails if a test that is known to fail passes: then its row goes.

/** Files that are not run. `files` are beginnings of paths below test/. */
export const notRun = [{ on: ["chromium"], files: ["web/sockets"], reason: "a page has no TCP" }];

/** Tests that fail, by their titles; in every suite of the file. */
export const knownFailures = [];

/** Why a file is not run on a runtime; undefined where it is. */
export function reasonNotToRun(runtime, name) {
  return notRun.find(({ on, files }) => on.includes(runtime) && files.some((start) => name.startsWith(start)))?.reason;
}

/** The titles of a file's tests that are known to fail on a runtime. */
export function knownFailuresOf(runtime, name) {
  return knownFailures.filter(({ on, file }) => on.includes(runtime) && file === name).flatMap(({ tests }) => tests);
}
