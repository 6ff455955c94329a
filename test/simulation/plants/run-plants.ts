import { parseArgs } from 'node:util';
import { findPlant } from './find-plant';
import { plants } from './plants';

/*
 * npm run simulate:plants
 * npm run simulate:plants -- --plant no-look-back --seeds 500 --from 1
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      plant: { type: 'string' },
      seeds: { type: 'string', default: '2000' },
      from: { type: 'string', default: '1' },
    },
  });
  const chosen = plants.filter(({ name }) => values.plant === undefined || name === values.plant);
  if (chosen.length === 0)
    throw new Error(`Expected one of ${plants.map(({ name }) => name).join(', ')}, got ${values.plant}.`);
  let missed = 0;
  for (const plant of chosen) {
    const startedAt = performance.now();
    const { found, seeds, others } = await findPlant(plant, {
      from: Number(values.from),
      seeds: Number(values.seeds),
    });
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    if (!found) missed += 1;
    process.stdout.write(
      found
        ? `${plant.name}: found by seed ${found.seed} after ${seeds} seeds, ${seconds} s: ${found.violation}\n`
        : `${plant.name}: NOT FOUND in ${seeds} seeds, ${seconds} s\n`,
    );
    for (const other of others)
      process.stdout.write(`  the violation of another invariant doesn’t count: ${other}\n`);
  }
  process.stdout.write(`${chosen.length} planted faults, ${missed} not found\n`);
  process.exit(missed > 0 ? 1 : 0);
}

void main();
