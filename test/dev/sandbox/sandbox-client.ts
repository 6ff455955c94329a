import { bulkDeleteLabels } from '../../../src/labeling/labelbox/labelbox-mutation';
import type { LedgerEntry } from '../../../src/dev/sandbox/ledger';
import { type Sandbox, type SandboxOptions, startSandbox } from '../../../src/dev/sandbox/start-sandbox';

export const key = 'sandbox-key';

export interface SandboxUnderTest extends Sandbox {
  /** POSTs the guide's mutation, or `query`. */
  relabel(
    labelIds: unknown,
    more?: { project?: string; query?: string; key?: string; signal?: AbortSignal },
  ): Promise<{ status: number; headers: Headers; body: unknown }>;
  addFault(fault: unknown): Promise<{ status: number; body: unknown }>;
  faults(): Promise<{ calls: number; faults: { kind: string; hits: number }[] }>;
  ledgerOverHttp(): Promise<LedgerEntry[]>;
}

/** Starts sandboxes for the tests of a file, and closes them after each test. */
export function sandboxes(): (options?: Partial<SandboxOptions>) => Promise<SandboxUnderTest> {
  const open: Sandbox[] = [];
  afterEach(async () => {
    await Promise.all(open.splice(0).map((sandbox) => sandbox.close()));
  });
  return async (options = {}) => {
    const sandbox = await startSandbox({ port: 0, key, ...options });
    open.push(sandbox);
    return underTest(sandbox);
  };
}

function underTest(sandbox: Sandbox): SandboxUnderTest {
  const jsonAt = async (path: string) => (await fetch(`${sandbox.url}${path}`)).json();
  return {
    ...sandbox,
    relabel: async (labelIds, more = {}) => {
      const response = await fetch(`${sandbox.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${more.key ?? key}` },
        body: JSON.stringify({
          query: more.query ?? bulkDeleteLabels,
          variables: { projectId: more.project ?? 'p', labelIds, makeTemplates: true },
        }),
        signal: more.signal ?? null,
      });
      return { status: response.status, headers: response.headers, body: await response.json() };
    },
    addFault: async (fault) => {
      const response = await fetch(`${sandbox.url}/faults`, {
        method: 'POST',
        body: typeof fault === 'string' ? fault : JSON.stringify(fault),
      });
      return { status: response.status, body: await response.json() };
    },
    faults: () => jsonAt('/faults') as ReturnType<SandboxUnderTest['faults']>,
    ledgerOverHttp: () => jsonAt('/ledger') as Promise<LedgerEntry[]>,
  };
}

export const deletedCount = (count: number) => ({ data: { project: { bulkDeleteLabels: { count } } } });
