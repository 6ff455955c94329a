import { decodePayloads } from './decode-payloads';
import type { Task } from './temporal/history';
import type { WorkflowRun } from './temporal/run';

/** When a gateway gave a request its time, and what its clock said. */
interface Stamped {
  /** The true time, in epoch ms. */
  readonly at: number;
  /** By how many ms the gateway's clock was ahead; negative if it was behind. */
  readonly leadMs: number;
}

interface Heard {
  readonly order: number;
  /** Temporal's time, in epoch ms. */
  readonly at: number;
  readonly project: string;
  readonly revision: string;
}

/** A clock counts as right if it differs by less than this, in ms: times are whole, and stamps strictly increase. */
const rightMs = 5;

/**
 * Promise: a request is superseded only by a newer one of its project. A wrong clock excuses the product only
 * where it cannot know better (docs/decisions/025-a-receipt-in-the-future-is-clamped.md): a clock that is behind, or
 * a time in the future that has passed when the request is heard. A request that is heard after a clamped one is the
 * newer one.
 */
export class ClickOrder {
  private readonly stamps = new Map<string, Stamped>();
  /** By workflow id, then by request id. */
  private readonly heard = new Map<string, Map<string, Heard>>();

  onStamp(requestId: string, receivedAt: string, now: number): void {
    this.stamps.set(requestId, { at: now, leadMs: Date.parse(receivedAt) - now });
  }

  /** @returns a sentence about a request that was superseded by an older one. */
  onTask({ workflowId }: WorkflowRun, task: Task): string | undefined {
    for (const job of task.jobs) {
      const { initializeWorkflow: started, signalWorkflow: signal } = job;
      if (started && !isContinued(started.arguments)) this.heard.delete(workflowId);
      if (signal?.signalName === 'exportRequested') this.hear(workflowId, signal.input, task.startedAt);
    }
    for (const { scheduleActivity } of task.commands) {
      if (scheduleActivity?.activityType !== 'writeReport') continue;
      const [report] = decodePayloads(scheduleActivity.arguments) as [SupersededReport];
      const newer = /^It was superseded by revision ([0-9a-f]{12})\.$/.exec(report.reason ?? '')?.[1];
      if (report.outcome !== 'superseded' || newer === undefined) continue;
      const { requestId } = report.request;
      if (!this.isSupersededRightly(workflowId, requestId, newer))
        return `Request ${requestId} was superseded by revision ${newer}, which is not newer.`;
    }
    return undefined;
  }

  private hear(workflowId: string, input: unknown, at: number): void {
    const [request] = decodePayloads(input) as [{ requestId: string; project: string; revision: string }];
    const known = this.heard.get(workflowId) ?? new Map<string, Heard>();
    this.heard.set(workflowId, known);
    const { requestId, project, revision } = request;
    if (!known.has(requestId)) known.set(requestId, { order: known.size, at, project, revision });
  }

  private isSupersededRightly(workflowId: string, requestId: string, revision: string): boolean {
    const known = this.heard.get(workflowId) ?? new Map<string, Heard>();
    const older = known.get(requestId);
    if (!older) return true; // an earlier run of the chain heard it
    return [...known].some(
      ([id, newer]) =>
        id !== requestId &&
        newer.revision === revision &&
        newer.project === older.project &&
        this.mayBeNewer({ id, ...newer }, { id: requestId, ...older }),
    );
  }

  private mayBeNewer(newer: Heard & { id: string }, older: Heard & { id: string }): boolean {
    const [a, b] = [this.stamps.get(newer.id), this.stamps.get(older.id)];
    if (!a || !b || a.at > b.at || b.leadMs < -rightMs) return true;
    const isHeardLater = newer.order > older.order;
    if (b.leadMs > rightMs && isHeardLater) return true;
    const isBelieved = newer.at >= a.at + a.leadMs;
    return a.leadMs > rightMs && (isHeardLater || isBelieved);
  }
}

interface SupersededReport {
  readonly outcome?: string;
  readonly reason?: string;
  readonly request: { readonly requestId: string };
}

function isContinued(startArguments: unknown): boolean {
  const [input] = decodePayloads(startArguments) as [{ carried?: unknown } | undefined];
  return input?.carried !== undefined;
}
