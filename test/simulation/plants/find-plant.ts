import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Plant } from './plant';
import { withPlantedCopy } from './planted-copy';
import type { Sought } from './seek-violation';

export interface SeedRange {
  /** The first seed. */
  readonly from: number;
  /** Maximum number of seeds. */
  readonly seeds: number;
}

/** A larger young generation makes the simulation faster. */
const nodeOptions = ['--max-semi-space-size=64', '--import', 'tsx'];

/** Runs the product with the fault, one seed after the other, until one breaks an invariant of the plant. */
export function findPlant(plant: Plant, { from, seeds }: SeedRange): Promise<Sought> {
  return withPlantedCopy(plant, async (folder) => {
    const script = join(folder, 'test/simulation/plants/seek-violation.ts');
    const given = [plant.foundBy.join(), from, seeds].map(String);
    const { stdout } = await promisify(execFile)(process.execPath, [...nodeOptions, script, ...given], {
      cwd: folder,
      maxBuffer: 64 * 1024 * 1024,
    });
    return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Sought;
  });
}
