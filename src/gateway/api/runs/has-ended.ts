import type { Progress } from '../../../workflows/messages';

/**
 * True when every export of the issue has ended. The run may stay open until its notices are sent or given
 * up.
 */
export function hasEnded({ outcome, queued }: Progress): boolean {
  return outcome !== undefined && queued === 0;
}
