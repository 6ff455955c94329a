/** Links for people, in answers. */
export interface Links {
  /** Where an issue's export can be asked for. */
  self(issueId: string): string;
  /** The workflow in Temporal's Web UI. */
  temporal(workflowId: string): string;
}

/** Links from the configured addresses, never from the Host header: that one is the sender's claim. */
export function createLinks({ publicUrl, uiUrl, namespace }: { publicUrl: string; uiUrl: string; namespace: string }): Links {
  const base = publicUrl.replace(/\/+$/, '');
  const ui = `${uiUrl.replace(/\/+$/, '')}/namespaces/${encodeURIComponent(namespace)}/workflows`;
  return {
    self: (issueId) => `${base}/api/exports/${encodeURIComponent(issueId)}`,
    temporal: (workflowId) => `${ui}/${encodeURIComponent(workflowId)}`,
  };
}
