import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { runSeed } from '../run-seed';
import { planScenario } from '../scenario';
import { createSandbox, type Sandbox } from '../temporal/workflow-host';

/** What was found by the seeds of a run. */
export interface Sought {
  /** The first seed that broke one of the invariants, and its violation. */
  readonly found?: { readonly seed: number; readonly violation: string };
  /** Seeds that ended. */
  readonly seeds: number;
  /** Violations of other invariants, at most ten. */
  readonly others: readonly string[];
}

const maxOthers = 10;

/*
 * Runs in a copy of the project: seek-violation.ts <names of invariants> <first seed> <seeds>
 */
async function main([invariants = '', from = '1', seeds = '2000']: readonly string[]): Promise<void> {
  Error.stackTraceLimit = 2; // the product throws an error for each file that is missing
  const sandbox = await createBundledSandbox();
  const sought = await seek(sandbox, invariants.split(','), Number(from), Number(seeds));
  process.stdout.write(`${JSON.stringify(sought)}\n`);
  process.exit(0);
}

async function seek(
  sandbox: Sandbox,
  invariants: readonly string[],
  from: number,
  seeds: number,
): Promise<Sought> {
  const others: string[] = [];
  for (let seed = from; seed < from + seeds; seed += 1) {
    const { violation } = await runSeed(sandbox, planScenario(seed));
    if (violation === undefined) continue;
    if (invariants.some((name) => violation.startsWith(`${name}: `)))
      return { found: { seed, violation }, seeds: seed - from + 1, others };
    if (others.length < maxOthers) others.push(`seed ${seed}: ${violation}`);
  }
  return { seeds, others };
}

/** The workflows as they are in this copy. */
async function createBundledSandbox(): Promise<Sandbox> {
  const workflows = resolve(__dirname, '../../../src/workflows');
  const { code } = await bundleWorkflowCode({
    workflowsPath: join(workflows, 'index.ts'),
    payloadConverterPath: join(workflows, 'payload-converter.ts'),
    logger: new DefaultLogger('ERROR'),
  });
  const folder = mkdtempSync(join(tmpdir(), 'requeue-bundle-'));
  try {
    const path = join(folder, 'workflow-bundle.js');
    writeFileSync(path, code);
    return await createSandbox(path);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

void main(process.argv.slice(2));
