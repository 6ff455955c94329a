import { activityInfo } from '@temporalio/activity';
import type { ItemOutcome } from '../../src/domain/receipt';
import { LabelingError, type LabelingErrorKind } from '../../src/labeling/labeling-error';
import type { CallContext, Item, LabelingService, RelabelAnswer } from '../../src/labeling/labeling-service';
import type { Random } from '../support/seeded-random';
import type { Machine } from './machine';
import type { Scenario } from './scenario';
import type { Timeline } from './timeline';

/** A call that reached the labeling service: what the outside world knows. */
export interface LedgerCall {
  readonly at: number;
  readonly machine: string;
  readonly project: string;
  readonly key: string;
  readonly labelIds: readonly string[];
  /** Epoch ms, when Temporal scheduled the attempt that makes the call. */
  readonly attemptScheduledAt: number;
  /** Epoch ms, when the last delay of its machine ended. */
  readonly delayedUntil: number;
  /** Labels that the service relabeled in this call. */
  executed: readonly string[];
}

/** How the service answers while a fault lasts. */
export type ServiceFault =
  | { readonly kind: 'refuses'; readonly error: LabelingErrorKind; readonly isServerError?: boolean }
  /** It relabels, and the answer is lost. */
  | { readonly kind: 'loses-answers' }
  /** The call never arrives. */
  | { readonly kind: 'loses-calls' }
  /** It answers after the time-out, and relabels late. */
  | { readonly kind: 'is-slow' }
  /** It relabels all, and its answer lacks some. */
  | { readonly kind: 'answers-for-some' };

/** In ms. The adapter's own time-out. */
export const callTimeoutMs = 5000;

/** The labeling service of the world outside, with the ledger that the invariants are checked against. */
export class LabelingWorld {
  readonly calls: LedgerCall[] = [];
  /** How often each label was relabeled, by `<project> <label id>`. */
  readonly relabeled = new Map<string, number>();
  fault: ServiceFault | undefined;
  /** How likely a call meets the fault, from 0 to 1. */
  faultProbability = 0.7;
  /** Labels that the service always refuses. */
  readonly poison = new Set<string>();
  /** Labels of which the service said, rightly or not, that it does not have them. */
  readonly saidUnknown = new Set<string>();
  /** Everything that the service has said about labels that it refuses. */
  readonly wordsOfRefusal = new Set<string>();
  /** Labels that the service does not have. */
  readonly unknown = new Set<string>();

  constructor(
    private readonly timeline: Timeline,
    private readonly random: Random,
    readonly options: Pick<Scenario, 'idempotent' | 'canVerify' | 'forgets'>,
    private readonly onCall: (call: LedgerCall) => void,
  ) {}

  /** The service as a worker on this machine reaches it. */
  serviceOf(machine: Machine): LabelingService {
    const { idempotent, canVerify } = this.options;
    const service: LabelingService = {
      name: 'simulated',
      idempotent,
      maxCallBytes: 1024 * 1024,
      relabel: (items, context) => this.relabel(machine, items, context),
      check: async () => (this.fault ? [{ message: 'The service does not answer.' }] : []),
      close: async () => undefined,
    };
    return canVerify
      ? { ...service, verify: (items, context) => this.verify(machine, items, context) }
      : service;
  }

  private async relabel(
    machine: Machine,
    items: readonly Item[],
    context: CallContext,
  ): Promise<RelabelAnswer> {
    const { random } = this;
    const fault = this.fault && random.chance(this.faultProbability) ? this.fault : undefined;
    if (fault?.kind === 'loses-calls') return noAnswer(machine);
    const labelIds = items.map(({ labelId }) => labelId);
    const attemptScheduledAt = activityInfo().currentAttemptScheduledTimestampMs;
    const call = await machine.io(
      `calls the service for ${labelIds.join(' ')}`,
      () => this.receive(machine, labelIds, context, { attemptScheduledAt }, fault),
      random.integer(1, 20),
    );
    if (fault?.kind === 'loses-answers' || fault?.kind === 'is-slow') return noAnswer(machine);
    return machine.io('the service answers', () => this.answer(call, items, fault), random.integer(5, 300));
  }

