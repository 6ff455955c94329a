import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';

const root = resolve(__dirname, '../..');
/** The linter checks all probes in a second or two, and needs more while other tests use the processors. */
const timeoutMs = 120_000;

interface Direction {
  readonly values: readonly string[];
  /** Folders from which only types may be imported. */
  readonly types: readonly string[];
}

const configured = ['config', 'telemetry'];
const common: Direction = { values: ['domain', 'text', 'collections', 'clock'], types: configured };

/**
 * Which folder may import which: the table of docs/architecture.md. Entry points (`cli`, `worker.ts`,
 * `gateway/start-gateway.ts`) build everything and may import anything.
 */
const directions: Readonly<Record<string, Direction>> = {
  domain: { values: [], types: [] },
  text: { values: [], types: [] },
  clock: { values: [], types: [] },
  collections: { values: ['clock'], types: [] },
  processes: { values: [], types: [] },
  decisions: { values: ['domain', 'text'], types: [] },
  config: { values: ['domain', 'text', 'collections', 'clock'], types: [] },
  telemetry: { values: ['domain', 'text', 'collections', 'clock'], types: ['config'] },
  temporal: common,
  'export-body': common,
  payloads: common,
  labeling: common,
  dev: { values: ['domain', 'text', 'collections', 'clock', 'temporal', 'processes'], types: configured },
  activities: {
    values: ['domain', 'text', 'collections', 'clock', 'export-body', 'payloads', 'labeling', 'temporal'],
    types: configured,
  },
  workflows: { values: ['domain', 'text', 'decisions'], types: ['activities'] },
  gateway: {
    values: [
      'domain',
      'text',
      'collections',
      'clock',
      'decisions',
      'payloads',
      'export-body',
      'temporal',
      'telemetry',
    ],
    types: ['config'],
  },
};
/** `cli` may import anything; `types` holds ambient declarations, which are never imported. */
const unrestricted = ['cli', 'types'];

const folders = readdirSync(join(root, 'src'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

let project: string;
let refused: ReadonlyMap<string, string>;

beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), 'requeue-directions-'));
  for (const [path, text] of probes()) {
    mkdirSync(dirname(join(project, path)), { recursive: true });
    writeFileSync(join(project, path), text);
  }
  mkdirSync(join(project, 'scripts'));
  for (const path of ['.oxlintrc.json', 'scripts/one-clock.js'])
    copyFileSync(join(root, path), join(project, path));
  symlinkSync(join(root, 'node_modules'), join(project, 'node_modules'), 'junction');
  refused = lint();
}, timeoutMs);

afterAll(() => rmSync(project, { recursive: true, force: true }));

it('Every folder of src has a direction', () => {
  expect(folders.filter((folder) => !unrestricted.includes(folder) && !(folder in directions))).toEqual([]);
});

describe.each(Object.entries(directions))('%s', (folder, { values, types }) => {
  const others = [...folders, 'worker'].filter((other) => other !== folder);
  const imported = (inner: string, kind: Kind) =>
    others.filter((other) => !refused.has(probe(folder, inner, other, kind)));

  it.each(['', 'room/'])('imports values only from its allowed folders (in src/%p)', (inner) => {
    expect(imported(inner, 'value')).toEqual(others.filter((other) => values.includes(other)));
  });

  it.each(['', 'room/'])('imports types only from its allowed folders (in src/%p)', (inner) => {
    expect(imported(inner, 'type')).toEqual(
      others.filter((other) => values.includes(other) || types.includes(other)),
    );
  });
});

it.each([
  ['src/domain/node.ts', 'no-restricted-imports'],
  ['src/domain/zod.ts', 'no-restricted-imports'],
  ['src/domain/sdk.ts', 'no-restricted-imports'],
  ['src/domain/crypto.ts', 'no-restricted-imports'],
  ['src/text/node.ts', 'no-restricted-imports'],
  ['src/cli/doctor/dev.ts', 'no-restricted-imports'],
  ['src/workflows/node.ts', 'no-restricted-imports'],
  ['src/workflows/zod.ts', 'no-restricted-imports'],
  ['src/workflows/client.ts', 'no-restricted-imports'],
  ['src/workflows/lazy.ts', 'no-restricted-imports'],
  ['src/gateway/story.ts', 'no-restricted-imports'],
  ['src/gateway/env.ts', 'no-process-env'],
  ['src/config/env.ts', 'no-process-env'],
  ['src/labeling/floating.ts', 'no-floating-promises'],
  ['src/labeling/misused.ts', 'no-misused-promises'],
  ['src/labeling/awaited.ts', 'await-thenable'],
  ['src/labeling/any.ts', 'no-explicit-any'],
  ['src/labeling/cycle-a.ts', 'no-cycle'],
])('The linter refuses %s (%s)', (path, rule) => {
  expect(refused.get(path)).toBe(rule);
});

