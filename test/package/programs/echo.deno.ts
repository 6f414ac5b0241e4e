// An echo server: deno run --allow-net echo.deno.ts [port]
import { createServer } from "npm:wsimd/deno";

const server = createServer({
  message(socket, data, isBinary) {
    socket.send(data, { binary: isBinary });
  },
});

const { port } = await server.listen({ port: Number(Deno.args[0] ?? 8080), host: "127.0.0.1" });
console.log(`ws://127.0.0.1:${port}`);
