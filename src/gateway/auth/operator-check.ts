import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { delay } from '../../clock/clock';
import type { Operator } from '../../config/config';
import { refuse } from '../http/refusal';
import { createSameOriginCheck } from './same-origin';
import { createSessions } from './session-cookie';
import { createWrongTokens } from './wrong-tokens';

/**
 * Identifies the operator who sent a request by the token in `Authorization: Bearer` or by the pages' sign-in
 * cookie.
 */
export interface OperatorCheck {
  /**
   * @returns the name of the operator who sent an API request.
   * @throws {Refusal} 401 without a valid token or cookie; 403 when the cookie came with a request from
   *   another site's page.
   */
  api(request: IncomingMessage): Promise<string>;
  /** @returns the name of the operator who sent a page request; undefined without a valid sign-in. */
  page(request: IncomingMessage): Promise<string | undefined>;
  /** @returns the `Set-Cookie` value for a new sign-in. @throws {Refusal} 401 when the token is wrong. */
  signIn(request: IncomingMessage, token: string): Promise<string>;
  /** The `Set-Cookie` value that ends the sign-in in this browser. */
  readonly signOut: string;
  /** @throws {Refusal} 403 when an unsafe request may come from another site's page. */
  sameOrigin(request: IncomingMessage): void;
}

/** @param wait waits for the given ms before the answer to a wrong token; tests replace it. */
export function createOperatorCheck({
  operators,
  publicUrl,
  wait = delay,
}: {
  operators: readonly Operator[];
  publicUrl: string;
  wait?: (ms: number) => Promise<unknown>;
}): OperatorCheck {
  const known = operators.map(({ name, token }) => ({ name, digest: digest(token) }));
  const sessions = createSessions(operators, { isSecure: publicUrl.startsWith('https:') });
  const wrongTokens = createWrongTokens();
  const sameOrigin = createSameOriginCheck(publicUrl);
  const delayAnswer = async (request: IncomingMessage) =>
    void (await wait(wrongTokens.delayMs(request.socket.remoteAddress)));
  const byToken = async (request: IncomingMessage, token: string): Promise<string> => {
    const name = findOperator(known, token);
    // no delay for a valid token: an attacker's guesses must not lock out the operator
    if (name !== undefined) return name;
    await delayAnswer(request);
    throw refuse('token-wrong');
  };
  const byCookie = async (request: IncomingMessage): Promise<string | undefined> => {
    const session = sessions.read(request);
    // a forged cookie is a guess at a token, because the token is the signing key
    if (session.kind === 'forged') await delayAnswer(request);
    return session.kind === 'valid' ? session.name : undefined;
  };
  return {
    async api(request) {
      const token = bearerToken(request);
      if (token !== undefined) return byToken(request, token);
      const name = request.headers.authorization === undefined ? await byCookie(request) : undefined;
      if (name === undefined) throw refuse('token-missing', 'api');
      sameOrigin(request);
      return name;
    },
    page: byCookie,
    signIn: async (request, token) =>
      sessions.start(await byToken(request, Buffer.from(token, 'utf8').toString('latin1'))),
    signOut: sessions.end,
    sameOrigin,
  };
}

/**
 * Takes the same time whichever operator matches, and when none does.
 *
 * @param token as Node decodes a header: one character per byte.
 */
function findOperator(known: readonly { name: string; digest: Buffer }[], token: string): string | undefined {
  const actual = digest(Buffer.from(token, 'latin1'));
  let found: string | undefined;
  for (const operator of known) if (timingSafeEqual(operator.digest, actual)) found ??= operator.name;
  return found;
}

function bearerToken(request: IncomingMessage): string | undefined {
  const [value, ...more] = request.headersDistinct['authorization'] ?? [];
  return more.length > 0 ? undefined : /^Bearer +([^ ]+) *$/i.exec(value ?? '')?.[1];
}

function digest(bytes: Buffer | string): Buffer {
  return createHash('sha256').update(bytes).digest();
}
