import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { parseCommandLine } from './command-line';
import { planScenario } from './scenario';
import { shrinkScenario, violationKind } from './shrink-scenario';
import { tellStory } from './story';
import { startMs } from './world';

/** 300 seeds take half a minute, and more while other tests use the processors. */
const timeoutMs = 600_000;

it('300 seeds keep every promise', () => expectSuccess('--seeds', '300'), timeoutMs);

it('Every fixture keeps every promise', () => expectSuccess('--fixtures'), timeoutMs);

it(
  'The same seed happens in the same way twice',
  async () => {
    const [once, again] = [await simulate('--seed', '7', '--all'), await simulate('--seed', '7', '--all')];
    expect(once.output).toContain('digest');
    expect(again.output).toBe(once.output);
  },
  timeoutMs,
);

it('A scenario is shrunk to what it needs to fail', async () => {
  const scenario = planScenario(3);
  const { kind } = scenario.faults[13]!;
  const [{ labelIds }] = [scenario.deliveries[0]!];
  const shrunk = await shrinkScenario(scenario, async ({ faults, deliveries }) =>
    Boolean(
      faults.some((fault) => fault.kind === kind) &&
      deliveries.some((delivery) => delivery.labelIds.includes(labelIds[0]!)),
    ),
  );
  expect(shrunk.faults.map((fault) => fault.kind)).toEqual([kind]);
  expect(shrunk.deliveries.map((delivery) => delivery.labelIds)).toEqual([[labelIds[0]]]);
  expect(shrunk.deeds).toEqual([]);
});

it('Two violations of one kind read the same without their ids', () => {
  const [one, other] = ['i0-l3 in exports/issue-0/1', 'i2-l7 in exports/issue-2/4'].map((label) =>
    violationKind(`no-label-is-lost: Label ${label}/report.json was relabeled, and the report says refused.`),
  );
  expect(one).toBe(other);
  expect(one).toBe('no-label-is-lost: Label … in … was relabeled, and the report says refused.');
});

it('A story has times from the start, short names, and no timers unless it is to have them', () => {
  const request = '20261124T100004095Z-23781c63a242';
  const lines = [
    `${startMs + 61_005} worker-1: timer`,
    `${startMs + 61_006} gateway-1: read inbox/${request}.json`,
    `${startMs + 63_000} fault: kill-worker for 100 ms`,
  ];
  expect(tellStory(lines, { all: false })).toEqual([
    '',
    '  1:01.006    gateway-1 reads inbox/request-1.json',
    '',
    '  1:03.000 !! fault: kill-worker for 100 ms',
    '',
    `request-1 is ${request}`,
  ]);
  expect(tellStory(lines, { all: true })).toContain('  1:01.005    worker-1: timer');
});

it.each([
  [['--seeds', 'many'], 'Expected a whole number from 1 to 999999999 for --seeds, got "many".'],
  [['--seed', '0'], 'Expected a whole number from 1 to 999999999 for --seed, got "0".'],
  [['--from', '1.5'], 'Expected a whole number from 1 to 999999999 for --from, got "1.5".'],
  [['--trace'], 'Expected --seed S with --trace, --all and --shrink: they are about one seed.'],
  [['--seed', '1', '--seeds', '2'], 'Expected either --seed S, or --seeds N with --from S, and got both.'],
  [
    ['--seed', '1', '--shrink', '../x'],
    'Expected small letters, digits and hyphens for --shrink, got "../x".',
  ],
])('The command refuses %j', (args, sentence) => {
  expect(() => parseCommandLine(args)).toThrow(sentence);
});

async function expectSuccess(...args: string[]): Promise<void> {
  const { code, output } = await simulate(...args);
  if (code !== 0) throw new Error(`The simulation ended with ${code}:\n${failures(output)}`);
}

/** Without the table of reach. */
function failures(output: string): string {
  return output
    .split('\n')
    .filter((line) => /^(seed|fixture|Failed|Never met|\d)|Error/.test(line))
    .join('\n');
}

/** In a process of its own: jest's transforms would make it slow. */
function simulate(...args: string[]): Promise<{ readonly code: number; readonly output: string }> {
  const given = ['--max-semi-space-size=64', '--import', 'tsx', join(__dirname, 'main.ts'), ...args];
  return new Promise((resolve) => {
    execFile(process.execPath, given, { maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) =>
      resolve({
        code: error ? (typeof error.code === 'number' ? error.code : 1) : 0,
        output: stdout + stderr,
      }),
    );
  });
}
