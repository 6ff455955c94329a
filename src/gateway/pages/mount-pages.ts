import type { SteerAction } from '../../domain/decision';
import type Router from '@koa/router';
import type { Context } from 'koa';
import { parseListFilter, requireReason } from '../api/api-input';
import { filterConditions } from '../api/list/filter-conditions';
import type { OperatorApi } from '../api/operator-api';
import type { Links } from '../links';
import type { OperatorCheck } from '../auth/operator-check';
import { type Refusal, refuse, toRefusal } from '../http/refusal';
import { sendLive, sendPage, seeOther } from './responses';
import { mountAssets } from './assets/mount-assets';
import { isUnavailable, unavailablePage } from './unavailable-page';
import { parseDecisionForm, parseReasonForm, flashName } from './decision-form';
import { exportLive, exportPage } from './export-page';
import { listLive, listPage } from './list-page';
import { pageHeaders } from './page-headers';
import { respondWithText, respondWithPages, signedInOperator, param, requireSignIn } from './page-middleware';
import { createPaths, type Paths } from './paths';
import type { Typed } from './parts/question-part';
import { readForm } from './read-form';
import { faultMessage } from './refusal-page';
import { flashMessage } from './flash-message';
import { mountSignIn } from './mount-sign-in';

interface Deps {
  readonly api: OperatorApi;
  readonly operators: OperatorCheck;
  readonly paths: Paths;
  readonly links: Pick<Links, 'temporalList'>;
}

/** Mounts the pages, which offer the operator API in a browser. */
export function mountPages(
  router: Router,
  { api, operators, links, publicUrl }: Omit<Deps, 'paths'> & { publicUrl: string },
): void {
  const deps: Deps = { api, operators, links, paths: createPaths(publicUrl) };
  const page = [pageHeaders(), respondWithPages(deps)];
  const signedIn = [...page, requireSignIn(deps)];
  const live = [...page, respondWithText, requireSignIn(deps)];
  mountAssets(router);
  mountSignIn(router, page, deps);
  router.get('/', ...signedIn, async (ctx) => {
    const filter = parseListFilter(ctx.query);
    const temporalUrl = links.temporalList(filterConditions(filter));
    sendPage(ctx, await listPage(pageFrame(ctx, deps), await api.list(filter), filter, temporalUrl));
  });
  router.get('/live', ...live, async (ctx) => {
    const filter = parseListFilter(ctx.query);
    await sendLive(ctx, listLive(deps.paths, await api.list(filter), filter));
  });
  router.get('/exports/:issueId', ...signedIn, (ctx) => showExport(ctx, deps));
  router.get('/exports/:issueId/live', ...live, async (ctx) => {
    await sendLive(ctx, exportLive(deps.paths, await showOrRefuse(api, issueIdParam(ctx))));
  });
  router.post('/exports/:issueId/decision', ...signedIn, (ctx) => decide(ctx, deps));
  router.post('/exports/:issueId/again', ...signedIn, (ctx) => askAgain(ctx, deps));
  for (const action of ['pause', 'resume', 'cancel'] as const)
    router.post(`/exports/:issueId/${action}`, ...signedIn, (ctx) => steer(ctx, deps, action));
  for (const action of ['decision', 'again', 'pause', 'resume', 'cancel'] as const)
    router.get(`/exports/:issueId/${action}`, ...signedIn, (ctx) =>
      seeOther(ctx, deps.paths.show(issueIdParam(ctx))),
    ); // a refused form leaves the browser at this address, so a reload must work
  router.post('/destinations/:destination/pause', ...signedIn, async (ctx) => {
    const reason = parseReasonForm(await readForm(ctx.req));
    const destination = param(ctx, 'destination');
    await api.pauseDestination({ destination, by: signedInOperator(ctx), through: 'page', reason });
    seeOther(ctx, deps.paths.list, 'destination-paused');
  });
  router.post('/destinations/:destination/resume', ...signedIn, async (ctx) => {
    await readForm(ctx.req);
    await api.resumeDestination({
      destination: param(ctx, 'destination'),
      by: signedInOperator(ctx),
      through: 'page',
    });
    seeOther(ctx, deps.paths.list, 'destination-resumed');
  });
  for (const action of ['pause', 'resume'])
    router.get(`/destinations/:destination/${action}`, ...signedIn, (ctx) => seeOther(ctx, deps.paths.list));
  router.post('/deliveries/:sha256/replay', ...signedIn, async (ctx) => {
    const { issue } = await readForm(ctx.req);
    await api.replay({ sha256: param(ctx, 'sha256'), force: false, by: signedInOperator(ctx) });
    seeOther(ctx, issue ? deps.paths.show(issue) : deps.paths.list, 'replayed');
  });
  for (const action of ['replay', 'drop'])
    router.get(`/deliveries/:sha256/${action}`, ...signedIn, (ctx) => seeOther(ctx, deps.paths.list));
  router.post('/deliveries/:sha256/drop', ...signedIn, async (ctx) => {
    const { issue, ...form } = await readForm(ctx.req);
    const reason = requireReason(parseReasonForm(form), 'the request is dropped');
    await api.drop({ sha256: param(ctx, 'sha256'), by: signedInOperator(ctx), reason });
    seeOther(ctx, issue ? deps.paths.show(issue) : deps.paths.list, 'dropped');
  });
}

