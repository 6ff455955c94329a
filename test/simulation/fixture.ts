import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Scenario } from './scenario';

/** A scenario that once broke a promise. */
export interface Fixture {
  /** What was broken, as the simulation said it. */
  readonly violation: string;
  readonly scenario: Scenario;
}

const folder = join(__dirname, 'fixtures');

/** @returns the path. */
export function writeFixture(name: string, fixture: Fixture): string {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${name}.json`);
  writeFileSync(path, `${JSON.stringify(fixture, undefined, 2)}\n`);
  return path;
}

/** By name. */
export function readFixtures(): ReadonlyMap<string, Fixture> {
  const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
  return new Map(
    names
      .sort()
      .map((name) => [
        name.replace(/\.json$/, ''),
        JSON.parse(readFileSync(join(folder, name), 'utf8')) as Fixture,
      ]),
  );
}
