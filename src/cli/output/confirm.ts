import { createInterface } from 'node:readline/promises';
import type { Streams } from './streams';

/** Whether a person can answer. The question goes to standard error; standard output may be a pipe. */
export function canAsk({ stdin, stderr }: Streams): boolean {
  return stdin.isTTY === true && stderr.isTTY === true;
}

/** Asks on the terminal. Only `y` or `yes` means yes; Enter, the end of the input and Ctrl-C mean no. */
export async function confirm(question: string, { stdin, stderr }: Streams): Promise<boolean> {
  const lines = createInterface({ input: stdin, output: stderr });
  const closed = new Promise<undefined>((resolve) =>
    lines.once('close', () => setImmediate(resolve, undefined)),
  ); // setImmediate: a line typed before the input ends still counts
  const typed = lines.question(`${question} [y/N] `).catch(() => undefined); // Ctrl-C and Ctrl-D reject
  try {
    const answer = await Promise.race([typed, closed]);
    if (answer === undefined) stderr.write('\n');
    return /^\s*y(es)?\s*$/i.test(answer ?? '');
  } finally {
    lines.close();
  }
}
