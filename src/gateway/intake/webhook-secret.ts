import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { refuse } from '../http/refusal';

/** Aquarium sends the organisation's secret in this header. */
const header = 'x-aquarium-secret';

/**
 * Creates a function that checks the secret in a request's headers. It throws a `Refusal` with 401.
 *
 * @param secrets any of them is accepted, so that no delivery is refused during a rotation. If there is none
 *   (in `dev`, bound to loopback), every request passes.
 */
export function createSecretCheck(secrets: readonly string[]): (request: IncomingMessage) => void {
  const accepted = secrets.map((secret) => digest(Buffer.from(secret, 'utf8')));
  return (request) => {
    if (accepted.length === 0) return;
    const [secret, ...more] = request.headersDistinct[header] ?? [];
    if (!secret) throw refuse('secret-missing');
    if (more.length > 0) throw refuse('secret-twice');
    if (!matchesAny(accepted, secret)) throw refuse('secret-wrong');
  };
}

/**
 * Takes the same time whichever secret matches, and when none does: digests all have the same length, and the
 * loop never ends early.
 */
function matchesAny(accepted: readonly Buffer[], secret: string): boolean {
  // Node decodes header bytes as latin1; this restores the bytes
  const actual = digest(Buffer.from(secret, 'latin1'));
  let found = false;
  for (const expected of accepted) found = timingSafeEqual(expected, actual) || found;
  return found;
}

function digest(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest();
}
