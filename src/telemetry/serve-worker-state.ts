import { createServer, type Server, type ServerResponse } from 'node:http';
import { request } from 'undici';

export interface WorkerStateOptions {
  readonly host: string;
  readonly port: number;
  /** Returns all workers of this process. */
  readonly workers: () => readonly { readonly taskQueue: string; readonly state: string }[];
  /** `host:port` of the SDK's own exporter, which serves `/metrics`. */
  readonly coreMetrics: string;
}

/** In ms. The SDK's exporter answers from memory on this machine, so 2 s are enough. */
const exporterMs = 2000;

/**
 * Serves the worker's state on one port. `/healthz` answers 200 while the process runs, `/readyz` while every
 * worker polls. `/metrics` serves the SDK's metrics.
 */
export async function serveWorkerState(options: WorkerStateOptions): Promise<Server> {
  const server = createServer((incoming, response) => {
    if (incoming.url === '/healthz') answer(response, 200, { status: 'ok' });
    else if (incoming.url === '/readyz') answerReadiness(response, options.workers());
    else if (incoming.url === '/metrics') void answerMetrics(response, options.coreMetrics);
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve, reject) =>
    server.once('error', reject).listen(options.port, options.host, resolve),
  );
  return server;
}

function answerReadiness(response: ServerResponse, workers: ReturnType<WorkerStateOptions['workers']>): void {
  const ready = workers.length > 0 && workers.every(({ state }) => state === 'RUNNING');
  answer(response, ready ? 200 : 503, { status: ready ? 'ready' : 'not-ready', workers });
}

async function answerMetrics(response: ServerResponse, address: string): Promise<void> {
  try {
    const { body } = await request(`http://${address}/metrics`, {
      headersTimeout: exporterMs,
      bodyTimeout: exporterMs,
    });
    response
      .writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' })
      .end(await body.text());
  } catch {
    answer(response, 503, {
      error: 'no-metrics',
      message: "The SDK's metrics exporter does not answer now.",
    });
  }
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(body));
}
