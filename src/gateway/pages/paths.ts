import type { SteerAction } from '../../domain/decision';
/** Where the pages are, as their links and forms say it: below the path of `PUBLIC_URL`, on whatever host the browser came to. */
export interface Paths {
  readonly list: string;
  /** A path as the gateway sees it, as the browser has to ask for it. */
  below(path: string): string;
  readonly signIn: string;
  readonly signOut: string;
  asset(name: string): string;
  listWith(query: Readonly<Record<string, string | undefined>>): string;
  listPart(query: Readonly<Record<string, string | undefined>>): string;
  show(issueId: string): string;
  /** `live`: the parts of an export's page that change; the others take forms. */
  of(issueId: string, action: 'live' | 'decision' | SteerAction): string;
  report(issueId: string, revision: string, attempt: number, form: 'json' | 'csv'): string;
  replay(sha256: string): string;
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
    report: (issueId, revision, attempt, form) =>
      `${base}/api/exports/${encodeURIComponent(issueId)}/report.${form}?revision=${revision}&attempt=${attempt}`,
    replay: (sha256) => `${base}/deliveries/${sha256}/replay`,
  };
}

function toQueryString(query: Readonly<Record<string, string | undefined>>): string {
  const given = Object.entries(query).filter(
    (pair): pair is [string, string] => pair[1] !== undefined && pair[1] !== '',
  );
  return given.length === 0 ? '' : `?${new URLSearchParams(given).toString()}`;
}
