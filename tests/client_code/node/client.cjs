// A client that knows of no proxy: Node's fetch, the JSON of one page, its status.
const [url, key] = process.argv.slice(2);

fetch(url, { headers: { "X-API-Key": key } }).then(
  async (reply) => console.log(reply.status, (await reply.json()).success),
  (error) => console.log(error.cause?.message ?? String(error)),
);
