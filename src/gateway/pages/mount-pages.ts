import type { SteerAction } from '../../domain/decision';
import type Router from '@koa/router';
import type { Context } from 'koa';
import { parseListFilter } from '../api/api-input';
import { filterConditions } from '../api/list/filter-conditions';
import type { OperatorApi } from '../api/operator-api';
import type { Links } from '../links';
import type { OperatorCheck } from '../auth/operator-check';
import { type Refusal, refuse, toRefusal } from '../http/refusal';
import { sendLive, sendPage, seeOther } from './answers';
import { mountAssets } from './assets/assets';
import { awayPage } from './away-page';
import { parseDecisionForm, parseReasonForm, noticeName } from './decision-form';
import { exportLive, exportPage } from './export-page';
import { listLive, listPage } from './list-page';
import { pageHeaders } from './page-headers';
import { asLive, asPage, signedInOperator, param, requireSignIn } from './page-state';
import { createPaths, type Paths } from './paths';
import type { Typed } from './parts/question-part';
import { readForm } from './read-form';
import { faultMessage } from './refusal-page';
import { noticeSentence } from './said';
import { mountSignIn } from './sign-in-routes';

interface Deps {
  readonly api: OperatorApi;
  readonly operators: OperatorCheck;
  readonly paths: Paths;
  readonly links: Pick<Links, 'temporalList'>;
}

/** Mounts the pages: what the operator API can do, for people with a browser. */
export function mountPages(
  router: Router,
  { api, operators, links, publicUrl }: Omit<Deps, 'paths'> & { publicUrl: string },
): void {
  const deps: Deps = { api, operators, links, paths: createPaths(publicUrl) };
  const page = [pageHeaders(), asPage(deps)];
  const signedIn = [...page, requireSignIn(deps)];
  const live = [...page, asLive, requireSignIn(deps)];
  mountAssets(router);
  mountSignIn(router, page, deps);
  router.get('/', ...signedIn, async (ctx) => {
    const filter = parseListFilter(ctx.query);
    const inTemporal = links.temporalList(filterConditions(filter));
    sendPage(ctx, await listPage(pageFrame(ctx, deps), await api.list(filter), filter, inTemporal));
  });
  router.get('/live', ...live, async (ctx) => {
    const filter = parseListFilter(ctx.query);
    await sendLive(ctx, listLive(deps.paths, await api.list(filter), filter));
  });
  router.get('/exports/:issueId', ...signedIn, (ctx) => showExport(ctx, deps));
  router.get('/exports/:issueId/live', ...live, async (ctx) => {
    await sendLive(ctx, exportLive(deps.paths, await known(api, issueIdParam(ctx))));
  });
  for (const action of ['decision', 'pause', 'resume', 'cancel'] as const) {
    router.post(`/exports/:issueId/${action}`, ...signedIn, (ctx) =>
      action === 'decision' ? decide(ctx, deps) : steer(ctx, deps, action),
    );
    router.get(`/exports/:issueId/${action}`, ...signedIn, (ctx) =>
      seeOther(ctx, deps.paths.show(issueIdParam(ctx))),
    ); // where a refused form left the browser
  }
  router.post('/deliveries/:sha256/replay', ...signedIn, async (ctx) => {
    const { issue } = await readForm(ctx.req);
    await api.replay({ sha256: param(ctx, 'sha256'), force: false, by: signedInOperator(ctx) });
    seeOther(ctx, issue ? deps.paths.show(issue) : deps.paths.list, 'replayed');
  });
}

async function decide(ctx: Context, deps: Deps): Promise<void> {
  const form = await readForm(ctx.req);
  await orShowAgain(ctx, deps, form, async () => {
    const decision = parseDecisionForm(form);
    const decided = await deps.api.decide({
      ...decision,
      issueId: issueIdParam(ctx),
      by: signedInOperator(ctx),
    });
    seeOther(ctx, deps.paths.show(issueIdParam(ctx)), noticeName(decided, decision));
  });
}

async function steer(ctx: Context, deps: Deps, action: SteerAction): Promise<void> {
  const form = await readForm(ctx.req);
  await orShowAgain(ctx, deps, {}, async () => {
    await deps.api.steer({
      issueId: issueIdParam(ctx),
      action,
      by: signedInOperator(ctx),
      reason: parseReasonForm(form),
    });
    seeOther(ctx, deps.paths.show(issueIdParam(ctx)), action);
  });
}

/** A form that was refused is shown again with the reason, and nothing that was typed is lost. */
async function orShowAgain(ctx: Context, deps: Deps, typed: Typed, act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (error) {
    const refusal = toRefusal(error);
    if (refusal.status === 404 || refusal.status === 500) throw error;
    ctx.status = refusal.status;
    await showExport(ctx, deps, { typed, refusal });
  }
}

/** @param again what a person gave with a form that was refused, and why. */
async function showExport(
  ctx: Context,
  deps: Deps,
  again?: { typed: Typed; refusal: Refusal },
): Promise<void> {
  const issueId = issueIdParam(ctx);
  const frame = { ...pageFrame(ctx, deps), fault: again && faultMessage(again.refusal) };
  try {
    sendPage(ctx, await exportPage(frame, await known(deps.api, issueId), again?.typed));
  } catch (error) {
    const refusal = again?.refusal ?? toRefusal(error);
    if (refusal.status !== 503) throw refusal;
    ctx.status = 503;
    ctx.set(refusal.headers);
    sendPage(ctx, await awayPage(frame, issueId, refusal));
  }
}

async function known(api: OperatorApi, issueId: string) {
  const detail = await api.show(issueId);
  if (!detail) throw refuse('no-such-export', { issueId });
  return detail;
}

function pageFrame(ctx: Context, { paths }: Deps) {
  return { paths, operator: signedInOperator(ctx), said: noticeSentence(ctx.query['said']) };
}

function issueIdParam(ctx: Context): string {
  return param(ctx, 'issueId');
}
