// Has fetch go through HTTPS_PROXY, as Node 24 does by NODE_USE_ENV_PROXY=1: the class
// of its own dispatcher, which makes connections, is given what opens a tunnel first.
const http = require("node:http");
const tls = require("node:tls");

fetch("data:,").then(() => {});  // Node makes its dispatcher at the first call
const named = Symbol.for("undici.globalDispatcher.1");
const Agent = globalThis[named].constructor;
const proxy = new URL(process.env.HTTPS_PROXY);

function connect({ hostname, port }, done) {
  const path = `${hostname}:${port || 443}`;
  http
    .request({ host: proxy.hostname, port: proxy.port, method: "CONNECT", path })
    .on("connect", (reply, socket) => {
      if (reply.statusCode !== 200) return done(new Error(reply.statusMessage), null);
      const secure = tls.connect({ socket, servername: hostname, ALPNProtocols: ["h2", "http/1.1"] });
      secure.on("secureConnect", () => done(null, secure)).on("error", (error) => done(error, null));
    })
    .on("error", (error) => done(error, null))
    .end();
}

globalThis[named] = new Agent({ connect });
