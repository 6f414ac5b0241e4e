// An echo server: node echo.mjs [port]
import { createServer } from "wsimd/node";

const server = createServer({
  message(socket, data, isBinary) {
    socket.send(data, { binary: isBinary });
  },
});

const { port } = await server.listen({ port: Number(process.argv[2] ?? 8080), host: "127.0.0.1" });
console.log(`ws://127.0.0.1:${port}`);
