import { LabelingError } from '../../src/labeling/labeling-error';
import type { LabelingService } from '../../src/labeling/labeling-service';
import { allStages, isOutcome } from '../../src/domain/stage';
import { deedKinds, allFaultKinds, refusals, type DeedKind, type Fault } from './scenario';
import type { Task } from './temporal/history';
import { isOpen, type WorkflowRun } from './temporal/run';
import { readKeyword, searchAttributesOfTask } from './temporal/search-attributes';
import type { World } from './world';

/** Where an export is that has not ended, as the world outside sees it. */
const exportStates = [
  'kept',
  'queued',
  'starting',
  'preparing',
  'awaiting-approval',
  'sending',
  'paused-by-person',
  'paused-by-destination',
  'paused-by-service',
  'paused-in-temporal',
  'reporting',
] as const;
type ExportState = (typeof exportStates)[number];

const partStates = [
  'worker-dead',
  'worker-frozen',
  'gateway-dead',
  'gateway-frozen',
  'disk-failing',
  'temporal-unreachable',
  'temporal-failing',
  'service-failing',
] as const;
type PartState = (typeof partStates)[number];

const deedAnswers = ['accepted', 'refused'] as const;

const serviceAnswers = ['relabeled', ...refusals, 'no-answer', 'server-error'] as const;

/** Counts how often each fault, state, deed and answer was met, and each fault in each state. */
export class Reach {
  private readonly counts = new Map<string, number>();
  /** The search attribute `ExportStage` of the open runs of the current seed, by run id. */
  private stages = new Map<string, string>();
  /** Runs of the current seed that a person paused. */
  private paused = new Set<string>();

  startSeed(): void {
    this.stages = new Map();
    this.paused = new Set();
  }

  /** Call this before the fault is applied. */
  onFault(world: World, { kind }: Fault): void {
    this.count('fault', kind);
    for (const state of this.exportStates(world)) {
      this.count('state of an export', state);
      this.count('fault in a state of an export', `${kind} / ${state}`);
    }
    for (const state of partStatesOf(world)) {
      this.count('state of a part', state);
      this.count('fault in a state of a part', `${kind} / ${state}`);
    }
  }

  /** @returns the stage, if the task changed it. */
  onTask(run: WorkflowRun, task: Task): string | undefined {
    for (const { signalWorkflow, doUpdate } of task.jobs) {
      const name = signalWorkflow?.signalName ?? doUpdate?.name;
      if (name === 'pause') this.paused.add(run.runId);
      if (name === 'resume') this.paused.delete(run.runId);
    }
    const stage = readKeyword(searchAttributesOfTask(task), 'ExportStage');
    if (stage === undefined || stage === this.stages.get(run.runId)) return undefined;
    this.stages.set(run.runId, stage);
    return stage;
  }

  /** Call this when a file is written. */
  onWrite(key: string, bytes: Buffer): void {
    if (!key.endsWith('/report.json')) return;
    const [, outcome = ''] = /"outcome": ?"([a-z-]+)"/.exec(bytes.toString('utf8')) ?? [];
    this.count('outcome', outcome);
  }

  onDeed(kind: DeedKind, answer: (typeof deedAnswers)[number]): void {
    this.count('deed', `${kind} ${answer}`);
  }

  /** The same service; each of its answers counts. */
  watch(service: LabelingService): LabelingService {
    return {
      ...service,
      relabel: async (items, context, signal) => {
        try {
          const answer = await service.relabel(items, context, signal);
          this.count('answer', 'relabeled');
          return answer;
        } catch (error) {
          if (error instanceof LabelingError)
            this.count('answer', error.isServerError ? 'server-error' : error.kind);
          throw error;
        }
      },
    };
  }

  /** How often something was met. */
  met(group: ReachGroup, name: string): number {
    return this.counts.get(`${group}: ${name}`) ?? 0;
  }

  private count(group: ReachGroup, name: string): void {
    const key = `${group}: ${name}`;
    this.counts.set(key, (this.counts.get(key) ?? 0) + 1);
  }

  private exportStates(world: World): ReadonlySet<ExportState> {
    const states = new Set<ExportState>();
    const open = world.temporal.openRuns();
    const waiting = world.disk.list('inbox/').length;
    if (waiting > open.length) states.add(open.length === 0 ? 'kept' : 'queued');
    for (const run of open) states.add(this.stateOf(run));
    return states;
  }

  private stateOf(run: WorkflowRun): ExportState {
    if (run.status === 'PAUSED') return 'paused-in-temporal';
    const pending = new Set([...run.activities.values()].map(({ command }) => command.activityType));
    if (pending.has('writeReport')) return 'reporting';
    const stage = this.stages.get(run.runId);
    if (stage === 'paused') {
      if (this.paused.has(run.runId)) return 'paused-by-person';
      return pending.has('awaitDestination') ? 'paused-by-destination' : 'paused-by-service';
    }
    if (pending.has('prepareExport')) return 'preparing';
    if (stage === 'sending' || stage === 'awaiting-approval' || stage === 'preparing') return stage;
    return isOpen(run) ? 'starting' : 'reporting';
  }
}

function partStatesOf({ workers, gateways, disk, network, labeling }: World): PartState[] {
  const has = (machines: readonly { readonly machine: { readonly state: string } }[], state: string) =>
    machines.some(({ machine }) => machine.state === state);
  const found: readonly (readonly [PartState, boolean])[] = [
    ['worker-dead', has(workers, 'dead')],
    ['worker-frozen', has(workers, 'frozen')],
    ['gateway-dead', has(gateways, 'dead')],
    ['gateway-frozen', has(gateways, 'frozen')],
    ['disk-failing', disk.fault !== undefined],
    ['temporal-unreachable', !network.isTemporalReachable],
    ['temporal-failing', network.fault !== undefined],
    ['service-failing', labeling.fault !== undefined],
  ];
  return found.flatMap(([state, isSo]) => (isSo ? [state] : []));
}

const faultsInStates = (states: readonly string[]): string[] =>
  allFaultKinds.flatMap((fault) => states.map((state) => `${fault} / ${state}`));

/** Everything that seeds can meet. */
export const reachable = {
  fault: allFaultKinds,
  'state of an export': exportStates,
  'state of a part': partStates,
  outcome: allStages.filter(isOutcome),
  deed: deedKinds.flatMap((kind) => deedAnswers.map((answer) => `${kind} ${answer}`)),
  answer: serviceAnswers,
  'fault in a state of an export': faultsInStates(exportStates),
  'fault in a state of a part': faultsInStates(partStates),
} as const satisfies Record<string, readonly string[]>;
export type ReachGroup = keyof typeof reachable;
