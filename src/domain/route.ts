import { selectionDefaults, type SelectionOptions } from './plan';

/** Which Aquarium project goes where, and how its elements are read. */
export interface Route extends SelectionOptions {
  /** The Aquarium project's name, or `*` for every project without a route of its own. */
  readonly project: string;
  readonly destination: string;
  /** The project's id at the destination; absent: the Aquarium project's name. */
  readonly destinationProject?: string;
  readonly approval: ApprovalPolicy;
  /** `ignore`: approve and reject count only through the gateway (API, page, command), with an operator's token. */
  readonly signals: 'accept' | 'ignore';
}

/** When a person is asked before labels are sent, and how long. */
export interface ApprovalPolicy {
  /** A plan with more labels than this waits for a person; 0: always, `neverAsk`: never. */
  readonly above: number;
  /** An unanswered question ends the export after this. */
  readonly expiresAfterMs: number;
  /** An unanswered question is repeated this often. */
  readonly remindEveryMs: number;
}

const dayMs = 24 * 60 * 60 * 1000;

/** The options of a route that names none. */
export const routeDefaults = {
  ...selectionDefaults,
  signals: 'accept',
} as const satisfies Omit<Route, 'project' | 'destination' | 'approval'>;

/** The times of a route that names none. `above` has its own variable, APPROVAL_THRESHOLD. */
export const approvalDefaults = { expiresAfterMs: 7 * dayMs, remindEveryMs: dayMs } as const;

/** `above` of a policy that never asks: no plan has so many labels, and JSON carries it. */
export const neverAsk = Number.MAX_SAFE_INTEGER;

/** Whether a person must approve a plan before its labels are sent. */
export function needsApproval({
  labels,
  approvalAbove,
}: {
  readonly labels: number;
  readonly approvalAbove: number;
}): boolean {
  return labels > approvalAbove;
}
