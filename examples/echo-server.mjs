// An echo server: node examples/echo-server.mjs [port]
import { createServer } from "wsimd/node";

const server = createServer({
  message(socket, data, isBinary) {
    socket.send(data, { binary: isBinary });
  },
  error(_socket, error) {
    console.error(error);
  },
  close(_socket, code, reason) {
    console.log(`closed: ${code} ${reason}`);
  },
});

const { port } = await server.listen({ host: "127.0.0.1", port: Number(process.argv[2] ?? process.env.PORT ?? 8080) });
console.log(`ws://127.0.0.1:${port}`);

process.once("SIGINT", () => server.close());
process.once("SIGTERM", () => server.close());
