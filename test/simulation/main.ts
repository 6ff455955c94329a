import { join } from 'node:path';
import { type CommandLine, help, parseCommandLine } from './command-line';
import { readFixtures, writeFixture } from './fixture';
import { Reach } from './reach';
import { describeReach, findNeverMet } from './reach-report';
import { runSeed } from './run-seed';
import { planScenario, type Scenario } from './scenario';
import { shrinkScenario, violationKind } from './shrink-scenario';
import { tellStory } from './story';
import { createSandbox, type Sandbox } from './temporal/workflow-host';

/** With how many other seeds of chance a fixture runs: a change of the simulation gives each seed another chance. */
const chancesPerFixture = 10;

const bundle = process.env['TEST_WORKFLOW_BUNDLE'] ?? join(__dirname, '../../dist/workflow-bundle.js');

async function main(): Promise<void> {
  let command: CommandLine;
  try {
    command = parseCommandLine(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    process.exit(2);
  }
  if (command.kind === 'help') return print(help);
  Error.stackTraceLimit = command.kind === 'seed' ? 20 : 2; // the product throws an error for each missing file
  const sandbox = await createSandbox(bundle);
  process.exit((await carryOut(sandbox, command)) ? 0 : 1);
}

/** @returns whether all is well. */
function carryOut(sandbox: Sandbox, command: Exclude<CommandLine, { kind: 'help' }>): Promise<boolean> {
  switch (command.kind) {
    case 'fixtures':
      return runFixtures(sandbox);
    case 'range':
      return runRange(sandbox, command);
    case 'seed':
      return runOne(sandbox, command);
  }
}

async function runRange(
  sandbox: Sandbox,
  { from, seeds }: { readonly from: number; readonly seeds: number },
): Promise<boolean> {
  const reach = new Reach();
  const failed: number[] = [];
  let steps = 0;
  const startedAt = performance.now();
  const cpuBefore = process.cpuUsage();
  for (let seed = from; seed < from + seeds; seed += 1) {
    const result = await runSeed(sandbox, planScenario(seed), { reach });
    steps += result.steps;
    if (result.violation === undefined) continue;
    failed.push(seed);
    print(`seed ${seed}: ${result.violation}\n`);
  }
  const seconds = (performance.now() - startedAt) / 1000;
  const cpu = process.cpuUsage(cpuBefore);
  const cpuSeconds = (cpu.user + cpu.system) / 1e6;
  const neverMet = findNeverMet(reach, seeds);
  print(`${describeReach(reach).join('\n')}\n\n`);
  for (const name of neverMet) print(`Never met: ${name}\n`);
  for (const seed of failed) print(`Failed: npm run simulate -- --seed ${seed} --trace\n`);
  print(
    `${seeds} seeds, ${failed.length} failed, ${steps} steps, ${seconds.toFixed(1)} s, ${perMinute(seeds, seconds)} seeds a minute (${perMinute(seeds, cpuSeconds)} in a minute of processor time)\n`,
  );
  return failed.length === 0 && neverMet.length === 0;
}

function perMinute(seeds: number, seconds: number): number {
  return Math.round((seeds / seconds) * 60);
}

async function runOne(
  sandbox: Sandbox,
  { seed, story, shrinkTo }: Extract<CommandLine, { kind: 'seed' }>,
): Promise<boolean> {
  const scenario = planScenario(seed);
  const { violation, steps, digest, trace } = await runSeed(sandbox, scenario, {
    keepTrace: story !== 'none',
  });
  if (trace) print(`${tellStory(trace, { all: story === 'all' }).join('\n')}\n\n`);
  print(`seed ${seed}: ${violation ?? 'every promise was kept'}\n${steps} steps, digest ${digest}\n`);
  if (violation !== undefined && shrinkTo !== undefined) await shrink(sandbox, scenario, violation, shrinkTo);
  return violation === undefined;
}

async function shrink(sandbox: Sandbox, scenario: Scenario, violation: string, name: string): Promise<void> {
  const kind = violationKind(violation);
  let smallest = violation;
  let runs = 0;
  const shrunk = await shrinkScenario(scenario, async (candidate) => {
    runs += 1;
    const found = (await runSeed(sandbox, candidate)).violation;
    if (found === undefined || violationKind(found) !== kind) return false;
    smallest = found;
    return true;
  });
  const path = writeFixture(name, { violation: smallest, scenario: shrunk });
  print(
    `${path}: ${shrunk.faults.length} faults, ${shrunk.deeds.length} deeds and ${shrunk.deliveries.length} deliveries are enough (${runs} runs): ${smallest}\n`,
  );
}

async function runFixtures(sandbox: Sandbox): Promise<boolean> {
  const fixtures = readFixtures();
  let failed = 0;
  for (const [name, { scenario }] of fixtures)
    for (let chance = 0; chance <= chancesPerFixture; chance += 1) {
      const { violation } = await runSeed(sandbox, { ...scenario, seed: scenario.seed + chance });
      if (violation === undefined) continue;
      failed += 1;
      print(`fixture ${name} with seed ${scenario.seed + chance}: ${violation}\n`);
      break;
    }
  print(`${fixtures.size} fixtures, ${failed} failed\n`);
  return failed === 0;
}

function print(text: string): void {
  process.stdout.write(text);
}

void main();
