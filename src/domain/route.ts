import { selectionDefaults, type SelectionOptions } from './plan';

/** Which Aquarium project goes to which destination, and how its elements are read. */
export interface Route extends SelectionOptions {
  /** The Aquarium project's name, or `*` for every project without a route of its own. */
  readonly project: string;
  readonly destination: string;
  /** The project's id at the destination; absent: the Aquarium project's name. */
  readonly destinationProject?: string;
  readonly approval: ApprovalPolicy;
  /** `ignore`: decisions count only with an operator token, through the API, the page or a command. */
  readonly signals: 'accept' | 'ignore';
}

/** When a route asks for approval, how long it waits, and how often it reminds. */
export interface ApprovalPolicy {
  /** A plan with more labels than this needs approval. 0: every plan with labels. `neverAsk`: no plan. */
  readonly above: number;
  /** A question without an answer ends the export after this time. */
  readonly expiresAfterMs: number;
  /** Time between two reminders of an open question. */
  readonly remindEveryMs: number;
}

const dayMs = 24 * 60 * 60 * 1000;

/** The default options of a route. */
export const routeDefaults = {
  ...selectionDefaults,
  signals: 'accept',
} as const satisfies Omit<Route, 'project' | 'destination' | 'approval'>;

/** The default times of an approval policy. The environment variable APPROVAL_THRESHOLD sets `above`. */
export const approvalDefaults = { expiresAfterMs: 7 * dayMs, remindEveryMs: dayMs } as const;

/**
 * `above` of a policy that never asks. No plan has more labels than this number. Unlike Infinity, JSON can
 * represent it.
 */
export const neverAsk = Number.MAX_SAFE_INTEGER;

export function needsApproval({
  labels,
  approvalAbove,
}: {
  readonly labels: number;
  readonly approvalAbove: number;
}): boolean {
  return labels > approvalAbove;
}
