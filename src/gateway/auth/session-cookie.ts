import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Operator } from '../../config/config';

/** Seconds: a sign-in lasts a working day. */
const lifeSeconds = 12 * 60 * 60;

type Session =
  | { readonly kind: 'none' }
  | { readonly kind: 'valid'; readonly name: string }
  /** Its own end is still to come, but the signature is wrong: a guess, or the token was replaced since. */
  | { readonly kind: 'forged' };

export interface Sessions {
  read(request: IncomingMessage): Session;
  /** The `Set-Cookie` value for an operator whose token was checked. */
  start(name: string): string;
  /** The `Set-Cookie` value that removes the cookie. */
  readonly end: string;
}

/**
 * Sign-ins without a store: the cookie has the operator's name and its end, signed with the operator's token
 * as the key. Thus all gateways with the same tokens accept it, and replacing the token ends it.
 *
 * @param isSecure whether browsers reach the gateway by https.
 * @param now ms since 1970.
 */
export function createSessions(
  operators: readonly Operator[],
  { isSecure, now = Date.now }: { isSecure: boolean; now?: () => number },
): Sessions {
  // the prefix stops other hosts of the same domain from setting it
  const cookie = isSecure ? '__Host-requeue' : 'requeue';
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
      const isSigned = expected !== undefined && timingSafeEqual(expected, Buffer.from(mac, 'base64url'));
      return isSigned && left <= lifeSeconds ? { kind: 'valid', name: operator } : { kind: 'forged' };
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
