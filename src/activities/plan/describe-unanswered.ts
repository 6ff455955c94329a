import type { AttemptRef } from '../../domain/attempt-ref';
import { countPositions, subtractRanges } from '../../domain/ranges';
import type { Range } from '../../domain/receipt';
import type { Plan } from '../../domain/plan';
import type { Attempt } from '../../payloads/attempts';
import { ChangedFile } from '../../payloads/changed-file';
import { CheckedFile } from '../../payloads/checked-file';
import { labelsKey } from '../../payloads/keys';
import { PayloadNotFound, type PayloadStore } from '../../payloads/payload-store';
import { readLines } from '../../payloads/read-lines';
import { readUnchangedReceipt, type ReceiptFile, receiptFiles } from '../../payloads/receipts';
import { pluralize } from '../../text/pluralize';
import { stopIfCancelled } from '../heartbeating';
import type { LabelsSeen } from './labels-seen';

/**
 * An attempt without a report says nowhere that its labels are unconfirmed: its request may be exported later, or the
 * report of a repeat answers it.
 * @param labelsSeen what all attempts have relabeled.
 * @returns one sentence about the labels whose outcome is unknown; undefined if there are none, or another attempt has
 * relabeled them.
 */
export async function describeUnanswered(
  store: PayloadStore,
  labelsSeen: LabelsSeen,
  { ref, plan, report }: Attempt,
): Promise<string | undefined> {
  if (!plan || report) return undefined;
  const files = await receiptFiles(store, ref);
  const unanswered = subtractRanges(
    files,
    files.filter(({ kind }) => kind === 'receipt'),
  );
  const withoutAnswer =
    unanswered.length > 0 ? await countNotRelabeled(readLabels(store, ref, plan), unanswered, labelsSeen) : 0;
  const labels = withoutAnswer + (await countUnconfirmed(store, ref, files, labelsSeen));
  if (labels === 0) return undefined;
  return `${pluralize(labels, 'label')} of attempt ${ref.attempt} at revision ${ref.revision} (request ${plan.requestId}) may have been sent: their outcome is unknown, and the attempt has no report. This plan may send them again.`;
}

async function countUnconfirmed(
  store: PayloadStore,
  ref: AttemptRef,
  files: readonly ReceiptFile[],
  labelsSeen: LabelsSeen,
): Promise<number> {
  let count = 0;
  for (const file of files) {
    stopIfCancelled();
    const receipt = file.kind === 'receipt' ? await readUnchangedReceipt(store, ref, file) : undefined;
    const unconfirmed = (receipt?.items ?? []).filter(({ outcome }) => outcome === 'unconfirmed');
    count += unconfirmed.filter(({ labelId }) => !labelsSeen.isRelabeled(labelId)).length;
  }
  return count;
}

/**
 * @param labels in the order of the plan.
 * @param ranges sorted positions.
 * @returns how many labels in these positions no attempt has relabeled; all of them if the labels cannot be read.
 */
export async function countNotRelabeled(
  labels: AsyncIterable<{ readonly labelId: string }>,
  ranges: readonly Range[],
  labelsSeen: LabelsSeen,
): Promise<number> {
  let position = 0;
  let next = 0;
  let count = 0;
  try {
    for await (const { labelId } of labels) {
      stopIfCancelled();
      while (next < ranges.length && ranges[next]!.to <= position) next += 1;
      if (next < ranges.length && ranges[next]!.from <= position && !labelsSeen.isRelabeled(labelId))
        count += 1;
      position += 1;
    }
    return count;
  } catch (error) {
    if (!(error instanceof ChangedFile || error instanceof PayloadNotFound)) throw error;
    return countPositions(ranges);
  }
}

/** @throws {ChangedFile} when the file is missing or was changed. */
async function* readLabels(
  store: PayloadStore,
  ref: AttemptRef,
  { labelsSha256 }: Plan,
): AsyncGenerator<{ readonly labelId: string }> {
  const file = await CheckedFile.open(store, ref, labelsKey(ref), labelsSha256, stopIfCancelled);
  for await (const line of readLines(file.read())) yield JSON.parse(line) as { readonly labelId: string };
}
