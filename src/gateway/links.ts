import { workflowType } from '../temporal/names';

/** Links in answers and pages. */
export interface Links {
  /** The page of an issue's export. */
  self(issueId: string): string;
  /** A report of an export. */
  report(issueId: string, revision: string, attempt: number, form: 'json' | 'csv'): string;
  /** A workflow in Temporal's Web UI. */
  temporal(workflowId: string): string;
  /**
   * The list of workflows in Temporal's Web UI.
   *
   * @param conditions in visibility's query language. Without conditions, the list shows all exports.
   */
  temporalList(conditions: readonly string[]): string;
}

/** Builds links from the configured addresses, never from the Host header, which the sender sets. */
export function createLinks({
  publicUrl,
  uiUrl,
  namespace,
}: {
  publicUrl: string;
  uiUrl: string;
  namespace: string;
}): Links {
  const base = publicUrl.replace(/\/+$/, '');
  const ui = `${uiUrl.replace(/\/+$/, '')}/namespaces/${encodeURIComponent(namespace)}/workflows`;
  return {
    self: (issueId) => `${base}/exports/${encodeURIComponent(issueId)}`,
    report: (issueId, revision, attempt, form) =>
      `${base}/api/exports/${encodeURIComponent(issueId)}/report.${form}?revision=${revision}&attempt=${attempt}`,
    temporal: (workflowId) => `${ui}/${encodeURIComponent(workflowId)}`,
    temporalList: (conditions) =>
      `${ui}?query=${encodeURIComponent(conditions.length > 0 ? conditions.join(' AND ') : `WorkflowType="${workflowType}"`)}`,
  };
}
