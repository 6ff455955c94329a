// The image's health check. Exits with code 0 when the part of Requeue in this container reports that it is
// healthy.
//
//   node scripts/healthy.js                                   checks all three parts, of which one runs here
//   node scripts/healthy.js http://127.0.0.1:9464/readyz      checks this address
const { METRICS_PORT = 9464, PORT = 8080, SANDBOX_PORT = 8090 } = process.env;

const parts = [
  `http://127.0.0.1:${PORT}/readyz`, // gateway
  `http://127.0.0.1:${METRICS_PORT}/readyz`, // worker
  `http://127.0.0.1:${SANDBOX_PORT}/faults`, // sandbox
];
const urls = process.argv.length > 2 ? process.argv.slice(2) : parts;

void Promise.all(urls.map(check)).then((results) => {
  process.stdout.write(`${results.map(({ text }) => text).join('\n')}\n`); // `docker inspect` shows it
  process.exitCode = results.some(({ isHealthy }) => isHealthy) ? 0 : 1; // the other parts' ports refuse connections
});

async function check(url) {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(4000) }); // less than the health check's 5 s
    const text = `${url}: ${response.status} ${(await response.text()).slice(0, 500)}`;
    return { isHealthy: response.ok, text };
  } catch (error) {
    return { isHealthy: false, text: `${url}: ${error.cause?.code ?? error.message}` };
  }
}
