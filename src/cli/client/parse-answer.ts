import { cutToUnits } from '../../text/cut';
import { printable } from '../../text/printable';

/** The JSON object that a gateway answered. @throws an Error with one sentence when it is something else. */
export function parseAnswer<T>(text: string, url: string): T {
  const answer = objectIn(text);
  if (answer === undefined)
    throw new Error(`What answers at ${printable(url)} is no gateway of Requeue: ${answerSentence(text)}`);
  return answer as T;
}

/** What a gateway says of a refusal, for a terminal: its sentence, else the beginning of whatever came. */
export function answerSentence(text: string): string {
  const message = (objectIn(text) as { message?: unknown } | undefined)?.message;
  const sentence = typeof message === 'string' ? message : text.replace(/\s+/g, ' ').trim();
  return cutToUnits(printable(sentence), 400);
}

function objectIn(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
