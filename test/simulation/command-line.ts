import { parseArgs } from 'node:util';

export const help = `Usage: npm run simulate -- [options]

  --seeds N        run N seeds (300)
  --from S         the first seed (1)
  --seed S         run one seed
    --trace        and tell its story, without timers, pings and polls
    --all          with them
    --shrink NAME  if it fails, leave out what it does not need, and write test/simulation/fixtures/NAME.json
  --fixtures       run every fixture

Exits with 1 when a promise was broken, or when 5,000 seeds or more never met something of the table of reach.
docs/simulation.md explains the story and the table.
`;

export type CommandLine =
  | { readonly kind: 'help' }
  | { readonly kind: 'fixtures' }
  | { readonly kind: 'range'; readonly from: number; readonly seeds: number }
  | {
      readonly kind: 'seed';
      readonly seed: number;
      readonly story: 'none' | 'short' | 'all';
      /** Name of the fixture to write. */
      readonly shrinkTo: string | undefined;
    };

/** @throws an error with one sentence for the caller. */
export function parseCommandLine(args: readonly string[]): CommandLine {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seeds: { type: 'string' },
      from: { type: 'string' },
      seed: { type: 'string' },
      trace: { type: 'boolean', default: false },
      all: { type: 'boolean', default: false },
      shrink: { type: 'string' },
      fixtures: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return { kind: 'help' };
  if (values.fixtures) return { kind: 'fixtures' };
  if (values.seed === undefined) {
    if (values.trace || values.all || values.shrink !== undefined)
      throw new Error('Expected --seed S with --trace, --all and --shrink: they are about one seed.');
    return {
      kind: 'range',
      from: wholeNumber('--from', values.from ?? '1'),
      seeds: wholeNumber('--seeds', values.seeds ?? '300'),
    };
  }
  if (values.seeds !== undefined || values.from !== undefined)
    throw new Error('Expected either --seed S, or --seeds N with --from S, and got both.');
  if (values.shrink !== undefined && !/^[a-z0-9-]+$/.test(values.shrink))
    throw new Error(`Expected small letters, digits and hyphens for --shrink, got "${values.shrink}".`);
  return {
    kind: 'seed',
    seed: wholeNumber('--seed', values.seed),
    story: values.all ? 'all' : values.trace ? 'short' : 'none',
    shrinkTo: values.shrink,
  };
}

function wholeNumber(option: string, given: string): number {
  if (/^[1-9]\d{0,8}$/.test(given)) return Number(given);
  throw new Error(`Expected a whole number from 1 to 999999999 for ${option}, got "${given}".`);
}
