import type { Context, Middleware } from 'koa';
import type { OperatorCheck } from '../auth/operator-check';
import { type Refusal, refuse } from '../http/refusal';
import { seeOther } from './responses';
import type { Paths } from './paths';
import { faultMessage, refusalPage } from './refusal-page';

interface Deps {
  readonly operators: OperatorCheck;
  readonly paths: Paths;
}

/** Renders refusals as pages, and refuses requests from another site, including sign-ins. */
export function respondWithPages({ operators, paths }: Deps): Middleware {
  return async (ctx, next) => {
    ctx.state['refusalAs'] = (refusal: Refusal) => {
      ctx.type = 'text/html; charset=utf-8';
      return refusalPage(paths, refusal, ctx.state['operator'] as string | undefined);
    };
    operators.sameOrigin(ctx.req);
    await next();
  };
}

/** Renders refusals of the live parts as one sentence of plain text, which the script shows. */
export async function respondWithText(ctx: Context, next: () => Promise<void>): Promise<void> {
  ctx.state['isLive'] = true;
  ctx.state['refusalAs'] = (refusal: Refusal) => {
    ctx.type = 'text/plain; charset=utf-8';
    return faultMessage(refusal);
  };
  await next();
}

/** Must come before every other check: without a sign-in, no answer may reveal whether an issue exists. */
export function requireSignIn({ operators, paths }: Deps): Middleware {
  return async (ctx, next) => {
    const operator = await operators.page(ctx.req);
    ctx.state['operator'] = operator;
    if (operator !== undefined) {
      await next();
      return;
    }
    if (ctx.state['isLive'] === true) throw refuse('token-missing', 'page');
    const query =
      ctx.method === 'GET' && ctx.url !== '/' ? `?${new URLSearchParams({ next: ctx.url }).toString()}` : '';
    seeOther(ctx, `${paths.signIn}${query}`);
  };
}

/** The signed-in operator's name. Only for routes behind `requireSignIn`. */
export function signedInOperator(ctx: Context): string {
  return String(ctx.state['operator']);
}

/** @returns a decoded parameter of the path. */
export function param(ctx: Context, name: string): string {
  return (ctx as unknown as { params: Record<string, string | undefined> }).params[name] ?? '';
}