/** Time and chance that do not come from the clock, and the rule that refuses each. */
const otherClocks: readonly (readonly [name: string, text: string, rule: string])[] = [
  ['date-now', 'export const now = Date.now();\n', 'no-restricted-properties'],
  ['date-now-default', 'export const read = (now = Date.now) => now();\n', 'no-restricted-properties'],
  ['new-date', 'export const now = new Date();\n', 'one-clock'],
  ['date-call', 'export const now = Date();\n', 'one-clock'],
  ['math-random', 'export const number = Math.random();\n', 'no-restricted-properties'],
  ['abort-signal', 'export const late = AbortSignal.timeout(1);\n', 'no-restricted-properties'],
  ['hrtime', 'export const now = process.hrtime.bigint();\n', 'no-restricted-properties'],
  ['set-timeout', 'setTimeout(() => undefined, 1);\n', 'no-restricted-globals'],
  ['set-interval', 'setInterval(() => undefined, 1);\n', 'no-restricted-globals'],
  ['set-immediate', 'setImmediate(() => undefined);\n', 'no-restricted-globals'],
  ['performance', 'export const now = performance.now();\n', 'no-restricted-globals'],
  ['web-crypto', 'export const id = crypto.randomUUID();\n', 'no-restricted-globals'],
  ['timers', "export { setTimeout } from 'node:timers';\n", 'one-clock'],
  [
    'timers-promises',
    "import { setTimeout as wait } from 'node:timers/promises';\nvoid wait(1);\n",
    'one-clock',
  ],
  [
    'perf-hooks',
    "import { performance as p } from 'perf_hooks';\nexport const now = p.now();\n",
    'one-clock',
  ],
  [
    'random-bytes',
    "import { createHash, randomBytes } from 'node:crypto';\nexport const all = [createHash, randomBytes];\n",
    'one-clock',
  ],
  ['random-uuid', "import { randomUUID } from 'crypto';\nexport const id = randomUUID();\n", 'one-clock'],
  ['all-crypto', "import * as all from 'node:crypto';\nexport const id = all.randomUUID();\n", 'one-clock'],
];

const onTheClock = ['payloads', 'activities/send', 'gateway/dispatch', 'gateway/http'];
const offTheClock = ['cli', 'dev', 'clock'];

it.each(otherClocks)('The linter refuses %s outside the clock', (name, _text, rule) => {
  for (const folder of onTheClock) expect(refused.get(`src/${folder}/${name}.ts`)).toBe(rule);
});

it.each(otherClocks)('The folders cli, dev and clock may use %s', (name) => {
  expect(offTheClock.filter((folder) => refused.has(`src/${folder}/${name}.ts`))).toEqual([]);
});

it('Workflow code may read the time of Date', () => {
  expect(refused.get('src/workflows/date-now.ts')).toBeUndefined();
});

it.each([
  'src/payloads/given-time.ts',
  'src/payloads/hash.ts',
  'src/collections/label-table.ts',
  'src/workflows/sdk.ts',
  'src/workflows/pure.ts',
  'src/decisions/pure.ts',
  'src/cli/commands/dev.ts',
  'src/gateway/messages.ts',
  'src/gateway/start-gateway.ts',
  'src/cli/env.ts',
  'src/worker.ts',
])('The linter accepts %s', (path) => {
  expect(refused.get(path)).toBeUndefined();
});

