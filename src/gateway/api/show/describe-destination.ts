import { formatUtc } from '../../../text/sentences';
import type { DestinationState } from '../operator-api';

/**
 * What keeps exports of a destination waiting, one sentence each. Times are absolute, because the page's script
 * compares the text.
 */
export function describeDestination({
  name,
  paused,
  waits,
}: Pick<DestinationState, 'name' | 'paused' | 'waits'>): string[] {
  const reason = paused?.reason === undefined ? '' : ` (“${paused.reason}”)`;
  return [
    ...(paused
      ? [
          `${paused.by} paused the destination ${name} at ${formatUtc(paused.since)}${reason}. Nothing is sent to it until it is resumed.`,
        ]
      : []),
    ...(waits
      ? [`The destination ${name} asked to wait until ${formatUtc(waits.until)}. ${waits.because}`]
      : []),
  ];
}

/** Names the exports that wait; empty when none does. */
export function describeWaitingExports({ waiting, hasMore }: DestinationState): string {
  if (waiting.length === 0) return '';
  const names = waiting.map(({ issueName, issueId }) => issueName || issueId).join(', ');
  return `Waiting exports: ${names}${hasMore ? ' and more' : ''}.`;
}
