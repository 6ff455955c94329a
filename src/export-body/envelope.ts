/** The head of a delivery. */
export interface Envelope {
  readonly event: string;
  /** Aquarium's project name, not truncated. An `issue-exported` event always has one. */
  readonly project?: string;
  readonly issue?: { readonly id: string; readonly name?: string };
  /** Number of elements in `issue.elements`; 0 when the key is absent or null. */
  readonly elements: number;
}
