import { readFileSync } from 'node:fs';
import { msToTs } from '@temporalio/common/lib/time';
import { coresdk } from '@temporalio/proto';
import { parseWorkflowCode } from '@temporalio/worker/lib/worker';
import {
  type ReusableVMWorkflow,
  ReusableVMWorkflowCreator,
} from '@temporalio/worker/lib/workflow/reusable-vm';
import { globalHandlers } from '@temporalio/worker/lib/workflow/vm-shared';
import { cancelInCore, type Command, commandText, inOrderOfCore, type Task } from './history';

/** Creates workflows in the SDK's own sandbox, from the product's own bundle. */
export type Sandbox = ReusableVMWorkflowCreator;

export const activityNames = [
  'prepareExport',
  'writeReport',
  'relabelChunk',
  'notify',
  'noteNotice',
  'checkDecision',
  'keepDecision',
  'awaitDestination',
] as const;

/** @param codePath path of the workflow bundle. */
export async function createSandbox(codePath: string): Promise<Sandbox> {
  // the hooks that collect stack traces make every promise of this process slow
  globalHandlers.install = () => undefined;
  globalHandlers.addWorkflowBundle = async () => undefined;
  const bundle = parseWorkflowCode(readFileSync(codePath, 'utf8'), codePath);
  const noLimit = undefined as unknown as number; // a limit starts a thread for each call into the sandbox
  return ReusableVMWorkflowCreator.create(bundle, noLimit, new Set(activityNames));
}

/** What a worker gets to know about a run. */
export interface RunInfo {
  readonly workflowId: string;
  readonly runId: string;
  readonly firstRunId: string;
  readonly startedAt: number;
  readonly tasks: readonly Task[];
}

export type Activated =
  | { readonly kind: 'commands'; readonly commands: readonly Command[]; readonly flags: readonly number[] }
  | { readonly kind: 'failed'; readonly message: string };

interface Cached {
  readonly workflow: ReusableVMWorkflow;
  /** Tasks that it has carried out, by token. The last one may not be recorded. */
  done: number[];
}

/** The runs that a worker keeps in memory, as the SDK's worker does. */
export class WorkflowHost {
  private readonly cache = new Map<string, Cached>();

  constructor(private readonly sandbox: Sandbox) {}

  /** Carries out a task that is not recorded yet. Replays the recorded ones first if it has to. */
  async activate(run: RunInfo, task: Omit<Task, 'commands' | 'flags'>): Promise<Activated> {
    const cached = await this.upToDate(run);
    if ('message' in cached) return cached;
    const result = await this.perform(cached.workflow, run.runId, { ...task, flags: [] }, false);
    cached.done.push(task.token);
    return result;
  }

  /** Answers a query. @returns its result as a payload. */
  async query(run: RunInfo, queryType: string): Promise<Command | undefined> {
    const cached = await this.upToDate(run);
    if ('message' in cached) throw new Error(cached.message);
    const { successful } = (await cached.workflow.activate(
      coresdk.workflow_activation.WorkflowActivation.fromObject({
        runId: run.runId,
        jobs: [{ queryWorkflow: { queryId: 'q', queryType, arguments: [], headers: {} } }],
      }),
    )) as coresdk.workflow_completion.IWorkflowActivationCompletion;
    return successful?.commands?.[0];
  }

  has(runId: string): boolean {
    return this.cache.has(runId);
  }

  /** Forgets a run, as the SDK does when a task failed or the run has closed. */
  async evict(runId: string): Promise<void> {
    const cached = this.cache.get(runId);
    this.cache.delete(runId);
    await cached?.workflow.dispose();
  }

  async evictAll(): Promise<void> {
    for (const runId of this.cache.keys()) await this.evict(runId);
  }

  private async upToDate(run: RunInfo): Promise<Cached | Extract<Activated, { kind: 'failed' }>> {
    const known = this.cache.get(run.runId);
    if (known && known.done.length === run.tasks.length && known.done.at(-1) === run.tasks.at(-1)?.token)
      return known;
    await this.evict(run.runId);
    const cached: Cached = { workflow: await this.create(run), done: [] };
    this.cache.set(run.runId, cached);
    for (const task of run.tasks) {
      const result = await this.perform(cached.workflow, run.runId, task, true);
      if (result.kind === 'failed') return result;
      const [made, recorded] = [commandText(result.commands), commandText(task.commands)];
      if (made !== recorded)
        return {
          kind: 'failed',
          message: `A replay is not deterministic at task ${cached.done.length}: recorded\n${recorded}\nmade\n${made}`,
        };
      cached.done.push(task.token);
    }
    return cached;
  }

  private async create({ workflowId, runId, firstRunId, startedAt }: RunInfo): Promise<ReusableVMWorkflow> {
    const info = {
      workflowId,
      runId,
      firstExecutionRunId: firstRunId,
      workflowType: 'ExportIssue',
      namespace: 'default',
      taskQueue: 'requeue',
      searchAttributes: {},
      typedSearchAttributes: undefined,
      memo: {},
      historyLength: 0,
      historySize: 0,
      continueAsNewSuggested: false,
      startTime: new Date(startedAt),
      runStartTime: new Date(startedAt),
      attempt: 1,
      taskTimeoutMs: 10_000,
      unsafe: { isReplaying: false, isReplayingHistoryEvents: false },
    };
    const options = {
      info,
      randomnessSeed: [...Buffer.from(runId)],
      now: startedAt,
      showStackTraceSources: false,
    };
    const creator = this.sandbox as unknown as {
      createWorkflow(given: typeof options): Promise<ReusableVMWorkflow>;
    };
    return creator.createWorkflow(options);
  }

  private async perform(
    workflow: ReusableVMWorkflow,
    runId: string,
    task: Omit<Task, 'commands'>,
    isReplaying: boolean,
  ): Promise<Activated> {
    let commands: readonly Command[] = [];
    const flags = new Set<number>();
    for (let jobs = inOrderOfCore(task.jobs), isFirst = true; isFirst || jobs.length > 0; isFirst = false) {
      const completion = (await workflow.activate({
        runId,
        timestamp: msToTs(task.startedAt),
        historyLength: task.historyLength,
        continueAsNewSuggested: task.suggestsContinueAsNew,
        isReplaying,
        availableInternalFlags: [...task.flags],
        jobs,
      } as unknown as coresdk.workflow_activation.WorkflowActivation)) as coresdk.workflow_completion.IWorkflowActivationCompletion;
      if (completion.failed) return { kind: 'failed', message: failureText(completion.failed.failure) };
      const made = completion.successful;
      for (const flag of made?.usedInternalFlags ?? []) flags.add(flag);
      ({ sent: commands, jobs } = cancelInCore([...commands, ...(made?.commands ?? [])]));
    }
    return { kind: 'commands', commands, flags: [...flags] };
  }
}

function failureText(
  failure: { message?: string | null; stackTrace?: string | null } | null | undefined,
): string {
  return `${failure?.message ?? ''}\n${failure?.stackTrace ?? ''}`;
}
