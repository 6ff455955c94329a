import type { SteerAction } from '../../domain/decision';

/**
 * The paths that the pages' links and forms use. They begin with the path of `PUBLIC_URL` and have no host,
 * so the browser stays on the host that it used.
 */
export interface Paths {
  readonly list: string;
  /** Converts a path of the gateway to the path that the browser requests. */
  below(path: string): string;
  readonly signIn: string;
  readonly signOut: string;
  asset(name: string): string;
  listWith(query: Readonly<Record<string, string | undefined>>): string;
  listPart(query: Readonly<Record<string, string | undefined>>): string;
  show(issueId: string): string;
  /** The path for `live` returns the changing parts of an export's page. The other actions accept forms. */
  of(issueId: string, action: 'live' | 'decision' | 'again' | SteerAction): string;
  /** Accepts a form. */
  ofDestination(name: string, action: 'pause' | 'resume'): string;
  report(issueId: string, revision: string, attempt: number, form: 'json' | 'csv'): string;
  /** Accepts a form. */
  ofDelivery(sha256: string, action: 'replay' | 'drop'): string;
}

export function createPaths(publicUrl: string): Paths {
  const base = new URL(publicUrl).pathname.replace(/\/+$/, '');
  const show = (issueId: string) => `${base}/exports/${encodeURIComponent(issueId)}`;
  return {
    list: `${base}/`,
    below: (path) => `${base}${path}`,
    signIn: `${base}/sign-in`,
    signOut: `${base}/sign-out`,
    asset: (name) => `${base}/assets/${name}`,
    listWith: (query) => `${base}/${toQueryString(query)}`,
    listPart: (query) => `${base}/live${toQueryString(query)}`,
    show,
    of: (issueId, action) => `${show(issueId)}/${action}`,
    ofDestination: (name, action) => `${base}/destinations/${encodeURIComponent(name)}/${action}`,
    report: (issueId, revision, attempt, form) =>
      `${base}/api/exports/${encodeURIComponent(issueId)}/report.${form}?revision=${revision}&attempt=${attempt}${form === 'csv' ? '&excel=true' : ''}`,
    ofDelivery: (sha256, action) => `${base}/deliveries/${sha256}/${action}`,
  };
}

function toQueryString(query: Readonly<Record<string, string | undefined>>): string {
  const present = Object.entries(query).filter(
    (pair): pair is [string, string] => pair[1] !== undefined && pair[1] !== '',
  );
  return present.length === 0 ? '' : `?${new URLSearchParams(present).toString()}`;
}
