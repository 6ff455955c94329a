import { Agent, request } from 'undici';
import { z } from 'zod';
import type { Finding } from './finding';
import type { Subject } from './subject';

const timeoutMs = 4000; // a person waits
const maxAnswerBytes = 64 * 1024; // what it says fits into a few hundred

const readinessSchema = z.object({
  status: z.string(),
  store: z.string(),
  temporal: z.object({ reachable: z.boolean() }),
});

/** Whether a gateway answers where senders and links expect one, and what it says of itself. */
export async function checkGateway({ config, mode }: Subject): Promise<Finding[]> {
  const base = config.gateway.publicUrl.replace(/\/+$/, '');
  const agent = new Agent({ maxResponseSize: maxAnswerBytes });
  try {
    const response = await request(`${base}/readyz`, {
      dispatcher: agent,
      signal: AbortSignal.timeout(timeoutMs),
    });
    return [gatewayFinding(base, response.statusCode, await response.body.text())];
  } catch (error) {
    return [wrong(`No gateway answers at ${base} (${failureReason(error)}).`, howToStart(mode))];
  } finally {
    void agent.destroy();
  }
}

function gatewayFinding(base: string, status: number, text: string): Finding {
  const readiness = parsed(text);
  if (!readiness)
    return wrong(
      `What answers at ${base} is no gateway of Requeue (HTTP ${status}).`,
      'set PORT or PUBLIC_URL to where the gateway is',
    );
  if (status !== 200) {
    return wrong(
      `${base} refuses deliveries: its store has a fault (${readiness.store}).`,
      'see the store; it goes on by itself when that is mended',
    );
  }
  if (!readiness.temporal.reachable)
    return wrong(
      `${base} keeps deliveries, and cannot reach Temporal.`,
      'see Temporal; it goes on by itself',
    );
  return { part: 'gateway', state: 'well', says: `${base} takes deliveries.` };
}

function parsed(text: string): z.output<typeof readinessSchema> | undefined {
  try {
    return readinessSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

function howToStart(mode: Subject['mode']): string {
  return mode === 'dev'
    ? 'start it with npm run dev, or set PORT to its port'
    : 'start it: npx requeue gateway; or set PUBLIC_URL to where it is';
}

function failureReason(error: unknown): string {
  const { code, name, message } = error as NodeJS.ErrnoException;
  return name === 'TimeoutError' ? `no answer within ${timeoutMs / 1000} s` : (code ?? message);
}

function wrong(says: string, todo: string): Finding {
  return { part: 'gateway', state: 'wrong', says, todo };
}
