import { readFileSync, writeFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { commandTable } from '../../src/cli/command-table';
import { variables } from '../../src/cli/variables';
import { tempFolder } from '../payloads/temp-folder';
import { requeue } from './run-requeue';

const folder = tempFolder();

it('The table names every command once', () => {
  const names = commandTable.map(({ name }) => name);
  expect(names).toEqual([...new Set(names)]);
});

it.each(commandTable.map((row) => [row.name, row] as const))(
  'The row of %s has an example that runs it, options with a description, and known variables',
  (name, { example, options, reads }) => {
    expect(example).toMatch(new RegExp(`(^| )requeue ${name}\\b`));
    for (const { description } of Object.values(options)) expect(description).not.toBe('');
    expect(reads).toEqual([...new Set(reads)]);
    expect(reads.filter((variable) => !(variable in variables))).toEqual([]);
  },
);

it.each([
  ['The help', ['--help'], []],
  ['The help of a command', ['show', '--help'], []],
  ['find', ['find', 'label', '--url', 'http://127.0.0.1:1', '--token', 't1'], ['find.js']],
  ['plan', ['plan', join(folder, 'none.json')], ['plan.js']],
])('%s loads only the modules of its own command', async (_, args, expected) => {
  const [hook, out] = [join(folder, 'loaded.cjs'), join(folder, 'loaded')];
  writeFileSync(
    hook,
    `process.on('exit', () => require('node:fs').writeFileSync(${JSON.stringify(out)}, Object.keys(require.cache).join('\\n')));`,
  );
  await requeue(args, { NODE_OPTIONS: `--require ${hook}`, REQUEUE_STORE: join(folder, 'store') });
  const loaded = readFileSync(out, 'utf8').split('\n');
  const commands = loaded.filter((file) => file.includes(`${sep}cli${sep}commands${sep}`));
  expect(commands.map((file) => file.split(sep).at(-1))).toEqual(expected);
  expect(loaded.filter((file) => /@temporalio.(client|worker)\b/.test(file))).toEqual([]);
});
