import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Operator } from '../config/config';
import { Refusal } from './refusal';

/** Finds the operator whose token a request bears as `Authorization: Bearer`; throws a 401 `Refusal` when there is none. */
export function createOperatorCheck(operators: readonly Operator[]): (request: IncomingMessage) => string {
  const known = operators.map(({ name, token }) => ({ name, digest: digest(Buffer.from(token, 'utf8')) }));
  return (request) => {
    const given = bearerOf(request);
    if (given === undefined) throw refused('token-missing', 'this needs an operator token as Authorization: Bearer <token>.');
    const name = nameOf(known, given);
    if (name === undefined) throw refused('token-wrong', 'this operator token is not one that Requeue knows.');
    return name;
  };
}

/** Takes the same time whoever it is, or nobody. */
function nameOf(known: readonly { name: string; digest: Buffer }[], given: string): string | undefined {
  const actual = digest(Buffer.from(given, 'latin1'));
  let found: string | undefined;
  for (const operator of known) if (timingSafeEqual(operator.digest, actual)) found ??= operator.name;
  return found;
}

function bearerOf(request: IncomingMessage): string | undefined {
  const [value, ...more] = request.headersDistinct['authorization'] ?? [];
  return more.length > 0 ? undefined : /^Bearer +([^ ]+) *$/i.exec(value ?? '')?.[1];
}

function refused(code: string, message: string): Refusal {
  return new Refusal(401, code, message, { 'WWW-Authenticate': 'Bearer realm="requeue"' });
}

function digest(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest();
}
