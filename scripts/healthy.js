// Exits 0 when the part of Requeue that runs in this container answers that it is well: the image's health check.
//
//   node scripts/healthy.js                                   gateway, worker or sandbox, whichever it is
//   node scripts/healthy.js http://127.0.0.1:9464/readyz      this one
const { METRICS_PORT = 9464, PORT = 8080, SANDBOX_PORT = 8090 } = process.env;

const parts = [
  `http://127.0.0.1:${PORT}/readyz`, // gateway
  `http://127.0.0.1:${METRICS_PORT}/readyz`, // worker
  `http://127.0.0.1:${SANDBOX_PORT}/faults`, // sandbox
];
const asked = process.argv.length > 2 ? process.argv.slice(2) : parts;

void Promise.all(asked.map(ask)).then((answers) => {
  process.stdout.write(`${answers.map(({ said }) => said).join('\n')}\n`); // docker inspect shows it
  process.exitCode = answers.some(({ well }) => well) ? 0 : 1; // one runs here; the ports of the others refuse
});

/** Asks one page; a container that runs another part refuses the connection. */
async function ask(url) {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(4000) }); // under the health check's own time-out
    return { well: response.ok, said: `${url}: ${response.status} ${(await response.text()).slice(0, 500)}` };
  } catch (error) {
    return { well: false, said: `${url}: ${error.cause?.code ?? error.message}` };
  }
}
