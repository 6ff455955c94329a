import { decodePayloads } from './decode-payloads';
import type { Task } from './temporal/history';
import type { WorkflowRun } from './temporal/run';

interface OpenQuestion {
  /** Epoch ms. */
  readonly openedAt: number;
  /** A pause was heard while it was open, so its deadline is not known from outside. */
  isSuspended: boolean;
}

/**
 * Promise: a decision that came by signal after the question's deadline decides nothing, even if it is heard before
 * the timer fires. A pause suspends the deadline.
 */
export class QuestionDeadlines {
  /** By workflow id. */
  private readonly open = new Map<string, OpenQuestion>();
  /** When the signal of this sender was heard, in epoch ms. */
  private readonly heard = new Map<string, number>();

  /** @param expiresAfterMs time that a question stays open. */
  constructor(private readonly expiresAfterMs: number) {}

  /** @returns a sentence about a decision that was applied although it came too late. */
  onTask({ workflowId }: WorkflowRun, { jobs, commands, startedAt }: Task): string | undefined {
    for (const { initializeWorkflow: started, signalWorkflow: signal } of jobs) {
      if (started && !isContinued(started.arguments)) this.open.delete(workflowId);
      const [{ by }] = [...decodePayloads(signal?.input), {}] as [{ by?: string }];
      if (signal?.signalName === 'pause') this.suspend(workflowId);
      if (by !== undefined) this.heard.set(by, startedAt);
    }
    for (const { upsertWorkflowSearchAttributes: shown, scheduleActivity } of commands) {
      const stage = shown && stageIn(shown.searchAttributes?.indexedFields);
      if (stage) this.show(workflowId, stage, startedAt);
      const late =
        scheduleActivity?.activityType === 'keepDecision' &&
        this.findLate(workflowId, decodePayloads(scheduleActivity.arguments)[0]);
      if (late) return late;
    }
    return undefined;
  }

  private suspend(workflowId: string): void {
    const question = this.open.get(workflowId);
    if (question) question.isSuspended = true;
  }

  private show(workflowId: string, stage: string, now: number): void {
    if (stage !== 'awaiting-approval' && stage !== 'paused') return void this.open.delete(workflowId);
    if (!this.open.has(workflowId)) this.open.set(workflowId, { openedAt: now, isSuspended: false });
    if (stage === 'paused') this.suspend(workflowId);
  }

  private findLate(workflowId: string, input: unknown): string | undefined {
    const { who } = (input as { entry: { who: string } }).entry;
    const by = /^"(.+)" \(claimed\)$/.exec(who)?.[1] ?? '';
    const question = this.open.get(workflowId);
    const heardAt = this.heard.get(by);
    if (!question || question.isSuspended || heardAt === undefined) return undefined;
    const lateMs = heardAt - (question.openedAt + this.expiresAfterMs);
    return lateMs >= 0
      ? `The decision of ${by} was heard ${lateMs} ms after the deadline of its question, and it was applied.`
      : undefined;
  }
}

function stageIn(fields: Record<string, unknown> | null | undefined): string | undefined {
  const payload = fields?.['ExportStage'];
  if (payload === undefined) return undefined;
  const [value] = decodePayloads([payload]) as [string | string[]];
  return [value].flat()[0];
}

function isContinued(startArguments: unknown): boolean {
  const [input] = decodePayloads(startArguments) as [{ carried?: unknown } | undefined];
  return input?.carried !== undefined;
}
