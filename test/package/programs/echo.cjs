// An echo server: node echo.cjs [port]
const { createServer } = require("wsimd/node");

const server = createServer({
  message(socket, data, isBinary) {
    socket.send(data, { binary: isBinary });
  },
});

server.listen({ port: Number(process.argv[2] ?? 8080), host: "127.0.0.1" }).then(({ port }) => {
  console.log(`ws://127.0.0.1:${port}`);
});
