import type { Context, Middleware } from 'koa';
import type { OperatorCheck } from '../auth/operator-check';
import { type Refusal, refuse } from '../http/refusal';
import { seeOther } from './answers';
import type { Paths } from './paths';
import { faultMessage, refusalPage } from './refusal-page';

interface Deps {
  readonly operators: OperatorCheck;
  readonly paths: Paths;
}

/** Refusals become pages, and another site's requests are refused, those of a sign-in too. */
export function asPage({ operators, paths }: Deps): Middleware {
  return async (ctx, next) => {
    ctx.state['refusalAs'] = (refusal: Refusal) => {
      ctx.type = 'text/html; charset=utf-8';
      return refusalPage(paths, refusal, ctx.state['operator'] as string | undefined);
    };
    operators.sameOrigin(ctx.req);
    await next();
  };
}

/** For what the script asks for: refusals are a sentence, which it shows. */
export async function asLive(ctx: Context, next: () => Promise<void>): Promise<void> {
  ctx.state['isLive'] = true;
  ctx.state['refusalAs'] = (refusal: Refusal) => {
    ctx.type = 'text/plain; charset=utf-8';
    return faultMessage(refusal);
  };
  await next();
}

/** Before anything else: without a sign-in nothing tells whether an issue exists. */
export function requireSignIn({ operators, paths }: Deps): Middleware {
  return async (ctx, next) => {
    const operator = await operators.page(ctx.req);
    ctx.state['operator'] = operator;
    if (operator !== undefined) {
      await next();
      return;
    }
    if (ctx.state['isLive'] === true) throw refuse('token-missing', 'page');
    const back =
      ctx.method === 'GET' && ctx.url !== '/' ? `?${new URLSearchParams({ next: ctx.url }).toString()}` : '';
    seeOther(ctx, `${paths.signIn}${back}`);
  };
}

/** Who is signed in, behind `requireSignIn`. */
export function signedInOperator(ctx: Context): string {
  return String(ctx.state['operator']);
}

/** A part of the path, decoded. */
export function param(ctx: Context, name: string): string {
  return (ctx as unknown as { params: Record<string, string | undefined> }).params[name] ?? '';
}
