// The request that a client makes: whose connection it is, who finishes it, and how it is redirected.

import { once } from "node:events";
import { Agent, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { connect } from "node:net";
import type { Loose } from "../../implementations.ts";
import type { Scenarios, Scene } from "../../scenario.ts";
import { closed, dial, listen, watch } from "../../support.ts";

/** A server that answers requests by redirects to what `target` says. */
async function redirecting(scene: Scene, target: (url: string, port: number) => string, status = 302): Promise<number> {
  const server = createServer();
  server.on("upgrade", (request, socket) => {
    const { port } = server.address() as AddressInfo;
    scene.log("redirector", request.url, request.headers.authorization, request.headers.cookie);
    socket.end(`HTTP/1.1 ${status} Found\r\nLocation: ${target(request.url!, port)}\r\n\r\n`);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  scene.later(() => new Promise((resolve) => server.close(resolve)));
  return (server.address() as AddressInfo).port;
}

export const scenarios: Scenarios = {
  "an agent makes the connection": {
    covers: ["client option agent"],
    async run(scene) {
      const { url } = await listen(scene);
      class Mine extends Agent {
        override createConnection(...values: Loose[]): Loose {
          const [options] = values;
          scene.log("client", "agent asked for", options.host, options.path, typeof options.port);
          return (Agent.prototype as Loose).createConnection.apply(this, values);
        }
      }
      const agent = new Mine();
      const client = dial(scene, `${url}/x`, { agent });
      await once(client, "open");
      scene.log("client", "open", client.readyState);
      client.close();
      scene.log("client", "close", ...(await closed(client)));
      agent.destroy();
    },
  },

  "createConnection makes the connection": {
    covers: ["client option createConnection"],
    async run(scene) {
      const { url } = await listen(scene);
      const createConnection = (options: Loose) => {
        scene.log("client", "asked for", options.host, options.path, options.createConnection === createConnection);
        return connect({ host: options.host, port: options.port });
      };
      const client = dial(scene, `${url}/x?y`, { createConnection });
      await once(client, "open");
      client.close();
      scene.log("client", "close", ...(await closed(client)));
    },
  },

  "finishRequest ends the request": {
    covers: ["client option finishRequest"],
    async run(scene) {
      const { wss, url } = await listen(scene);
      const connected = once(wss, "connection");
      const finishRequest = (request: Loose, socket: Loose) => {
        scene.log("client", "finish", request.getHeader("upgrade"), socket.readyState, socket.url === `${url}/`);
        request.setHeader("X-Late", "yes");
        setImmediate(() => request.end());
      };
      const client = dial(scene, url, { finishRequest });
      const [, request] = (await connected) as Loose[];
      scene.log("server", request.headers["x-late"]);
      await once(client, "open");
    },
  },

  "a redirect is followed if asked to": {
    covers: ["client option followRedirects", "websocket.url", "event redirect"],
    async run(scene) {
      const { url } = await listen(scene);
      const port = await redirecting(scene, (path, own) =>
        path === "/1" ? `http://127.0.0.1:${own}/2` : `${url}/end`,
      );
      const client = dial(scene, `ws://127.0.0.1:${port}/1`, { followRedirects: true });
      client.on("redirect", (to: string, request: Loose) => {
        const shown = to.replace(/:\d+/, "");
        scene.log("client", "redirect", shown, to === client.url, request.path, client.readyState);
      });
      await once(client, "open");
      scene.log("client", "open", client.url === `${url}/end`);
    },
  },

  "a redirect is an unexpected response otherwise": {
    covers: ["client option followRedirects"],
    async run(scene) {
      const port = await redirecting(scene, () => "ws://127.0.0.1:1/");
      const client = dial(scene, `ws://127.0.0.1:${port}/`);
      const [error] = await once(client, "error");
      scene.log("client", error, (error as Error).message);
    },
  },

  "too many redirects, and redirects to nowhere": {
    covers: ["client option maxRedirects", "client option followRedirects"],
    async run(scene) {
      const targets: Record<string, string> = {
        "/loop": "/loop",
        "/scheme": "ftp://127.0.0.1",
        "/fragment": "/x#y",
        "/bad": "http://:0",
      };
      const port = await redirecting(scene, (path) => targets[path]!, 307);
      for (const path of Object.keys(targets)) {
        const client = dial(scene, `ws://127.0.0.1:${port}${path}`, { followRedirects: true, maxRedirects: 2 });
        watch(scene.log, "client", client);
        client.on("error", (error: Error) => scene.log("client", path, error.message));
        await closed(client);
      }
    },
  },

  "a redirect elsewhere goes without credentials": {
    covers: ["client option followRedirects", "event redirect", "client option headers"],
    async run(scene) {
      const options = { followRedirects: true, headers: { Cookie: "a=b", Authorization: "Basic YTpi", "X-Mine": "1" } };
      const { wss, url } = await listen(scene);
      wss.on("connection", (_: Loose, { headers }: Loose) => {
        scene.log("server", headers.authorization, headers.cookie, headers["x-mine"]);
      });
      const port = await redirecting(scene, (path, own) => (path === "/same" ? `ws://127.0.0.1:${own}/other` : url));
      for (const path of ["/same", "/other"]) {
        const client = dial(scene, `ws://127.0.0.1:${port}${path}`, options);
        await once(client, "open");
      }
      const listened = dial(scene, `ws://127.0.0.1:${port}/other`, options);
      listened.on("redirect", (_: string, request: Loose) => {
        scene.log("client", "with a listener", request.getHeader("authorization"), request.getHeader("cookie"));
      });
      await once(listened, "open");
      const fromUrl = dial(scene, `ws://a:b@127.0.0.1:${port}/same`, { followRedirects: true });
      await once(fromUrl, "open");
    },
  },

  "a listener of 'redirect' may close": {
    covers: ["event redirect", "websocket.close"],
    async run(scene) {
      const { url } = await listen(scene);
      const port = await redirecting(scene, () => url);
      const client = dial(scene, `ws://127.0.0.1:${port}`, { followRedirects: true });
      client.on("redirect", () => client.close());
      client.on("error", (error: Error) => scene.log("client", "error", error, error.message));
      client.on("open", () => scene.log("client", "open"));
      scene.log("client", "close", ...(await closed(client)));
    },
  },
};
