import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { clock } from '../../clock/clock';
import type { Operator } from '../../config/config';

/** In seconds. A sign-in lasts for a working day. */
const lifeSeconds = 12 * 60 * 60;

type Session =
  | { readonly kind: 'none' }
  | { readonly kind: 'valid'; readonly name: string }
  /** Not yet expired, but the signature is wrong: it is a guess, or the token has been replaced since. */
  | { readonly kind: 'forged' };

export interface Sessions {
  read(request: IncomingMessage): Session;
  /** @returns the `Set-Cookie` value for an operator whose token was checked. */
  start(name: string): string;
  /** The `Set-Cookie` value that removes the cookie. */
  readonly end: string;
}

/**
 * Keeps sign-ins in cookies only. A cookie contains the operator's name and the time when it expires, signed
 * with the operator's token as the key. All gateways with the same tokens therefore accept it, and replacing
 * the token ends the sign-in.
 *
 * @param isSecure whether browsers reach the gateway over https.
 * @param now returns ms since 1970.
 */
export function createSessions(
  operators: readonly Operator[],
  { isSecure, now = clock.now }: { isSecure: boolean; now?: () => number },
): Sessions {
  // the prefix stops other hosts of the same domain from setting the cookie
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
