import type { Progress } from '../../../workflows/messages';

/** Every export of the issue has ended. The run may stay open until its notices are delivered or given up. */
export function hasEnded({ outcome, queued }: Progress): boolean {
  return outcome !== undefined && queued === 0;
}
