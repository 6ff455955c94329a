import { damageFile } from './damage-file';
import type { Machine } from './machine';
import { type Fault, serviceFault } from './scenario';
import type { World } from './world';

/** Hours by which a clock may be wrong are rare; minutes are common. In ms. */
const skews = [6000, 60_000, 15 * 60_000];

/** Makes something go wrong, and repairs it after its time. */
export function applyFault(world: World, fault: Fault): void {
  const { kind, ms, draw } = fault;
  const { timeline, disk, temporal, labeling, network } = world;
  const repair = (what: string, run: () => void | Promise<void>): void => {
    timeline.after(ms, `repair: ${what}`, run);
  };
  const worker = draw % world.workers.length;
  const gateway = draw % world.gateways.length;
  switch (kind) {
    case 'kill-worker':
      world.workers[worker]!.machine.kill();
      return repair(kind, () => world.restartWorker(worker));
    case 'freeze-worker':
      return freeze(world.workers[worker]!.machine, repair);
    case 'kill-gateway':
      world.gateways[gateway]!.machine.kill();
      return repair(kind, () => world.restartGateway(gateway));
    case 'freeze-gateway':
      return freeze(world.gateways[gateway]!.machine, repair);
    case 'clock-ahead':
    case 'clock-behind': {
      const { machine } = [...world.gateways, ...world.workers][draw % 4]!;
      machine.skewMs = skews[draw % skews.length]! * (kind === 'clock-ahead' ? 1 : -1);
      return repair(kind, () => {
        machine.skewMs = 0;
      });
    }
    case 'disk-full':
    case 'disk-errors':
      disk.fault =
        kind === 'disk-full'
          ? { code: 'ENOSPC', probability: 0.8, onlyWrites: true }
          : { code: draw % 2 === 0 ? 'EIO' : 'EACCES', probability: 0.3, onlyWrites: false };
      return repair(kind, () => {
        disk.fault = undefined;
      });
    case 'disk-slow': {
      const machines = [...world.gateways, ...world.workers].map(({ machine }) => machine);
      for (const machine of machines) {
        machine.slowness = 50;
        machine.delayedUntil = timeline.now + ms + 40 * 50; // what began meanwhile takes this much longer
      }
      return repair(kind, () => {
        for (const machine of machines) machine.slowness = 1;
      });
    }
    case 'disk-hangs':
      disk.hangsUntil = timeline.now + ms;
      return;
    case 'damage-swap':
    case 'damage-plan':
    case 'damage-lose':
    case 'damage-tear':
    case 'damage-flip':
    case 'damage-older':
      return damageFile(world, kind, draw);
    case 'power-loss':
      for (const { machine } of [...world.workers, ...world.gateways]) machine.kill();
      disk.losePower();
      return repair(kind, async () => {
        for (const at of world.workers.keys()) await world.restartWorker(at);
        for (const at of world.gateways.keys()) world.restartGateway(at);
      });
    case 'temporal-unreachable':
      network.isTemporalReachable = false;
      return repair(kind, () => {
        network.isTemporalReachable = true;
      });
    case 'temporal-is-busy':
    case 'temporal-loses-answers':
    case 'temporal-lacks-attributes':
      network.fault = kind;
      return repair(kind, () => {
        network.fault = undefined;
      });
    case 'deliver-twice':
    case 'reset-activity':
      return disturbActivity(world, kind, draw);
    case 'lose-completions':
      world.lostCompletions = 0.5;
      return repair(kind, () => {
        world.lostCompletions = 0;
      });
    case 'lose-database':
      return temporal.loseDatabase();
    case 'reset-run':
    case 'terminate-run':
    case 'pause-run': {
      const run = temporal.openRuns()[draw % Math.max(1, temporal.openRuns().length)];
      if (!run) return;
      if (kind === 'terminate-run') return temporal.terminate(run.workflowId);
      if (kind === 'reset-run') return temporal.reset(run.workflowId, draw % Math.max(1, run.tasks.length));
      run.status = 'PAUSED';
      return repair(kind, () => {
        if (run.status === 'PAUSED') run.status = 'RUNNING';
      });
    }
    default:
      labeling.fault = serviceFault(fault);
      return repair(kind, () => {
        labeling.fault = undefined;
      });
  }
}

/** Temporal delivers a task at least once, and an operator may reset an activity that runs. */
function disturbActivity(
  { temporal, workers }: World,
  kind: 'deliver-twice' | 'reset-activity',
  draw: number,
): void {
  const started = temporal
    .openRuns()
    .flatMap((run) => [...run.activities.values()].map((activity) => ({ run, activity })))
    .filter(({ activity }) => activity.state === 'started');
  const chosen = started[draw % Math.max(1, started.length)];
  if (!chosen) return;
  if (kind === 'reset-activity') return temporal.resetActivity(chosen.run, chosen.activity);
  const { worker } = workers[draw % workers.length]!;
  if (worker.isConnected()) worker.takeActivityTask({ ...chosen, token: chosen.activity.token });
}

function freeze(machine: Machine, repair: (what: string, run: () => void) => void): void {
  if (machine.state !== 'running') return;
  machine.freeze();
  repair(`thaw ${machine.name}`, () => {
    if (machine.state === 'frozen') machine.thaw();
  });
}
