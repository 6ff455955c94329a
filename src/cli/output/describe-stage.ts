import { printable } from '../../text/printable';
import { describeIdle } from '../../gateway/api/show/describe-idle';
import type { ExportDetail } from '../../gateway/api/operator-api';

/** `paused: the service refused our API key`. */
export function describeStage(detail: ExportDetail): string {
  const { stage, pausedBecause } = detail;
  const idle = describeIdle(detail);
  return `${stage}${pausedBecause === undefined ? '' : `: ${printable(pausedBecause)}`}${idle === undefined ? '' : ` (${printable(idle)})`}`;
}
