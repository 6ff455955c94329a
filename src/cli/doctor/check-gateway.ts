import { formatDuration } from '../../text/duration';
import { Agent, request } from 'undici';
import { z } from 'zod';
import type { Finding } from './finding';
import type { Subject } from './subject';

const timeoutMs = 4000; // an operator is waiting, and a gateway answers immediately
const maxAnswerBytes = 64 * 1024; // a gateway's answer has a few hundred bytes

const readinessSchema = z.object({
  status: z.string(),
  store: z.string(),
  temporal: z.object({ reachable: z.boolean() }),
});

/** Checks that a gateway answers at the address in links and commands, and reports its readiness. */
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
    return [wrong(`No gateway answers at ${base} (${failureReason(error)}).`, startCommand(mode))];
  } finally {
    void agent.destroy();
  }
}

function gatewayFinding(base: string, status: number, body: string): Finding {
  const readiness = parseReadiness(body);
  if (!readiness)
    return wrong(
      `The server at ${base} is not a Requeue gateway (HTTP ${status}).`,
      'set PORT to the gateway’s port, or PUBLIC_URL to its address',
    );
  if (status !== 200) {
    return wrong(
      `${base} refuses deliveries because of its store (${readiness.store}).`,
      'fix the store; the gateway then accepts deliveries without a restart',
    );
  }
  if (!readiness.temporal.reachable)
    return wrong(
      `${base} accepts deliveries, but cannot reach Temporal.`,
      'fix Temporal; the gateway then dispatches the waiting requests without a restart',
    );
  return { part: 'gateway', state: 'well', says: `${base} accepts deliveries.` };
}

function parseReadiness(body: string): z.output<typeof readinessSchema> | undefined {
  try {
    return readinessSchema.safeParse(JSON.parse(body)).data;
  } catch {
    return undefined;
  }
}

function startCommand(mode: Subject['mode']): string {
  return mode === 'dev'
    ? 'start it with npm run dev, or set PORT to its port'
    : 'start it with npx requeue gateway, or set PUBLIC_URL to its address';
}

function failureReason(error: unknown): string {
  const { code, name, message } = error as NodeJS.ErrnoException;
  return name === 'TimeoutError'
    ? `no answer within ${formatDuration(timeoutMs, 'seconds')}`
    : (code ?? message);
}

function wrong(says: string, todo: string): Finding {
  return { part: 'gateway', state: 'wrong', says, todo };
}
