import type Router from '@koa/router';
import type { Middleware } from 'koa';
import type { OperatorCheck } from '../auth/operator-check';
import { toRefusal } from '../http/refusal';
import { seeOther, sendPage } from './responses';
import type { Paths } from './paths';
import { readForm } from './read-form';
import { faultMessage } from './refusal-page';
import { flashMessage } from './flash-message';
import { signInPage } from './sign-in-page';

export function mountSignIn(
  router: Router,
  page: readonly Middleware[],
  { operators, paths }: { operators: OperatorCheck; paths: Paths },
): void {
  router.get('/sign-in', ...page, async (ctx) => {
    const next = safeNextPath(ctx.query['next']);
    if ((await operators.page(ctx.req)) !== undefined) return seeOther(ctx, paths.below(next ?? '/'));
    sendPage(ctx, await signInPage({ paths, next: next ?? '', flash: flashMessage(ctx.query['said']) }));
  });
  router.post('/sign-in', ...page, async (ctx) => {
    const { token = '', next: requested } = await readForm(ctx.req);
    const next = safeNextPath(requested);
    try {
      ctx.set('Set-Cookie', await operators.signIn(ctx.req, token.trim()));
      seeOther(ctx, paths.below(next ?? '/'));
    } catch (error) {
      const refusal = toRefusal(error);
      ctx.status = refusal.status;
      sendPage(ctx, await signInPage({ paths, next: next ?? '', fault: faultMessage(refusal) }));
    }
  });
  router.post('/sign-out', ...page, (ctx) => {
    ctx.set('Set-Cookie', operators.signOut);
    seeOther(ctx, paths.signIn, 'signed-out');
  });
}

/**
 * Accepts only the paths of the list and of an export's page, so that no link can use the sign-in to redirect
 * to another site.
 */
function safeNextPath(path: unknown): string | undefined {
  return typeof path === 'string' && /^\/(exports\/[\w%.~!'()*-]+)?(\?[\w%.~&=+*-]*)?$/.test(path)
    ? path
    : undefined;
}
