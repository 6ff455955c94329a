import type { Client } from '@temporalio/client';
import { request } from 'undici';
import { defined } from '../../src/collections/defined';
import type { ExportDetail, ExportList } from '../../src/gateway/api/operator-api';
import { exportWorkflowId } from '../../src/temporal/names';
import { approveSignal, rejectSignal } from '../../src/workflows/messages';
import type { Load, LoadDelivery } from './send-load';
import type { Random } from '../support/seeded-random';

interface DeciderDeps {
  readonly random: Random;
  readonly load: Load;
  readonly gateways: readonly string[];
  readonly token: string;
  readonly client: Client;
}

/** In ms; a frozen part does not answer. */
const timeoutMs = 5000;

/**
 * Answers every open question, some by the API and some by signal, and resumes paused exports. A failed answer is
 * tried again next time.
 */
export class Decider {
  readonly figures = { byApi: 0, bySignal: 0, resumed: 0 };

  constructor(private readonly deps: DeciderDeps) {}

  async answerAll(): Promise<void> {
    const list = await this.get<ExportList>('/api/exports?stage=awaiting-approval&limit=100');
    const byIssue = new Map(this.deps.load.deliveries.map((delivery) => [delivery.issueId, delivery]));
    await Promise.allSettled(
      list.exports.map(async ({ issueId }) => {
        const delivery = byIssue.get(issueId);
        if (delivery) await this.answer(delivery);
      }),
    );
  }

  /** Resumes what the labeling service paused: a service that failed every call for some seconds works again. */
  async resumePaused(): Promise<void> {
    const list = await this.get<ExportList>('/api/exports?stage=paused&limit=100');
    await Promise.allSettled(
      list.exports.map(async ({ issueId }) => {
        await this.post(`/api/exports/${issueId}/resume`, {});
        this.figures.resumed += 1;
      }),
    );
  }

  private async answer(delivery: LoadDelivery): Promise<void> {
    const detail = await this.get<ExportDetail>(`/api/exports/${delivery.issueId}`);
    if (detail.approval.question === undefined || !detail.plan) return;
    const decision = {
      revision: detail.revision,
      plan: detail.plan.plan,
      ...decide(delivery, detail),
    };
    if (this.deps.random.integer(0, 1) === 0) {
      await this.post(`/api/exports/${delivery.issueId}/decision`, decision);
      this.figures.byApi += 1;
    } else {
      const { decision: kind, ...args } = decision;
      const signal = kind === 'approve' ? approveSignal : rejectSignal;
      const handle = this.deps.client.workflow.getHandle(exportWorkflowId(delivery.issueId));
      await this.deps.client.withDeadline(Date.now() + timeoutMs, () =>
        handle.signal(signal, { ...args, by: 'chaos' }),
      );
      this.figures.bySignal += 1;
    }
  }

  private get<T>(path: string): Promise<T> {
    return this.call<T>('GET', path);
  }

  private post(path: string, body: object): Promise<unknown> {
    return this.call('POST', path, body);
  }

  private async call<T>(method: 'GET' | 'POST', path: string, body?: object): Promise<T> {
    const { random, gateways, token } = this.deps;
    const response = await request(`${random.pick(gateways)}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...defined({ body: body && JSON.stringify(body) }),
      signal: AbortSignal.timeout(timeoutMs),
    });
    const answer = await response.body.json();
    if (response.statusCode >= 300) throw new Error(`${path} answered ${response.statusCode}.`);
    return answer as T;
  }
}

/**
 * A delivery that was sent twice can get a second attempt after its export was rejected. That attempt is
 * rejected entirely, because its plan numbers other labels.
 */
function decide(
  { answer, approvedUpTo }: LoadDelivery,
  { approval, attempt }: ExportDetail,
): { decision: 'approve' | 'reject'; upTo?: number } {
  const isFirst = attempt === 1 && approval.upTo === 0;
  if (answer === 'approve' && attempt === 1) return { decision: 'approve' };
  if (answer === 'approve-part' && isFirst) return { decision: 'approve', upTo: approvedUpTo };
  return { decision: 'reject' };
}
