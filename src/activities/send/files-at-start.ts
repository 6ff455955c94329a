import { activityInfo } from '@temporalio/activity';
import type { AttemptRef } from '../../domain/attempt-ref';
import type { Range } from '../../domain/receipt';
import { attemptFolder } from '../../payloads/keys';
import type { PayloadStore } from '../../payloads/payload-store';
import { type ReceiptFile, receiptFiles } from '../../payloads/receipts';

/** A run makes its calls soon after each other; a worker rarely has calls of more runs at a time. */
const maxRuns = 100;

/**
 * The receipts and sent-marks that an attempt had when this worker first made a call for a run. After a reset, a run may
 * send other ranges than before, and knows nothing of the calls that it had made.
 */
export class FilesAtStart {
  private readonly lists = new Map<string, Promise<readonly ReceiptFile[]>>();

  constructor(private readonly store: PayloadStore) {}

  /** Must be called inside an activity. @returns whether another range had a file there that overlaps this range. */
  async hasOverlap(ref: AttemptRef, range: Range): Promise<boolean> {
    const files = await this.list(`${activityInfo().workflowExecution?.runId} ${attemptFolder(ref)}`, ref);
    return files.some(
      ({ from, to }) => from < range.to && range.from < to && (from !== range.from || to !== range.to),
    );
  }

  private list(key: string, ref: AttemptRef): Promise<readonly ReceiptFile[]> {
    const known = this.lists.get(key);
    if (known) return known;
    const listing = receiptFiles(this.store, ref);
    this.lists.set(key, listing);
    listing.catch(() => this.lists.delete(key));
    for (const oldest of this.lists.keys()) {
      if (this.lists.size <= maxRuns) break;
      this.lists.delete(oldest);
    }
    return listing;
  }
}
