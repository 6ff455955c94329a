/** How many labels bear a name; `other` counts those whose names are not listed. */
export interface NamedCounts {
  /** Most labels first; names cut to 200 bytes. */
  readonly top: readonly NamedCount[];
  readonly other: number;
}

export interface NamedCount {
  readonly name: string;
  readonly labels: number;
}

/** A label that the approver can look at. */
export interface SampleLabel {
  /** Its place in the plan, from 1, as `upTo` counts. */
  readonly position: number;
  readonly labelId: string;
  readonly className?: string;
  /** http or https, from the frame's first sensor that has one. */
  readonly imageUrl?: string;
}

/** What an approver sees of a plan before anything is sent. In `plan.json`. */
export interface PlanSummary {
  readonly classes: NamedCounts;
  readonly datasets: NamedCounts;
  readonly inferenceSets: NamedCounts;
  /** Different frames of the planned labels. */
  readonly frames: number;
  /** Spread evenly over the plan. */
  readonly sample: readonly SampleLabel[];
}
