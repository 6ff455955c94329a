import { type Reach, type ReachGroup, reachable } from './reach';

/** With fewer seeds, what is rare may be missing by chance. */
const enoughSeeds = 5000;

/** What no seed can meet, with the reason. */
const unreachable: readonly {
  readonly group: ReachGroup;
  readonly names: RegExp;
  readonly reason: string;
}[] = [];

/** @returns what was never met although it can be; empty if there were too few seeds to tell. */
export function findNeverMet(reach: Reach, seeds: number): string[] {
  if (seeds < enoughSeeds) return [];
  return groups().flatMap((group) =>
    reachable[group]
      .filter((name) => reach.met(group, name) === 0 && !isUnreachable(group, name))
      .map((name) => `${group}: ${name}`),
  );
}

/** The table of reach, as lines. */
export function describeReach(reach: Reach): string[] {
  return groups().flatMap((group) => {
    const names = reachable[group];
    return names[0]?.includes(' / ') ? matrix(reach, group, names) : list(reach, group, names);
  });
}

function groups(): ReachGroup[] {
  return Object.keys(reachable) as ReachGroup[];
}

function isUnreachable(group: ReachGroup, name: string): boolean {
  return unreachable.some((known) => known.group === group && known.names.test(name));
}

function list(reach: Reach, group: ReachGroup, names: readonly string[]): string[] {
  const width = Math.max(...names.map(({ length }) => length));
  return ['', group, ...names.map((name) => `  ${name.padEnd(width)} ${cell(reach, group, name)}`)];
}

/** Rows: the first half of the names; columns: the second. */
function matrix(reach: Reach, group: ReachGroup, names: readonly string[]): string[] {
  const pairs = names.map((name) => name.split(' / ') as [string, string]);
  const rows = [...new Set(pairs.map(([row]) => row))];
  const columns = [...new Set(pairs.map(([, column]) => column))];
  const first = Math.max(...rows.map(({ length }) => length));
  const header = columns.map((column) => column.padStart(Math.max(column.length, 7))).join(' ');
  return [
    '',
    group,
    `  ${' '.repeat(first)} ${header}`,
    ...rows.map(
      (row) =>
        `  ${row.padEnd(first)} ${columns
          .map((column) => cell(reach, group, `${row} / ${column}`).padStart(Math.max(column.length, 7)))
          .join(' ')}`,
    ),
  ];
}

function cell(reach: Reach, group: ReachGroup, name: string): string {
  const met = reach.met(group, name);
  if (met > 0) return met.toLocaleString('en-US').padStart(7);
  return (isUnreachable(group, name) ? '-' : 'NEVER').padStart(7);
}
