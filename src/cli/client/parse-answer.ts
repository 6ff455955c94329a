import { cutToUnits } from '../../text/cut';
import { printable } from '../../text/printable';

const maxSentenceUnits = 400; // the gateway's sentences are shorter

/**
 * Returns the JSON object in a gateway's answer.
 *
 * @throws {Error} with one sentence when the answer is not a JSON object.
 */
export function parseAnswer<T>(text: string, url: string): T {
  const answer = parseObject(text);
  if (answer === undefined)
    throw new Error(`The server at ${printable(url)} is not a Requeue gateway: ${answerSentence(text)}`);
  return answer as T;
}

/** Returns the sentence in a refusal, safe for a terminal. For any other answer, returns its beginning. */
export function answerSentence(text: string): string {
  const message = (parseObject(text) as { message?: unknown } | undefined)?.message;
  const sentence = typeof message === 'string' ? message : text.replace(/\s+/g, ' ').trim();
  return cutToUnits(printable(sentence), maxSentenceUnits);
}

function parseObject(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
