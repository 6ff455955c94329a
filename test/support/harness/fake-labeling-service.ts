import type { ItemOutcome } from '../../../src/domain/receipt';
import { LabelingError, type LabelingErrorKind } from '../../../src/labeling/labeling-error';
import type {
  CallContext,
  Fault,
  Item,
  LabelingService,
  RelabelAnswer,
} from '../../../src/labeling/labeling-service';

/** Replaces the default of a call, which relabels every label: throws, or returns an answer. */
export type Script = (
  items: readonly Item[],
  context: CallContext,
  signal: AbortSignal,
) => Promise<RelabelAnswer | undefined> | RelabelAnswer | undefined;

/** A labeling service that records its calls and follows a script, call by call. */
export class FakeLabelingService implements LabelingService {
  readonly name = 'fake';
  idempotent = true;
  maxCallBytes = 1024 * 1024;
  verify?: (items: readonly Item[], context: CallContext) => Promise<readonly ItemOutcome[]>;
  /** Every call that began, in order. */
  readonly calls: { readonly labelIds: readonly string[]; readonly context: CallContext }[] = [];
  private readonly scripts: Script[] = [];

  /** Sets the scripts of the next calls, one for each. Later calls relabel every label. */
  next(...scripts: readonly Script[]): this {
    this.scripts.push(...scripts);
    return this;
  }

  async relabel(items: readonly Item[], context: CallContext, signal: AbortSignal): Promise<RelabelAnswer> {
    this.calls.push({ labelIds: items.map(({ labelId }) => labelId), context });
    return (await this.scripts.shift()?.(items, context, signal)) ?? answered(items);
  }

  /** Whether `check` finds the service in order. */
  answersCheck = true;

  async check(): Promise<readonly Fault[]> {
    return this.answersCheck ? [] : [{ message: 'The service does not answer.' }];
  }

  async close(): Promise<void> {}
}

export function answered(
  items: readonly Item[],
  outcome: ItemOutcome['outcome'] = 'relabeled',
): RelabelAnswer {
  return { reported: items.length, items: items.map(({ labelId }) => ({ labelId, outcome })) };
}

/** A script that fails. Its detail names a label id, so that tests can look for leaks. */
export function fails(
  kind: LabelingErrorKind,
  {
    message = `The service said ${kind}.`,
    ...more
  }: {
    message?: string;
    retryAfterMs?: number;
    detail?: string;
    isServerError?: boolean;
    answer?: string;
  } = {},
): Script {
  return ([first]) => {
    throw new LabelingError(kind, message, {
      detail: `about ${first?.labelId}`,
      ...more,
    });
  };
}
