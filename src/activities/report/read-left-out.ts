import type { LeftOut } from '../../domain/plan';

/** The lines of `left-out.ndjson`. For a line that is not JSON, yields an entry with the reason `invalid`. */
export async function* readLeftOut(lines: AsyncIterable<string>): AsyncGenerator<LeftOut> {
  for await (const line of lines) yield parseLine(line);
}

function parseLine(line: string): LeftOut {
  try {
    return JSON.parse(line) as LeftOut;
  } catch {
    return {
      element: -1,
      reason: 'invalid',
      detail: 'This line of left-out.ndjson was changed and cannot be read.',
    };
  }
}
