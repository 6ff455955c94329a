import { cutToUnits } from '../../text/cut';

/** Cuts `text` to `maxUnits` UTF-16 units; the last one is then an ellipsis. */
export function cutWithEllipsis(text: string, maxUnits: number): string {
  return text.length <= maxUnits ? text : `${cutToUnits(text, maxUnits - 1)}…`;
}
