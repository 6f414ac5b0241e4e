// An echo server that counts: tsc, then node echo.js [port]
import { createServer, type ServerOptions, type Socket } from "wsimd/node";

interface Visitor {
  count: number;
}

const options: ServerOptions<Visitor> = {
  open(socket) {
    socket.data = { count: 0 };
  },
  message(socket: Socket<Visitor>, data: string | Uint8Array, isBinary: boolean) {
    if (socket.data !== undefined) socket.data.count++;
    socket.send(data, { binary: isBinary });
  },
};

const server = createServer(options);
const address = await server.listen({ port: Number(process.argv[2] ?? 8080), host: "127.0.0.1" });
console.log(`ws://127.0.0.1:${address.port}`);
