import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { refuse } from '../http/refusal';

/** Where Aquarium sends the organisation's secret. */
const header = 'x-aquarium-secret';

/**
 * A check of the secret in a request's headers; it throws a 401 `Refusal`.
 *
 * @param secrets any of them is accepted, so that a rotation loses nothing; none (in `dev`, bound to loopback): everything passes.
 */
export function createSecretCheck(secrets: readonly string[]): (request: IncomingMessage) => void {
  const accepted = secrets.map((secret) => digest(Buffer.from(secret, 'utf8')));
  return (request) => {
    if (accepted.length === 0) return;
    const [given, ...more] = request.headersDistinct[header] ?? [];
    if (!given) throw refuse('secret-missing');
    if (more.length > 0) throw refuse('secret-twice');
    if (!matchesAny(accepted, given)) throw refuse('secret-wrong');
  };
}

/** Takes the same time whichever secret matches, or none: digests have one length, and the loop never ends early. */
function matchesAny(accepted: readonly Buffer[], given: string): boolean {
  const actual = digest(Buffer.from(given, 'latin1')); // Node reads header bytes as latin1: this gives the bytes back
  let found = false;
  for (const expected of accepted) found = timingSafeEqual(expected, actual) || found;
  return found;
}

function digest(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest();
}