async function decide(ctx: Context, deps: Deps): Promise<void> {
  const form = await readForm(ctx.req);
  await showAgainIfRefused(ctx, deps, form, async () => {
    const decision = parseDecisionForm(form);
    const decided = await deps.api.decide({
      ...decision,
      issueId: issueIdParam(ctx),
      by: signedInOperator(ctx),
      through: 'page',
    });
    seeOther(ctx, deps.paths.show(issueIdParam(ctx)), flashName(decided, decision));
  });
}

async function askAgain(ctx: Context, deps: Deps): Promise<void> {
  const form = await readForm(ctx.req);
  await showAgainIfRefused(ctx, deps, {}, async () => {
    const issueId = issueIdParam(ctx);
    const reason = parseReasonForm(form);
    const all = form['all'] !== undefined;
    await deps.api.again({ issueId, all, by: signedInOperator(ctx), through: 'page', reason });
    seeOther(ctx, deps.paths.show(issueId), 'again');
  });
}

async function steer(ctx: Context, deps: Deps, action: SteerAction): Promise<void> {
  const form = await readForm(ctx.req);
  await showAgainIfRefused(ctx, deps, {}, async () => {
    await deps.api.steer({
      issueId: issueIdParam(ctx),
      action,
      by: signedInOperator(ctx),
      through: 'page',
      reason: parseReasonForm(form),
    });
    seeOther(ctx, deps.paths.show(issueIdParam(ctx)), action);
  });
}

/** Shows a refused form again, with the reason and everything that the operator typed. */
async function showAgainIfRefused(
  ctx: Context,
  deps: Deps,
  typed: Typed,
  act: () => Promise<void>,
): Promise<void> {
  try {
    await act();
  } catch (error) {
    const refusal = toRefusal(error);
    if (refusal.status === 404 || refusal.status === 500) throw error;
    ctx.status = refusal.status;
    await showExport(ctx, deps, { typed, refusal });
  }
}

/** @param again the fields of the refused form, and the refusal. */
async function showExport(
  ctx: Context,
  deps: Deps,
  again?: { typed: Typed; refusal: Refusal },
): Promise<void> {
  const issueId = issueIdParam(ctx);
  const frame = { ...pageFrame(ctx, deps), fault: again && faultMessage(again.refusal) };
  try {
    sendPage(ctx, await exportPage(frame, await showOrRefuse(deps.api, issueId), again?.typed));
  } catch (error) {
    const refusal = again?.refusal ?? toRefusal(error);
    if (!isUnavailable(refusal)) throw refusal;
    ctx.status = refusal.status;
    ctx.set(refusal.headers);
    sendPage(ctx, await unavailablePage(frame, issueId, refusal));
  }
}

async function showOrRefuse(api: OperatorApi, issueId: string) {
  const detail = await api.show(issueId);
  if (!detail) throw refuse('no-such-export', { issueId });
  return detail;
}

function pageFrame(ctx: Context, { paths }: Deps) {
  return { paths, operator: signedInOperator(ctx), flash: flashMessage(ctx.query['said']) };
}

function issueIdParam(ctx: Context): string {
  return param(ctx, 'issueId');
}
