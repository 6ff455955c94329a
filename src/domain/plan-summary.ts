export interface NamedCounts {
  /** Most labels first; names are truncated to 200 bytes. */
  readonly top: readonly NamedCount[];
  /** Number of labels whose names are not in `top`. */
  readonly other: number;
}

export interface NamedCount {
  readonly name: string;
  readonly labels: number;
}

/** A label that the operator can check before approving. */
export interface SampleLabel {
  /** Position in the plan, from 1, like `upTo`. */
  readonly position: number;
  readonly labelId: string;
  readonly className?: string;
  /** An http or https link to the image of the label's sensor. */
  readonly imageUrl?: string;
  /** Why there is no link, to be shown after "No image:". Absent if the frame has no sensors. */
  readonly noImage?: string;
}

/** Something about a plan that an approver should know. */
export type PlanWarning = LabelConflict | DamagedFile;

/** Labels whose elements disagree: the label is sent once, and may not be what the sender means. */
export interface LabelConflict {
  /** `several-labels`: the id at the route's `labelId` belongs to labels with different uuids. */
  readonly warning: 'different-classes' | 'several-frames' | 'several-labels';
  /** Number of labels that it concerns. */
  readonly labels: number;
  /** Two sentences for the approver. */
  readonly message: string;
}

/**
 * A file of an earlier export of the issue is missing or was changed, or a call of it has no answer and no report says so;
 * the sentence says what that means for the plan.
 */
export interface DamagedFile {
  readonly warning: 'damaged-file';
  readonly message: string;
}

/** What the question shows about a plan. Stored in `plan.json`. */
export interface PlanSummary {
  readonly classes: NamedCounts;
  readonly datasets: NamedCounts;
  readonly inferenceSets: NamedCounts;
  /** Number of distinct frames with planned labels. */
  readonly frames: number;
  /** A pseudo-random sample in which every position has the same chance; sorted by position. */
  readonly sample: readonly SampleLabel[];
  /** Absent when there are none. */
  readonly warnings?: readonly PlanWarning[];
}
