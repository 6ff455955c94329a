import { z } from 'zod';
import { askReadiness, failureReason, gatewayBase } from './ask-gateway';
import type { Finding } from './finding';
import type { Subject } from './subject';

const readinessSchema = z.object({
  status: z.string(),
  store: z.string(),
  temporal: z.object({ reachable: z.boolean() }),
});

/** Checks that a gateway answers at the address in links and commands, and reports its readiness. */
export async function checkGateway(subject: Subject): Promise<Finding[]> {
  const base = gatewayBase(subject);
  try {
    const { status, body } = await askReadiness(base);
    return [gatewayFinding(base, status, body)];
  } catch (error) {
    return [wrong(`No gateway answers at ${base} (${failureReason(error)}).`, startCommand(subject.mode))];
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

function wrong(says: string, todo: string): Finding {
  return { part: 'gateway', state: 'wrong', says, todo };
}
