import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { Operator } from '../../config/config';
import { refuse } from '../http/refusal';
import { createSameOriginCheck } from './same-origin';
import { createSessions } from './session-cookie';
import { createWrongTokens } from './wrong-tokens';

/** Who an operator is: by token as `Authorization: Bearer`, or by the cookie of the page's sign-in. */
export interface OperatorCheck {
  /** The operator of an API request. @throws {Refusal} 401, and 403 for a cookie that came with a request of another site. */
  api(request: IncomingMessage): Promise<string>;
  /** The operator whose sign-in a page's request bears. */
  page(request: IncomingMessage): Promise<string | undefined>;
  /** Answers the `Set-Cookie` of a new sign-in. @throws {Refusal} 401 */
  signIn(request: IncomingMessage, token: string): Promise<string>;
  /** The `Set-Cookie` that ends a sign-in in this browser. */
  readonly signOut: string;
  /** @throws {Refusal} 403 for an unsafe request that another site's page may have sent. */
  sameOrigin(request: IncomingMessage): void;
}

/** @param wait ms; how a wrong token's answer is put off. */
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
  const wrong = createWrongTokens();
  const sameOrigin = createSameOriginCheck(publicUrl);
  const putOff = async (request: IncomingMessage) =>
    void (await wait(wrong.delayMs(request.socket.remoteAddress)));
  const byToken = async (request: IncomingMessage, token: string): Promise<string> => {
    const name = findOperator(known, token);
    if (name !== undefined) return name; // at once: a stranger's guesses must not lock out the operator
    await putOff(request);
    throw refuse('token-wrong');
  };
  const byCookie = async (request: IncomingMessage): Promise<string | undefined> => {
    const session = sessions.read(request);
    if (session.kind === 'forged') await putOff(request); // each is a guess of the token that its key would be
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

/** Takes the same time whoever it is, or nobody. @param given bytes as Node gives a header's, one a character. */
function findOperator(known: readonly { name: string; digest: Buffer }[], given: string): string | undefined {
  const actual = digest(Buffer.from(given, 'latin1'));
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
