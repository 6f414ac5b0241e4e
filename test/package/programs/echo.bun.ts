// An echo server: bun echo.bun.ts [port]
import { createServer } from "wsimd/bun";

const server = createServer({
  message(socket, data, isBinary) {
    socket.send(data, { binary: isBinary });
  },
});

const { port } = await server.listen({ port: Number(Bun.argv[2] ?? 8080), host: "127.0.0.1" });
console.log(`ws://127.0.0.1:${port}`);
