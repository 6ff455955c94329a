import type Router from '@koa/router';
import type { Context } from 'koa';
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import type { Channel } from '../../domain/decision';
import { refuse } from '../http/refusal';
import { readSmallJson } from '../http/small-json';
import {
  parseDecision,
  parseListFilter,
  parseReasonField,
  parseReportQuery,
  requireReason,
} from './api-input';
import { commandAgent } from './command-agent';
import type { OperatorApi, SteerRequest } from './operator-api';

/** Mounts the operator API under `/api`; every route needs a token. */
export function mountApi(
  router: Router,
  { api, checkOperator }: { api: OperatorApi; checkOperator: (request: IncomingMessage) => Promise<string> },
): void {
  router.use('/api', async (ctx, next) => {
    // This check comes first: without a token, no answer may reveal whether an issue exists.
    ctx.state['operator'] = await checkOperator(ctx.req);
    await next();
  });
  router.get('/api/exports', async (ctx) => {
    ctx.body = await api.list(parseListFilter(ctx.query));
  });
  router.get('/api/exports/:issueId', async (ctx) => {
    const issueId = param(ctx, 'issueId');
    const detail = await api.show(issueId);
    if (!detail) throw refuse('no-such-export', { issueId });
    ctx.body = detail;
  });
  router.get('/api/exports/:issueId/report.:form', async (ctx) => sendReport(ctx, api));
  router.post('/api/exports/:issueId/decision', async (ctx) => {
    const decision = parseDecision(await readSmallJson(ctx.req));
    ctx.body = await api.decide({ ...decision, issueId: param(ctx, 'issueId'), ...sender(ctx) });
  });
  for (const action of ['pause', 'resume', 'cancel'] as const)
    router.post(`/api/exports/:issueId/${action}`, async (ctx) => steer(ctx, api, action));
  router.post('/api/exports/:issueId/again', async (ctx) => {
    const body = await readSmallJson(ctx.req);
    const { all = false } = body;
    if (typeof all !== 'boolean') throw refuse('not-a-boolean', { field: 'all' });
    const reason = parseReasonField(body);
    ctx.body = await api.again({ issueId: param(ctx, 'issueId'), all, ...sender(ctx), reason });
    ctx.status = 202;
  });
  router.post('/api/destinations/:destination/pause', async (ctx) => {
    const reason = parseReasonField(await readSmallJson(ctx.req));
    ctx.body = await api.pauseDestination({
      destination: param(ctx, 'destination'),
      ...sender(ctx),
      reason,
    });
  });
  router.post('/api/destinations/:destination/resume', async (ctx) => {
    ctx.body = await api.resumeDestination({ destination: param(ctx, 'destination'), ...sender(ctx) });
  });
  router.get('/api/labels/:labelId', async (ctx) => {
    ctx.body = await api.find(param(ctx, 'labelId'));
  });
  router.post('/api/deliveries/:sha256/replay', async (ctx) => {
    const { force = false } = await readSmallJson(ctx.req);
    if (typeof force !== 'boolean') throw refuse('not-a-boolean', { field: 'force' });
    ctx.body = await api.replay({ sha256: param(ctx, 'sha256'), force, by: operatorName(ctx) });
    ctx.status = 202;
  });
  router.post('/api/deliveries/:sha256/drop', async (ctx) => {
    const reason = requireReason(parseReasonField(await readSmallJson(ctx.req)), 'the request is dropped');
    ctx.body = await api.drop({ sha256: param(ctx, 'sha256'), by: operatorName(ctx), reason });
  });
}

async function steer(ctx: Context, api: OperatorApi, action: SteerRequest['action']): Promise<void> {
  const reason = parseReasonField(await readSmallJson(ctx.req));
  ctx.body = await api.steer({ issueId: param(ctx, 'issueId'), action, ...sender(ctx), reason });
  ctx.status = 202;
}

/** Streams a report as an attachment, so that no browser renders untrusted text as a page. */
async function sendReport(ctx: Context, api: OperatorApi): Promise<void> {
  const form = param(ctx, 'form');
  if (form !== 'json' && form !== 'csv') throw refuse('not-found', 'report');
  const file = await api.report(parseReportQuery(param(ctx, 'issueId'), form, ctx.query));
  ctx.set('Content-Type', form === 'json' ? 'application/json; charset=utf-8' : 'text/csv; charset=utf-8');
  ctx.set('Content-Disposition', `attachment; filename="${file.name}"`);
  ctx.length = file.bytes;
  ctx.body = Readable.from(file.content, { objectMode: false });
}

function param(ctx: Context, name: string): string {
  return (ctx as unknown as { params: Record<string, string | undefined> }).params[name] ?? '';
}

function operatorName(ctx: Context): string {
  return String(ctx.state['operator']);
}

/** A `requeue` command says so in its `User-Agent`. */
function sender(ctx: Context): { readonly by: string; readonly through: Channel } {
  return { by: operatorName(ctx), through: ctx.get('User-Agent') === commandAgent ? 'command' : 'api' };
}
