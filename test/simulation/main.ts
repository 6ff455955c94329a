import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runSeed } from './run-seed';
import { planScenario } from './scenario';
import { createSandbox } from './temporal/workflow-host';

/*
 * npm run simulate -- --seeds 1000 --from 1
 * npm run simulate -- --seed 17 --trace
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string', default: '300' },
      from: { type: 'string', default: '1' },
      seed: { type: 'string' },
      trace: { type: 'boolean', default: false },
    },
  });
  Error.stackTraceLimit = values.trace ? 20 : 2; // the product throws an error for each file that is missing
  const sandbox = await createSandbox(join(__dirname, '../../dist/workflow-bundle.js'));
  const from = Number(values.seed ?? values.from);
  const count = values.seed === undefined ? Number(values.seeds) : 1;
  let failed = 0;
  let steps = 0;
  const startedAt = performance.now();
  for (let seed = from; seed < from + count; seed += 1) {
    const result = await runSeed(sandbox, planScenario(seed), { keepTrace: values.trace });
    steps += result.steps;
    for (const line of result.trace ?? []) process.stdout.write(`${line}\n`);
    if (result.violation !== undefined) {
      failed += 1;
      process.stdout.write(`seed ${seed}: ${result.violation}\n`);
    }
    if (values.seed !== undefined) process.stdout.write(`digest ${result.digest}\n`);
  }
  const seconds = (performance.now() - startedAt) / 1000;
  process.stdout.write(
    `${count} seeds, ${failed} failed, ${steps} steps, ${seconds.toFixed(1)} s, ${Math.round((count / seconds) * 60)} seeds a minute\n`,
  );
  process.exit(failed > 0 ? 1 : 0);
}

void main();
