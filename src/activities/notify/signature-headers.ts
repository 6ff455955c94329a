import { createHmac } from 'node:crypto';
import { clock } from '../../clock/clock';

/**
 * Headers of the Standard Webhooks specification: `webhook-id`, `webhook-timestamp` (seconds) and
 * `webhook-signature`. There is one signature for each secret, so that a receiver can switch to a new secret
 * before the old one is removed.
 * @param secrets base64, with or without `whsec_`; without secrets there are no headers.
 */
export function signatureHeaders(
  secrets: readonly string[],
  id: string,
  body: string,
  nowMs: number = clock.now(),
): Record<string, string> {
  if (secrets.length === 0) return {};
  const timestamp = String(Math.floor(nowMs / 1000));
  const signed = `${id}.${timestamp}.${body}`;
  const signatures = secrets.map(
    (secret) => `v1,${createHmac('sha256', decodeSecret(secret)).update(signed).digest('base64')}`,
  );
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures.join(' ') };
}

function decodeSecret(secret: string): Buffer {
  return Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
}
