import { createInterface } from 'node:readline/promises';
import type { Streams } from './streams';

/** Whether a person can be asked: what is shown and what is typed go through a terminal, wherever the answer's output goes. */
export function canAsk({ stdin, stderr }: Streams): boolean {
  return stdin.isTTY === true && stderr.isTTY === true;
}

/** Asks on the terminal. Only `y` or `yes` is a yes; nothing, the end of the input and Ctrl-C are a no. */
export async function confirm(question: string, { stdin, stderr }: Streams): Promise<boolean> {
  const lines = createInterface({ input: stdin, output: stderr });
  const closed = new Promise<undefined>((resolve) =>
    lines.once('close', () => setImmediate(resolve, undefined)),
  ); // a line typed before it counts
  const typed = lines.question(`${question} [y/N] `).catch(() => undefined); // Ctrl-C and Ctrl-D
  try {
    const answer = await Promise.race([typed, closed]);
    if (answer === undefined) stderr.write('\n');
    return /^\s*y(es)?\s*$/i.test(answer ?? '');
  } finally {
    lines.close();
  }
}
