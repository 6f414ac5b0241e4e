// Talks to an echo server: node examples/client.mjs [url]
import { connect } from "wsimd/node";

const socket = await connect(process.argv[2] ?? "ws://127.0.0.1:8080");
for (const line of ["hello", "世界", "bye"]) socket.send(line);

for await (const message of socket) {
  console.log(message);
  if (message === "bye") socket.close(1000, "done");
}
console.log(`closed: ${socket.closeReport.received?.code ?? "without a Close"}`);
