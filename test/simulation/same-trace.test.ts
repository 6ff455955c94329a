import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const root = join(__dirname, '../..');

it('A seed makes the same trace twice in a process, whatever ran before it, and in another process', async () => {
  const first = await printTraces(1, 2, 3, 1, 2);
  const second = await printTraces(3, 2, 1);
  const [one, two, three, oneAgain, twoAgain] = first;
  expect(one?.length).toBeGreaterThan(100);
  expect(one).not.toEqual(two);
  expect([oneAgain, twoAgain]).toEqual([one, two]);
  expect(second).toEqual([three, two, one]);
}, 300_000); // two cores may be shared with other tests

/** @returns the lines of each seed's trace. */
async function printTraces(...seeds: readonly number[]): Promise<string[][]> {
  const script = join(__dirname, 'print-traces.ts');
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--import', 'tsx', script, ...seeds.map(String)],
    { cwd: root, maxBuffer: 256 * 1024 * 1024 },
  );
  return JSON.parse(stdout) as string[][];
}
