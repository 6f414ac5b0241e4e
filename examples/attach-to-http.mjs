// Pages and WebSockets on one port: node examples/attach-to-http.mjs [port]
import { createServer as createHttpServer } from "node:http";
import { createServer } from "wsimd/node";

const http = createHttpServer((request, response) => {
  response.setHeader("Content-Type", "text/plain; charset=utf-8");
  response.end(`a page: ${request.url}\n`);
});

const server = createServer({
  upgrade(request, { origin, remoteAddress }) {
    if (request.headers.has("x-banned")) return { httpStatus: 403, body: "not you\n" };
    return { data: { origin, remoteAddress } };
  },
  message(socket, data, isBinary) {
    socket.send(data, { binary: isBinary });
  },
});
server.attach(http, { path: "/" });

http.listen(Number(process.argv[2] ?? process.env.PORT ?? 8080), "127.0.0.1", () => {
  console.log(`ws://127.0.0.1:${http.address().port}`);
});

process.once("SIGINT", () => server.close().then(() => http.close()));
process.once("SIGTERM", () => server.close().then(() => http.close()));
