// Both ends of a connection in one program, joined by a function call in place of a network.
import { Connection } from "wsimd";

/** Carries what `from` has to say to `to`, and tells it of the end. */
function carry(from, to) {
  for (const octets of from.output()) to.receive(octets);
  if (from.transportAction !== "none") to.receiveEnd();
}

const server = new Connection({
  role: "server",
  handlers: {
    message: (connection, data) => connection.send(`you said ${data}`),
    close: (_connection, code, reason) => console.log(`server: closed ${code} ${reason}`),
  },
});
const client = new Connection({
  role: "client",
  handlers: { message: (_connection, data) => console.log(`client: ${data}`) },
});

client.send("hello, 世界");
carry(client, server);
carry(server, client);
client.close(1000, "done");
carry(client, server);
carry(server, client);
carry(client, server);
