import type { Facts } from '../facts';
import type { LedgerCall } from '../labeling';
import type { Task } from '../temporal/history';
import type { WorkflowRun } from '../temporal/run';

/** When an invariant looks. It reports each broken promise as a sentence. */
export interface Checks {
  /** A call reaches the labeling service. */
  onCall?(call: LedgerCall): void;
  /** The server records a workflow task. */
  onTask?(run: WorkflowRun, task: Task): void;
  /** A worker fails a workflow task. */
  onTaskFailed?(run: WorkflowRun, message: string): void;
  /** A file changes. */
  onWrite?(key: string, bytes: Buffer): void;
  /** A person looks at an export that is paused although everything is repaired. */
  onStuck?(issueId: string, because: string): void;
  /** Everything is repaired and quiet. */
  atEnd?(): void;
  /** Temporal's database was lost and every process was started again, after the end. */
  afterLoss?(): void;
}

export interface Invariant {
  readonly name: string;
  /** What it promises, as a sentence. */
  readonly promise: string;
  watch(facts: Facts, fail: (sentence: string) => void): Checks;
}
