import { applyFault } from './apply-fault';
import { calmFrom, Invariants, Violation } from './invariants';
import { People } from './people';
import { Reach } from './reach';
import type { Scenario } from './scenario';
import type { WorkflowRun } from './temporal/run';
import type { Sandbox } from './temporal/workflow-host';
import { Trace } from './trace';
import { World } from './world';

export interface SeedResult {
  readonly seed: number;
  /** The first broken promise. */
  readonly violation: string | undefined;
  readonly steps: number;
  readonly digest: string;
  readonly trace: readonly string[] | undefined;
}

/** In ms. Between two rounds in which a person settles what waits. */
const roundMs = 60_000;
/** In ms. Longer than a sweep of the inbox. */
const afterLossMs = 3 * 60_000;
/** In ms, after the repair of everything. */
const calmMs = 3 * 60 * 60_000;

/**
 * Runs one seed from its first delivery until everything is repaired and quiet.
 * @param onTask is called with the run of every recorded workflow task.
 */
export async function runSeed(
  sandbox: Sandbox,
  scenario: Scenario,
  {
    keepTrace = false,
    reach = new Reach(),
    onTask = () => undefined,
  }: {
    readonly keepTrace?: boolean;
    readonly reach?: Reach;
    readonly onTask?: (run: WorkflowRun) => void;
  } = {},
): Promise<SeedResult> {
  reach.startSeed();
  const trace = new Trace({ keep: keepTrace });
  const invariants = new Invariants();
  const world = new World(scenario, sandbox, trace, {
    onWrite: (key, bytes) => {
      reach.onWrite(key, bytes);
      invariants.onWrite(key, bytes);
    },
    onCall: (call) => invariants.onCall(call),
    onTask: (run, task) => {
      const stage = reach.onTask(run, task);
      if (stage !== undefined) world.trace.add(world.timeline.now, `${run.workflowId} is now ${stage}`);
      invariants.onTask(run, task);
      onTask(run);
    },
    onTaskFailed: (run, message) => invariants.onTaskFailed(run, message),
    watchService: (service) => reach.watch(service),
  });
  invariants.world = world;
  const people = new People(world, invariants, (kind, answer) => reach.onDeed(kind, answer));
  for (const delivery of scenario.deliveries)
    world.timeline.after(delivery.at, 'a click on Export', () => people.deliver(delivery));
  for (const deed of scenario.deeds) world.timeline.after(deed.at, 'a person acts', () => people.do(deed));
  for (const fault of scenario.faults)
    world.timeline.after(fault.at, `fault: ${fault.kind} for ${fault.ms} ms`, () => {
      reach.onFault(world, fault);
      applyFault(world, fault);
    });
  try {
    await runWorld(world, invariants, people);
  } catch (error) {
    invariants.fail(
      error instanceof Violation ? error.message : `The simulation failed: ${String((error as Error).stack)}`,
    );
  } finally {
    await world.close();
  }
  return {
    seed: scenario.seed,
    violation: invariants.violation?.message,
    steps: world.timeline.steps,
    digest: trace.digest(),
    trace: trace.lines,
  };
}

async function runWorld(world: World, invariants: Invariants, people: People): Promise<void> {
  const stopAtViolation = (): void => {
    if (invariants.violation) throw invariants.violation;
  };
  await world.timeline.runUntil(calmFrom, stopAtViolation);
  await repairEverything(world);
  for (let round = 1; round * roundMs < calmMs; round += 1) {
    await world.timeline.runUntil(calmFrom + round * roundMs, stopAtViolation);
    if (isQuiet(world)) break;
    const gateway = world.gateways[0]!;
    for (const issueId of world.scenario.issueIds)
      void gateway.machine.run(() => people.settle(gateway, issueId, round)).catch(() => undefined);
    for (const sha256 of heldDeliveries(world))
      void gateway.machine.run(() => people.release(gateway, sha256, round)).catch(() => undefined);
  }
  invariants.atEnd();
  stopAtViolation();
  await loseAllButTheStore(world);
  await world.timeline.runUntil(world.timeline.now + afterLossMs, stopAtViolation);
  invariants.afterLoss();
}

/** Everything that only Temporal or a process has is gone. */
async function loseAllButTheStore(world: World): Promise<void> {
  world.temporal.loseDatabase();
  for (const { machine } of [...world.gateways, ...world.workers]) machine.kill();
  await repairEverything(world);
}

async function repairEverything(world: World): Promise<void> {
  world.disk.fault = undefined;
  world.labeling.fault = undefined;
  world.network.isTemporalReachable = true;
  world.network.fault = undefined;
  world.disk.hangsUntil = 0;
  world.lostCompletions = 0;
  for (const [at, { machine }] of world.gateways.entries()) {
    machine.skewMs = 0;
    machine.slowness = 1;
    if (machine.state === 'frozen') machine.thaw();
    if (machine.state === 'dead') world.restartGateway(at);
  }
  for (const [at, { machine }] of world.workers.entries()) {
    machine.skewMs = 0;
    machine.slowness = 1;
    if (machine.state === 'frozen') machine.thaw();
    if (machine.state === 'dead') await world.restartWorker(at);
  }
  for (const run of world.temporal.openRuns()) if (run.status === 'PAUSED') run.status = 'RUNNING';
}

function isQuiet(world: World): boolean {
  const { disk } = world;
  const waiting = disk.list('inbox/').filter((name) => !disk.damaged.has(`inbox/${name}`));
  return waiting.length === 0 && world.temporal.openRuns().length === 0;
}

function heldDeliveries(world: World): string[] {
  return [...world.disk.files].flatMap(([key, bytes]) => {
    if (!key.startsWith('inbox/')) return [];
    const text = bytes.toString('utf8');
    return text.includes('"held":') ? [/"sha256":"([0-9a-f]{64})"/.exec(text)?.[1] ?? ''] : [];
  });
}
