import { setTimeout as delay } from 'node:timers/promises';
import type { ExportDetail } from '../../gateway/api/operator-api';
import { describeDrop } from '../../gateway/api/show/describe-idle';
import { printable } from '../../text/printable';
import { dropCommand, replayCommand } from '../output/list-lines';
import { createWatchView } from '../output/watch-view';
import type { Streams } from '../output/streams';
import { GatewayError, NoGateway } from './gateway-client';

export interface WatchInput {
  readonly first: ExportDetail;
  fetchDetail(): Promise<ExportDetail>;
  /** Whether to print one JSON value at each change. */
  readonly json: boolean;
  /** Interval between two fetches, in ms. */
  readonly everyMs: number;
}

/**
 * Follows the exports of an issue until its workflow has closed and no request for it waits in the inbox.
 * Retries while the gateway, the worker or Temporal is unreachable.
 *
 * @throws {Error} when the last export did not end as `completed`.
 */
export async function watchExport(
  { first, fetchDetail, json, everyMs }: WatchInput,
  streams: Streams,
): Promise<void> {
  const view = createWatchView(streams, json);
  let hasReader = true;
  streams.stdout.once('error', () => (hasReader = false)); // `requeue show … --watch | head -1`
  let detail = first;
  view.show(detail);
  while (isUnfinished(detail) && hasReader) {
    await delay(everyMs);
    const fetched = await tryFetch(fetchDetail, (sentence) => view.showTrouble(sentence));
    if (fetched) view.show((detail = fetched));
  }
  view.end();
  if (!hasReader) return;
  if (detail.outcome !== 'completed') throw new Error(endSentence(detail));
}

/** An inbox entry without a hold is a request that has not finished: its report removes the entry. */
function isUnfinished({ isOpen, inbox }: ExportDetail): boolean {
  return isOpen || inbox.some(({ held }) => held === undefined);
}

function endSentence({ outcome, inbox, dropped }: ExportDetail): string {
  if (outcome !== undefined) return `The export ended as ${outcome}.`;
  const onHold = inbox.findLast(({ held }) => held !== undefined);
  if (onHold)
    return `The export is on hold. Release it with ${replayCommand(onHold)}, or drop it with ${dropCommand(onHold)}`;
  const last = dropped.at(-1);
  return last ? printable(`The request was ${describeDrop(last)}`) : 'The workflow ended without a report.';
}

/**
 * Returns undefined when the failure may be temporary: no gateway answers, its status is 5xx, or Temporal itself
 * paused the run (409, which no other answer about an export has).
 */
async function tryFetch(
  fetchDetail: () => Promise<ExportDetail>,
  showTrouble: (sentence: string) => void,
): Promise<ExportDetail | undefined> {
  try {
    return await fetchDetail();
  } catch (error) {
    if (
      !(error instanceof NoGateway) &&
      !(error instanceof GatewayError && (error.status >= 500 || error.status === 409))
    )
      throw error;
    showTrouble(`${error.message} Retrying.`);
    return undefined;
  }
}
