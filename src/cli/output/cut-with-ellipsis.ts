import { cutToUnits } from '../../text/cut';

/** At most so many characters, with a sign that there were more. */
export function cutWithEllipsis(text: string, most: number): string {
  return text.length <= most ? text : `${cutToUnits(text, most - 1)}…`;
}
