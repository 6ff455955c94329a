import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Operator } from '../../config/config';

/** How long a sign-in lasts, in seconds: a working day. */
const lifeSeconds = 12 * 60 * 60;

export type Session =
  | { readonly kind: 'none' }
  | { readonly kind: 'valid'; readonly name: string }
  /** Not ended by its own word, and not ours: a guess, or a token that was replaced since. */
  | { readonly kind: 'forged' };

export interface Sessions {
  read(request: IncomingMessage): Session;
  /** `Set-Cookie` for an operator who showed the token. */
  start(name: string): string;
  /** `Set-Cookie` that removes it. */
  readonly end: string;
}

/**
 * Sign-ins without a store: name and end, signed with the operator's token as key. So several gateways know the same ones, and a
 * token that is replaced ends them.
 *
 * @param isSecure whether the browser comes by https. @param now ms since 1970.
 */
export function createSessions(
  operators: readonly Operator[],
  { isSecure, now = Date.now }: { isSecure: boolean; now?: () => number },
): Sessions {
  const cookie = isSecure ? '__Host-requeue' : 'requeue'; // the prefix keeps neighbours under the same domain from setting it
  const attributes = `HttpOnly; SameSite=Strict; Path=/${isSecure ? '; Secure' : ''}`;
  const sign = (name: string, ends: string) => {
    const token = operators.find((operator) => operator.name === name)?.token;
    return token === undefined
      ? undefined
      : createHmac('sha256', token).update(`requeue sign-in\n${ends}\n${name}`).digest();
  };
  return {
    read(request) {
      const [, name, ends, mac] =
        /^([\w-]+)\.(\d{1,12})\.([\w-]{43})$/.exec(cookieValue(request, cookie) ?? '') ?? [];
      const left = Number(ends) - now() / 1000;
      if (name === undefined || ends === undefined || mac === undefined || left <= 0) return { kind: 'none' };
      const operator = Buffer.from(name, 'base64url').toString('utf8');
      const expected = sign(operator, ends);
      const isOurs = expected !== undefined && timingSafeEqual(expected, Buffer.from(mac, 'base64url'));
      return isOurs && left <= lifeSeconds ? { kind: 'valid', name: operator } : { kind: 'forged' };
    },
    start(name) {
      const ends = String(Math.floor(now() / 1000) + lifeSeconds);
      const mac = sign(name, ends)?.toString('base64url') ?? '';
      return `${cookie}=${Buffer.from(name, 'utf8').toString('base64url')}.${ends}.${mac}; Max-Age=${lifeSeconds}; ${attributes}`;
    },
    end: `${cookie}=; Max-Age=0; ${attributes}`,
  };
}

function cookieValue({ headers }: IncomingMessage, name: string): string | undefined {
  const pairs = (headers.cookie ?? '').split(/; */);
  return pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1);
}
