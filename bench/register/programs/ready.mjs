// What the programs beside this file share: the port is said, and the process ends when its input does.

export function ready(port) {
  process.stdin.on("end", () => process.exit()).resume();
  console.log(port);
}
