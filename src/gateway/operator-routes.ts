import type Router from '@koa/router';
import type { IncomingMessage } from 'node:http';
import { Refusal } from './refusal';
import { readSmallJson } from './small-json';

/** What an operator may ask of the gateway. Each throws a `Refusal` for what it does not do. */
export interface OperatorApi {
  /** Where an issue's export stands; undefined when there was never one. */
  exportProgress(issueId: string): Promise<unknown>;
  /** Asks again for a delivery that is kept. */
  replay(wish: { readonly sha256: string; readonly force: boolean; readonly by: string }): Promise<unknown>;
}

/** Mounts the operator API; every route needs a token. */
export function mountOperatorRoutes(
  router: Router,
  { api, checkOperator }: { api: OperatorApi; checkOperator: (request: IncomingMessage) => string },
): void {
  router.get('/api/exports/:issueId', async (ctx) => {
    checkOperator(ctx.req);
    const issueId = ctx.params['issueId'] ?? '';
    const progress = await api.exportProgress(issueId);
    if (progress === undefined) throw new Refusal(404, 'no-such-export', `no export is known of the issue ${JSON.stringify(issueId)}.`);
    ctx.body = progress;
  });
  router.post('/api/deliveries/:sha256/replay', async (ctx) => {
    const by = checkOperator(ctx.req);
    const sha256 = ctx.params['sha256'] ?? '';
    const { force = false } = await readSmallJson(ctx.req);
    if (typeof force !== 'boolean') throw new Refusal(400, 'not-a-boolean', 'expected force to be true or false.');
    ctx.body = await api.replay({ sha256, force, by });
    ctx.status = 202;
  });
}
