import { setTimeout as delay } from 'node:timers/promises';
import { request } from 'undici';
import { exportBody, ids } from '../support/builders';
import type { Random } from '../support/seeded-random';

/** What the run decides about an export. Only exports above the approval threshold ask. */
type Answer = 'none' | 'approve' | 'approve-part' | 'reject';

export interface LoadDelivery {
  readonly issueId: string;
  readonly labelIds: readonly string[];
  readonly answer: Answer;
  /** Labels from the first to this number are approved, in the end. */
  readonly approvedUpTo: number;
  /** Set once a gateway has answered 202. */
  revision: string | undefined;
}

/** The run's exports with more labels than this ask for approval. */
export const approvalThreshold = 100;

/** A gateway that was frozen or killed does not answer: the sender then sends again. */
const answerTimeoutMs = 5000;
const sendAgainMs = 500;

export class Load {
  readonly deliveries: LoadDelivery[] = [];
  readonly figures = { posts: 0, withoutAnswer: 0 };
  private readonly sending = new Set<Promise<void>>();

  constructor(
    private readonly random: Random,
    private readonly gateways: readonly string[],
    private readonly secret: string,
  ) {}

  /** Sends a new delivery until a gateway answers 202, or until `signal` aborts. */
  sendNext(signal: AbortSignal): void {
    const delivery = this.aDelivery(this.deliveries.length);
    this.deliveries.push(delivery);
    const sent: Promise<void> = this.send(delivery, signal).finally(() => this.sending.delete(sent));
    this.sending.add(sent);
  }

  /** Resolves when every delivery is answered 202. */
  async settled(): Promise<void> {
    await Promise.all(this.sending);
  }

  /**
   * The rest of a partly approved export is still above the threshold. Otherwise the policy would approve it
   * when a delivery that was sent twice is exported again.
   */
  private aDelivery(number: number): LoadDelivery {
    const { random } = this;
    const answer = random.pick<Answer>(['none', 'none', 'none', 'approve', 'approve-part', 'reject']);
    const size = answer === 'none' ? random.integer(5, 80) : random.integer(220, 300);
    const upTo = { none: size, approve: size, 'approve-part': random.integer(10, 100), reject: 0 }[answer];
    return {
      issueId: `chaos-${number}`,
      labelIds: ids(`chaos-${number}-`, size),
      answer,
      approvedUpTo: upTo,
      revision: undefined,
    };
  }

  private async send(delivery: LoadDelivery, signal: AbortSignal): Promise<void> {
    const body = JSON.stringify(exportBody(delivery.issueId, delivery.labelIds));
    while (!signal.aborted) {
      this.figures.posts += 1;
      const revision = await this.post(body, this.random.pick(this.gateways));
      if (revision !== undefined) return void (delivery.revision = revision);
      this.figures.withoutAnswer += 1;
      await delay(sendAgainMs);
    }
  }

  /** @returns the revision of an accepted delivery. */
  private async post(body: string, gateway: string): Promise<string | undefined> {
    try {
      const response = await request(`${gateway}/webhook`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-aquarium-secret': this.secret },
        body,
        headersTimeout: answerTimeoutMs,
        bodyTimeout: answerTimeoutMs,
        signal: AbortSignal.timeout(2 * answerTimeoutMs), // undici has no time-out for a whole call
      });
      const answer = (await response.body.json()) as { revision?: string };
      return response.statusCode === 202 ? answer.revision : undefined;
    } catch {
      return undefined;
    }
  }
}
