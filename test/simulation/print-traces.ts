import { join } from 'node:path';
import { runSeed } from './run-seed';
import { planScenario } from './scenario';
import { createSandbox } from './temporal/workflow-host';

/*
 * Prints the traces of seeds, one after the other: print-traces.ts 1 2 1
 */
async function main(seeds: readonly string[]): Promise<void> {
  const sandbox = await createSandbox(join(__dirname, '../../dist/workflow-bundle.js'));
  const traces: (readonly string[])[] = [];
  for (const seed of seeds) {
    const { trace = [] } = await runSeed(sandbox, planScenario(Number(seed)), { keepTrace: true });
    traces.push(trace);
  }
  process.stdout.write(JSON.stringify(traces), () => process.exit(0));
}

void main(process.argv.slice(2));