  private receive(
    { name, delayedUntil }: Machine,
    labelIds: readonly string[],
    { project, key }: CallContext,
    { attemptScheduledAt }: Pick<LedgerCall, 'attemptScheduledAt'>,
    fault: ServiceFault | undefined,
  ): LedgerCall {
    const call: LedgerCall = {
      at: this.timeline.now,
      machine: name,
      project,
      key,
      labelIds,
      attemptScheduledAt,
      delayedUntil,
      executed: [],
    };
    this.calls.push(call);
    this.onCall(call);
    const isRefused = fault?.kind === 'refuses' && !fault.isServerError;
    if (isRefused || labelIds.some((id) => this.poison.has(id) || this.unknown.has(id))) return call;
    const delay = fault?.kind === 'is-slow' ? this.random.integer(1, 3 * callTimeoutMs) : 0;
    if (delay > 0) this.timeline.after(delay, 'the service: relabels late', () => this.execute(call));
    else if (fault?.kind !== 'refuses' || this.random.chance(0.5)) this.execute(call);
    return call;
  }

  /** In any project. */
  wasRelabeled(labelId: string): boolean {
    return [...this.relabeled.keys()].some((name) => name.endsWith(` ${labelId}`));
  }

  private execute(call: LedgerCall): void {
    const isDone = (id: string) => this.options.forgets && this.relabeled.has(`${call.project} ${id}`);
    for (const id of call.labelIds.filter(isDone)) this.saidUnknown.add(id);
    call.executed = call.labelIds.filter((id) => !isDone(id));
    for (const id of call.executed) {
      const name = `${call.project} ${id}`;
      this.relabeled.set(name, (this.relabeled.get(name) ?? 0) + 1);
    }
  }

  private answer(call: LedgerCall, items: readonly Item[], fault: ServiceFault | undefined): RelabelAnswer {
    if (fault?.kind === 'refuses') {
      if (fault.error === 'items-unknown') for (const id of call.labelIds) this.saidUnknown.add(id);
      const retryAfterMs = fault.error === 'retryable' ? this.random.pick([1000, 15_000]) : undefined;
      const message = `The service answers ${fault.error}.`;
      this.wordsOfRefusal.add(message);
      throw new LabelingError(fault.error, message, {
        isServerError: fault.isServerError ?? false,
        ...(retryAfterMs ? { retryAfterMs } : {}),
        answer: fault.isServerError ? '500' : '400',
      });
    }
    if (call.labelIds.some((id) => this.poison.has(id))) {
      const detail = `Locked: ${call.labelIds.filter((id) => this.poison.has(id)).join(' ')}`;
      this.wordsOfRefusal.add(detail);
      throw new LabelingError('bad-items', 'The service refuses some of the labels.', {
        answer: '422',
        detail,
      });
    }
    if (call.labelIds.some((id) => this.unknown.has(id))) {
      for (const id of call.labelIds) this.saidUnknown.add(id);
      throw new LabelingError('items-unknown', 'The service lacks some of the labels.', { answer: '404' });
    }
    if (fault?.kind === 'answers-for-some')
      return { reported: null, items: [{ labelId: items[0]!.labelId, outcome: 'relabeled' }] };
    if (call.executed.length < items.length) return countedAnswer(call, items);
    return {
      reported: items.length,
      items: items.map(({ labelId }) => ({ labelId, outcome: 'relabeled' })),
    };
  }

  private verify(
    machine: Machine,
    items: readonly Item[],
    { project }: CallContext,
  ): Promise<readonly ItemOutcome[]> {
    return machine.io(
      'the service verifies',
      () =>
        items.map(({ labelId }): ItemOutcome => {
          const isRelabeled = this.relabeled.has(`${project} ${labelId}`);
          return isRelabeled
            ? { labelId, outcome: 'relabeled' }
            : { labelId, outcome: 'unconfirmed', reason: 'The service has not relabeled it so far.' };
        }),
      this.random.integer(5, 100),
    );
  }
}

/** As the adapter for Labelbox reads a smaller count. */
function countedAnswer({ executed }: LedgerCall, items: readonly Item[]): RelabelAnswer {
  const outcome =
    executed.length === 0
      ? { outcome: 'already-gone' as const, reason: 'The service counts no label.' }
      : {
          outcome: 'unconfirmed' as const,
          reason: 'The service counts fewer labels, and does not say which.',
        };
  return { reported: executed.length, items: items.map(({ labelId }) => ({ labelId, ...outcome })) };
}

function noAnswer(machine: Machine): Promise<never> {
  return machine.io(
    'the call times out',
    () => {
      throw new LabelingError('no-answer', 'The labeling service did not answer in time.');
    },
    callTimeoutMs,
  );
}
