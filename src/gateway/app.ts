import { defined } from '../collections/defined';
import Router from '@koa/router';
import type { RequestListener } from 'node:http';
import Koa from 'koa';
import type { Config } from '../config/config';
import type { PayloadStore } from '../payloads/payload-store';
import type { Logger } from '../telemetry/logger';
import { createGatewayMetrics, type GatewayMetrics, type GatewayState } from '../telemetry/metrics';
import { answerRefusals } from './http/answer-refusals';
import { logClosedConnections, logKoaError } from './http/closed-connections';
import { sendContinue } from './http/expect-continue';
import { webhookPath } from './http/webhook-path';
import { countDelivery } from './intake/count-delivery';
import { createReadiness, type Readiness } from './health';
import { createLinks, type Links } from './links';
import { mountApi } from './api/api-routes';
import type { OperatorApi } from './api/operator-api';
import { createOperatorCheck } from './auth/operator-check';
import { mountPages } from './pages/mount-pages';
import { refuse } from './http/refusal';
import { createStamps, type Stamp } from './intake/stamps';
import type { Dispatcher } from './dispatch/dispatcher';
import { minUploadRate, type UploadRate } from './http/upload-rate';
import { createWebhook } from './intake/webhook';

export interface GatewayDeps {
  readonly config: Pick<Config, 'webhookSecrets' | 'operators'> & {
    readonly gateway: Pick<Config['gateway'], 'maxBodyBytes' | 'publicUrl'>;
    readonly temporal: Pick<Config['temporal'], 'uiUrl'>;
  };
  /** Temporal's namespace, for links to its Web UI. */
  readonly namespace: string;
  readonly store: PayloadStore;
  readonly dispatcher: Pick<Dispatcher, 'dispatch' | 'temporalState'>;
  readonly api: OperatorApi;
  readonly logger: Logger;
  /** Shared with replays in this process, so that the stamps of all its requests strictly increase. */
  readonly stamps?: () => Promise<Stamp>;
  /** Default: `minUploadRate`. Tests set another rate. */
  readonly uploadRate?: UploadRate;
}

/**
 * Creates the gateway as a request listener for Node's HTTP server. It has no body parser: bodies are
 * streamed, because a delivery may have 1 GiB.
 */
export function createGateway(deps: GatewayDeps): RequestListener {
  // X-Forwarded-* headers are only claims by the sender, and the gateway needs none of them
  const app = new Koa({ proxy: false });
  app.use(logClosedConnections(deps.logger));
  app.use(answerRefusals(deps.logger));
  app.use(async (ctx, next) => {
    ctx.set({ 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' });
    if (ctx.req.httpVersion === '1.1' && ctx.req.headers.host === undefined)
      throw refuse('not-http', 'no-host');
    await next();
  });
  app.use(routes(deps).routes());
  app.on('error', (err: unknown, ctx?: Koa.Context) => logKoaError(deps.logger, err, ctx));
  const handle = app.callback();
  return (request, response) => void handle(request, response); // never rejects: Koa answers every error
}

function routes(deps: GatewayDeps): Router {
  const router = new Router();
  const readiness = createReadiness(deps);
  const metrics = createGatewayMetrics(async () => toGatewayState(await readiness()));
  const { publicUrl } = deps.config.gateway;
  const links = createLinks({ publicUrl, uiUrl: deps.config.temporal.uiUrl, namespace: deps.namespace });
  mountWebhook(router, deps, metrics, links);
  const operators = createOperatorCheck({ operators: deps.config.operators, publicUrl });
  mountApi(router, { api: deps.api, checkOperator: operators.api });
  mountPages(router, { api: deps.api, operators, publicUrl, links });
  mountHealth(router, readiness);
  mountMetrics(router, metrics);
  return router;
}

function mountWebhook(router: Router, deps: GatewayDeps, metrics: GatewayMetrics, links: Links): void {
  const webhook = createWebhook({
    secrets: deps.config.webhookSecrets,
    maxBodyBytes: deps.config.gateway.maxBodyBytes,
    uploadRate: deps.uploadRate ?? minUploadRate,
    stamps: deps.stamps ?? createStamps(deps.store),
    links,
    store: deps.store,
    dispatcher: deps.dispatcher,
    logger: deps.logger,
  });
  router.post(webhookPath, async (ctx) => {
    const { status, body } = await countDelivery(
      metrics,
      webhook(ctx.req, () => sendContinue(ctx.req, ctx.res)),
    );
    ctx.status = status;
    ctx.body = body;
  });
}

function mountHealth(router: Router, readiness: () => Promise<Readiness>): void {
  router.get('/healthz', (ctx) => {
    ctx.body = { status: 'ok' };
  });
  router.get('/readyz', async (ctx) => {
    const state = await readiness();
    ctx.status = state.status === 'ready' ? 200 : 503;
    if (ctx.status === 503) ctx.set('Retry-After', '5'); // in seconds; probes usually run this often
    ctx.body = state;
  });
}

function mountMetrics(router: Router, metrics: GatewayMetrics): void {
  router.get('/metrics', async (ctx) => {
    ctx.body = await metrics.text();
    ctx.type = metrics.contentType;
  });
}

function toGatewayState({ status, temporal, inbox }: Readiness): GatewayState {
  return {
    storeReady: status === 'ready',
    temporalReachable: temporal.reachable,
    ...defined({ inbox }),
  };
}
