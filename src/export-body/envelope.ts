/** The head of a delivery. */
export interface Envelope {
  readonly event: string;
  /** Aquarium's project name, not cut; absent only for events other than `issue-exported`. */
  readonly project?: string;
  readonly issue?: { readonly id: string; readonly name?: string };
  /** How many elements `issue.elements` has; 0 when it is absent or null. */
  readonly elements: number;
}