function probes(): [path: string, text: string][] {
  const imports = Object.keys(directions).flatMap((folder) =>
    ['', 'room/'].flatMap((inner) =>
      [...folders, 'worker'].flatMap((other): [string, string][] => {
        const from = `${inner === '' ? '..' : '../..'}/${other === 'worker' ? 'worker' : `${other}/thing`}`;
        return [
          [probe(folder, inner, other, 'value'), `export { thing } from '${from}';\n`],
          [probe(folder, inner, other, 'type'), `export type { Thing } from '${from}';\n`],
        ];
      }),
    ),
  );
  const env = "export const port = process.env['PORT'];\n";
  return [
    ...imports,
    ...otherClocks.flatMap(([name, text]) =>
      [...onTheClock, ...offTheClock, 'workflows'].map((folder): [string, string] => [
        `src/${folder}/${name}.ts`,
        text,
      ]),
    ),
    ['src/payloads/given-time.ts', 'export const epoch = new Date(0);\n'],
    ['src/payloads/hash.ts', "import { createHash } from 'node:crypto';\nexport const hash = createHash;\n"],
    [
      'tsconfig.json',
      '{ "compilerOptions": { "strict": true, "module": "commonjs", "moduleResolution": "bundler", "types": ["node"] }, "include": ["src"] }\n',
    ],
    ['src/domain/node.ts', "export { join } from 'node:path';\n"],
    ['src/domain/zod.ts', "export { z } from 'zod';\n"],
    ['src/domain/sdk.ts', "export type { Duration } from '@temporalio/common';\n"],
    ['src/domain/crypto.ts', "export { createHash } from 'node:crypto';\n"],
    ['src/text/node.ts', "export { join } from 'node:path';\n"],
    ['src/collections/label-table.ts', "export { createHash } from 'node:crypto';\n"],
    ['src/cli/doctor/dev.ts', "export { thing } from '../../dev/thing';\n"],
    ['src/cli/commands/dev.ts', "export { thing } from '../../dev/thing';\n"],
    ['src/workflows/node.ts', "export { join } from 'path';\n"],
    ['src/workflows/zod.ts', "export { z } from 'zod';\n"],
    ['src/workflows/sdk.ts', "export { sleep } from '@temporalio/workflow';\n"],
    ['src/workflows/client.ts', "export { Client } from '@temporalio/client';\n"],
    ['src/workflows/pure.ts', "export { defined } from '../collections/defined';\n"],
    ['src/decisions/pure.ts', "export { defined } from '../collections/defined';\n"],
    ['src/workflows/lazy.ts', "export const store = () => import('../payloads/thing');\n"],
    ['src/gateway/messages.ts', "export { progressQuery } from '../workflows/messages';\n"],
    ['src/gateway/story.ts', "export { ExportIssue } from '../workflows/export-issue';\n"],
    ['src/gateway/env.ts', env],
    ['src/gateway/start-gateway.ts', env],
    ['src/config/env.ts', env],
    ['src/cli/env.ts', env],
    ['src/worker.ts', env],
    ['src/labeling/floating.ts', "export function send(): void {\n  Promise.reject(new Error('lost'));\n}\n"],
    [
      'src/labeling/misused.ts',
      "export const found = (one: Promise<boolean>): string => (one ? 'yes' : 'no');\n",
    ],
    ['src/labeling/awaited.ts', 'export async function wait(): Promise<void> {\n  await 3;\n}\n'],
    ['src/labeling/any.ts', 'export type Loose = any;\n'],
    ['src/labeling/cycle-a.ts', "import { b } from './cycle-b';\nexport const a = (): number => b();\n"],
    ['src/labeling/cycle-b.ts', "import { a } from './cycle-a';\nexport const b = (): number => a();\n"],
  ];
}

type Kind = 'value' | 'type';

/** @param inner a folder inside of `folder`, or empty: the rules apply to both. */
function probe(folder: string, inner: string, other: string, kind: Kind): string {
  return `src/${folder}/${inner}${kind}-of-${other}.ts`;
}

/** @returns the rule that refuses each refused file. */
function lint(): Map<string, string> {
  const oxlint = join(dirname(require.resolve('oxlint/package.json', { paths: [root] })), 'bin/oxlint');
  const { diagnostics } = JSON.parse(output(oxlint)) as { diagnostics: { code: string; filename: string }[] };
  return new Map(
    diagnostics.map(({ code, filename }) => [toProjectPath(filename), /\((.+)\)/.exec(code)?.[1] ?? code]),
  );
}

function output(oxlint: string): string {
  try {
    return execFileSync(process.execPath, [oxlint, '--type-aware', '--format', 'json', 'src'], {
      cwd: project,
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
    });
  } catch (error) {
    return (error as { stdout: string }).stdout; // the linter exits with 1 because it refuses some probes
  }
}

function toProjectPath(filename: string): string {
  const path = filename.replaceAll('\\', '/');
  return path.startsWith('src/')
    ? path
    : path.slice(path.indexOf(`${basename(project)}/`) + basename(project).length + 1);
}
