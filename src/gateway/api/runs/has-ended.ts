import type { Progress } from '../../../workflows/messages';

/** Every export of the issue has ended; its run may still be open for a while, until its notices are delivered or given up. */
export function hasEnded({ outcome, queued }: Progress): boolean {
  return outcome !== undefined && queued === 0;
}
