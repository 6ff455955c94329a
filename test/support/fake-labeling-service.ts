import type { ItemOutcome } from '../../src/domain/receipt';
import { LabelingError, type LabelingErrorKind } from '../../src/labeling/labeling-error';
import type { CallContext, Item, LabelingService, RelabelAnswer } from '../../src/labeling/labeling-service';

/** What a call does instead of relabeling everything: throws, or answers. */
export type Script = (
  items: readonly Item[],
  context: CallContext,
  signal: AbortSignal,
) => Promise<RelabelAnswer | undefined> | RelabelAnswer | undefined;

/** A labeling service that keeps a ledger and does what its script says, call by call. */
export class FakeLabelingService implements LabelingService {
  readonly name = 'fake';
  idempotent = true;
  maxCallBytes = 1024 * 1024;
  verify?: (items: readonly Item[], context: CallContext) => Promise<readonly ItemOutcome[]>;
  /** Ids of every call that began, in order. */
  readonly calls: { readonly labelIds: readonly string[]; readonly context: CallContext }[] = [];
  private readonly scripts: Script[] = [];

  /** The next calls run these, one each; after them every label is relabeled. */
  next(...scripts: readonly Script[]): this {
    this.scripts.push(...scripts);
    return this;
  }

  async relabel(items: readonly Item[], context: CallContext, signal: AbortSignal): Promise<RelabelAnswer> {
    this.calls.push({ labelIds: items.map(({ labelId }) => labelId), context });
    return (await this.scripts.shift()?.(items, context, signal)) ?? answered(items);
  }

  async check(): Promise<[]> {
    return [];
  }

  async close(): Promise<void> {}
}

export function answered(
  items: readonly Item[],
  outcome: ItemOutcome['outcome'] = 'relabeled',
): RelabelAnswer {
  return { reported: items.length, items: items.map(({ labelId }) => ({ labelId, outcome })) };
}

/** A script that fails; its words name a label id, so that a test can look for it in the wrong place. */
export function fails(
  kind: LabelingErrorKind,
  more: { retryAfterMs?: number; detail?: string } = {},
): Script {
  return ([first]) => {
    throw new LabelingError(kind, `The service said ${kind}.`, {
      detail: `about ${first?.labelId}`,
      ...more,
    });
  };
}
