import { Agent, request } from 'undici';
import { formatDuration } from '../../text/duration';
import type { Subject } from './subject';

const timeoutMs = 4000; // an operator is waiting, and a gateway answers immediately
const maxAnswerBytes = 64 * 1024; // a gateway's answer has a few hundred bytes

export interface GatewayAnswer {
  readonly status: number;
  readonly body: string;
  /** The header `Date`. */
  readonly date: string | undefined;
}

/** The gateway's address in links and commands, without a slash at its end. */
export function gatewayBase({ config }: Pick<Subject, 'config'>): string {
  return config.gateway.publicUrl.replace(/\/+$/, '');
}

/** Reads the gateway's readiness. @throws {Error} when nothing answers in time. */
export async function askReadiness(base: string): Promise<GatewayAnswer> {
  const agent = new Agent({ maxResponseSize: maxAnswerBytes });
  try {
    const { statusCode, headers, body } = await request(`${base}/readyz`, {
      dispatcher: agent,
      signal: AbortSignal.timeout(timeoutMs),
    });
    const date = headers['date'];
    return {
      status: statusCode,
      body: await body.text(),
      date: typeof date === 'string' ? date : undefined,
    };
  } finally {
    void agent.destroy();
  }
}

/** Why nothing answered, for a sentence. */
export function failureReason(error: unknown): string {
  const { code, name, message } = error as NodeJS.ErrnoException;
  return name === 'TimeoutError'
    ? `no answer within ${formatDuration(timeoutMs, 'seconds')}`
    : (code ?? message);
}
