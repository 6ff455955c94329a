import type { PlanSummary } from './plan-summary';

/** The route options that select labels from elements. */
export interface SelectionOptions {
  /**
   * `matching`: the label that a crop refers to. `all-in-frame`: every label of the crop's frame, like the
   * loop in Aquarium's guide.
   */
  readonly crops: 'matching' | 'all-in-frame';
  readonly frames: 'skip' | 'all-labels';
  /**
   * Where to find the labeling service's label id: `uuid`, `user__<field>` of the frame, or
   * `attributes.<name>` of the label.
   */
  readonly labelId: string;
  readonly onInvalid: 'skip' | 'fail';
  readonly resend: 'new' | 'all';
}

/** Why an element or one of its labels is not in the plan. */
export type LeftOutReason =
  | 'unmatched-crop' // no label in the frame's label_data has the crop's uuid
  | 'inference' // a model's inference, not a label of the labeling service
  | 'missing-label-id' // the label has no usable id where `labelId` points
  | 'invalid' // a field that the route uses is missing or has the wrong type
  | 'frame' // a frame element, and the route skips frames
  | 'no-labels' // a frame element (or an all-in-frame crop) whose frame has no labels
  | 'same-label' // another element already put this label into the plan
  | 'already-relabeled'; // an earlier attempt of this issue relabeled it at the same destination project

/** The reasons that make an export end as `completed-with-problems`. */
export const problemReasons: ReadonlySet<LeftOutReason> = new Set([
  'unmatched-crop',
  'inference',
  'missing-label-id',
  'invalid',
]);

/** A line of `left-out.ndjson`. */
export interface LeftOut {
  /** Index of the element in the delivery, from 0. */
  readonly element: number;
  readonly elementId?: string;
  readonly labelId?: string;
  /** Only with `same-label`: the label's position in the plan, from 1. */
  readonly position?: number;
  readonly reason: LeftOutReason;
  /** A sentence that explains the reason. For `already-relabeled`: the earlier export's revision and date. */
  readonly detail: string;
}

/** A line of `labels.ndjson`. Its line number, from 0, is the label's position in the plan. */
export interface PlannedLabel {
  readonly labelId: string;
  readonly elementId: string;
  /** Index of the element in the delivery, from 0. */
  readonly element: number;
  readonly className?: string;
}

/** `plan.json`. It is written last, so an attempt with a `plan.json` has all files of its plan. */
export interface Plan {
  readonly version: 1;
  readonly requestId: string;
  readonly issueId: string;
  /** Complete, not truncated. */
  readonly issueName: string;
  /** Complete, not truncated. */
  readonly project: string;
  readonly sha256: string;
  readonly revision: string;
  readonly attempt: number;
  readonly force: boolean;
  readonly receivedAt: string;
  readonly createdAt: string;
  readonly destination: string;
  readonly destinationProject: string;
  readonly selection: SelectionOptions;
  readonly elements: number;
  readonly labels: number;
  readonly leftOut: Partial<Record<LeftOutReason, number>>;
  /** sha256 of `labels.ndjson` and of its index, to detect a changed plan before anything is sent. */
  readonly labelsSha256: string;
  readonly indexSha256: string;
  /** sha256 of `left-out.ndjson`. */
  readonly leftOutSha256: string;
  readonly summary: PlanSummary;
  /** The plans that this one replaced, oldest first. A decision may still name one of them. */
  readonly replaced?: readonly Pick<Plan, 'labels' | 'labelsSha256'>[];
}

/** The digits that identify a plan to operators: the first 12 hex digits of the sha256 of its labels. */
export function planDigits({ labelsSha256 }: Pick<Plan, 'labelsSha256'>): string {
  return labelsSha256.slice(0, 12);
}

/**
 * The default selection options of a route. To add an option, change three files. Add its type to
 * `SelectionOptions` and its default here; an option that selects no labels belongs to `Route` and
 * `routeDefaults` in route.ts instead. Add its key to `routeSchema` in config/config-file.ts. Then change the
 * code that uses it.
 */
export const selectionDefaults = {
  crops: 'matching',
  frames: 'skip',
  labelId: 'uuid',
  onInvalid: 'skip',
  resend: 'new',
} as const satisfies SelectionOptions;

/** Returns only the selection options of a route. */
export function pickSelectionOptions(route: SelectionOptions): SelectionOptions {
  const names = Object.keys(selectionDefaults) as (keyof SelectionOptions)[];
  return Object.fromEntries(names.map((name) => [name, route[name]])) as unknown as SelectionOptions;
}
