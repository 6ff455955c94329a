/** What the envelope of a delivery says; read in one pass, whatever the order of its keys. */
export interface Envelope {
  readonly event: string;
  /** Aquarium's project name, whole; absent only for events other than `issue-exported`. */
  readonly project?: string;
  readonly issue?: { readonly id: string; readonly name?: string };
  /** Elements in `issue.elements`; 0 when absent or null. */
  readonly elements: number;
}
