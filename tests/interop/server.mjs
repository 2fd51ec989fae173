// The official Socket.IO server, driven line by line: commands as JSON on standard input, what happens as JSON on
// standard output. `node server.mjs '{"recovery": true, ...}'`; see OPTIONS. It listens on loopback only.
import { createServer } from "node:http";
import { createInterface } from "node:readline";
import { Server } from "socket.io";

const OPTIONS = {
  transports: ["polling", "websocket"], // of the server
  compress: false, // perMessageDeflate and httpCompression, from the first byte on
  recovery: 0, // connectionStateRecovery: for how long, ms
  pingInterval: 25000,
  pingTimeout: 20000,
  origin: null, // the only Origin that is let in
  refuse: null, // {status, headers, body}: every HTTP request is answered so
  stripUpgrade: false, // a relay that answers a WebSocket handshake as if it were an ordinary request
  connectError: null, // words of a middleware that turns every client down
  noNamespace: false, // whether "/" is none of its namespaces, so that nobody can connect to it
  path: "/socket.io",
};
const options = { ...OPTIONS, ...JSON.parse(process.argv[2] ?? "{}") };
const say = (what) => process.stdout.write(`${JSON.stringify(what)}\n`);

const http = createServer((request, response) => {
  response.writeHead(404, { "content-type": "text/plain" });
  response.end("not here");
});
const io = new Server({
  path: options.path,
  transports: options.transports,
  pingInterval: options.pingInterval,
  pingTimeout: options.pingTimeout,
  perMessageDeflate: options.compress ? { threshold: 0 } : false,
  httpCompression: options.compress ? { threshold: 0 } : false,
  maxHttpBufferSize: 1e7,
  allowRequest: (request, decide) => {
    say({ request: { method: request.method, url: request.url, headers: request.headers } });
    const stranger = options.origin !== null && request.headers.origin !== options.origin;
    decide(stranger ? "origin not allowed" : null, !stranger);
  },
  ...(options.recovery ? { connectionStateRecovery: { maxDisconnectionDuration: options.recovery } } : {}),
});

function answer(request, response) {
  const { status, headers = {}, body = "" } = options.refuse;
  say({ request: { method: request.method, url: request.url, headers: request.headers } });
  response.writeHead(status, headers);
  response.end(body);
}

if (options.refuse) {
  http.removeAllListeners("request");
  http.on("request", answer);
  http.on("upgrade", (request, socket) => {
    const { status, headers = {}, body = "" } = options.refuse;
    say({ request: { method: request.method, url: request.url, headers: request.headers } });
    const lines = Object.entries({ ...headers, "content-length": Buffer.byteLength(body), connection: "close" });
    socket.end(`HTTP/1.1 ${status} Refused\r\n${lines.map(([key, value]) => `${key}: ${value}\r\n`).join("")}\r\n${body}`);
  });
} else {
  io.attach(http);
  http.prependListener("request", (_, response) => {
    response.on("finish", () => say({ compressed: /content-encoding: gzip/i.test(response._header) }));
  });
  if (options.stripUpgrade) {
    http.removeAllListeners("upgrade");
    http.on("upgrade", (request, socket) => socket.end("HTTP/1.1 426 Upgrade Required\r\nconnection: close\r\n\r\n"));
  }
}

if (options.connectError) io.use((socket, next) => next(new Error(options.connectError)));
if (options.noNamespace) io._nsps.delete("/");
io.engine?.on("connection", (raw) => {
  say({ opened: raw.id, transport: raw.transport.name });
  raw.on("upgrade", (transport) => say({ upgraded: raw.id, transport: transport.name }));
  raw.on("packet", ({ type, data }) => say({ sent: type, data: data === undefined ? null : String(data) }));
  raw.on("close", (reason) => say({ closed: raw.id, reason }));
});
io.on("connection", (socket) => say({ connected: socket.id, recovered: socket.recovered }));

const commands = {
  // {emit: [name, ...arguments]} to every client; arguments that are {"$bytes": "base64"} are binary.
  emit: ([name, ...args]) => io.emit(name, ...args.map((arg) => (arg?.$bytes ? Buffer.from(arg.$bytes, "base64") : arg))),
  // The same, to be dropped where a client is not ready: such an event has no recovery offset.
  volatile: ([name, ...args]) => io.volatile.emit(name, ...args),
  // With an acknowledgement asked for; what is answered is printed.
  ask: ([name, ...args]) => io.timeout(500).emit(name, ...args, (error, answers) => say({ asked: name, answers: error ? null : answers })),
  // Cut the connections without a word, as a network does.
  drop: () => {
    for (const client of Object.values(io.engine.clients)) {
      if (client.transport.name === "websocket") client.transport.socket.terminate();
      else client.close(true);
    }
  },
  // The server's own goodbye.
  disconnect: () => io.disconnectSockets(true),
  kick: () => io.disconnectSockets(false),
  // A marker: everything before it was handled.
  mark: (value) => say({ mark: value }),
};
createInterface({ input: process.stdin }).on("line", (line) => {
  const [[name, value]] = Object.entries(JSON.parse(line));
  commands[name](value);
}).on("close", () => process.exit(0));

http.listen(0, "127.0.0.1", () => say({ listening: http.address().port }));
