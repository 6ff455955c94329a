import { createHash } from 'node:crypto';
import type { LedgerCall } from './labeling';
import type { World } from './world';

/** A request that a gateway accepted: it answered a delivery with 202, or an operator who asked again. */
export interface Accepted {
  readonly requestId: string;
  readonly issueId: string;
  readonly project: string;
  /** Epoch ms. */
  readonly at: number;
}

/** An approval that a person sent. */
export interface Approval {
  /** Unique, so that it is found again in a decision that was applied. */
  readonly by: string;
  readonly issueId: string;
  /** Absent: the approval names no revision. */
  readonly revision?: string;
  /** The plan's digits. Absent: the approval names no plan. */
  readonly plan?: string;
  readonly upTo: number;
  /** Epoch ms. */
  readonly at: number;
}

/** What a person did besides approving. */
export interface NotedDeed {
  readonly by: string;
  readonly issueId: string;
  readonly what: 'reject' | 'cancel';
  readonly at: number;
}

/** A request as its inbox entry first had it. */
export interface EnteredRequest {
  readonly requestId: string;
  readonly issueId: string;
  readonly project: string;
  readonly revision: string;
  readonly force: boolean;
  /** Epoch ms, of the simulation: no gateway's clock. */
  readonly at: number;
  /** How far the clock of the gateway that entered it was ahead, in ms. */
  readonly skewMs: number;
}

export interface StoredPlan {
  readonly key: string;
  readonly requestId: string;
  readonly issueId: string;
  readonly revision: string;
  readonly attempt: number;
  readonly force: boolean;
  readonly labels: number;
  readonly labelsSha256: string;
  readonly labelIds: readonly string[];
  readonly destinationProject: string;
  readonly summary: { readonly warnings?: readonly object[] };
  /** Epoch ms, when it was written. */
  readonly at: number;
}

interface StoredLabel {
  readonly labelId: string;
  readonly outcome: string;
  readonly repeated: boolean;
  readonly reason?: string;
}

export interface StoredReport {
  readonly key: string;
  readonly requests: readonly string[];
  readonly requestId: string;
  readonly issueId: string;
  readonly project: string;
  readonly revision: string;
  readonly attempt: number;
  readonly outcome: string;
  readonly reason?: string;
  readonly counts: Readonly<Record<string, number>>;
  readonly decisions: readonly { readonly who: string; readonly kind?: string }[];
  readonly labels: readonly StoredLabel[];
  readonly leftOut: readonly { readonly labelId?: string; readonly reason: string }[];
  readonly csvSha256?: string;
}

const reportName = /^exports\/[^/]+\/[^/]+\/\d+\/report\.json$/;

/**
 * What the world outside knows: the answers of the gateways, the deeds of people, the ledger of the labeling
 * service, and the store's files as they were written. It reads the files itself, without the product's code.
 */
export class Facts {
  readonly accepted: Accepted[] = [];
  readonly approvals: Approval[] = [];
  readonly deeds: NotedDeed[] = [];
  /** By request id. */
  readonly requests = new Map<string, EnteredRequest>();
  /** By request id, in order of their making. */
  readonly plans = new Map<string, readonly StoredPlan[]>();
  /** When a file was written last, by key. Epoch ms. */
  readonly writtenAt = new Map<string, number>();
  /** When a call of an attempt was first about to be made, by the attempt's folder. Epoch ms. */
  readonly firstMarkAt = new Map<string, number>();
  private readonly reportsWritten = new Map<string, Buffer>();
  /** Label ids by the hash of the file that lists them. */
  private readonly labelFiles = new Map<string, readonly string[]>();
  world!: World;

  get calls(): readonly LedgerCall[] {
    return this.world.labeling.calls;
  }

  /** Call this for each file that the product writes. */
  noteWrite(key: string, bytes: Buffer): void {
    this.writtenAt.set(key, this.world.timeline.now);
    if (key.endsWith('.sent')) this.noteMark(key);
    if (key.startsWith('inbox/')) this.noteEntry(bytes);
    else if (reportName.test(key)) this.noteReport(key, bytes);
    else if (key.endsWith('/labels.ndjson')) this.labelFiles.set(sha256(bytes), readLabelIds(bytes));
    else if (key.endsWith('/plan.json')) this.notePlan(key, bytes);
  }

  /** Reports as the product wrote them, also those that were damaged since. */
  readReports(): StoredReport[] {
    const { files, damaged } = this.world.disk;
    const written = [...damaged.keys()].flatMap((key): [string, Buffer][] => {
      const bytes = this.reportsWritten.get(key);
      return bytes ? [[key, bytes]] : [];
    });
    return [...new Map([...files, ...written])]
      .filter(([key]) => reportName.test(key))
      .map(([key, bytes]) => ({ ...(JSON.parse(bytes.toString('utf8')) as Omit<StoredReport, 'key'>), key }));
  }

  /** The folder of an issue's exports. */
  folderOfIssue(issueId: string): string {
    if (/^sha256-[0-9a-f]{64}$/.test(issueId))
      return `exports/sha256-${sha256(Buffer.from(issueId, 'utf8'))}/`;
    const bytes = [...Buffer.from(issueId, 'utf8')].map((byte) => String.fromCharCode(byte));
    const isSafe = (character: string) => /[a-z0-9_-]/.test(character);
    const escape = (character: string) => `%${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
    return `exports/${bytes.map((character) => (isSafe(character) ? character : escape(character))).join('')}/`;
  }

  /** Calls for the labels of a request. */
  callsOf(requestId: string): LedgerCall[] {
    return this.calls.filter(({ key }) => key.startsWith(`${requestId}/`));
  }

  /** Whether someone changed or removed a file whose key begins and ends like this. */
  isDamaged(prefix: string, suffix = ''): boolean {
    return [...this.world.disk.damaged.keys()].some((key) => key.startsWith(prefix) && key.endsWith(suffix));
  }

  /**
   * Whether someone damaged a sent-mark or a receipt of an attempt. If both are lost before there is a report, nothing
   * shows that their labels were sent: docs/decisions/021-missing-is-as-loud-as-changed.md.
   */
  hasLostReceipts(attemptFolder: string): boolean {
    return this.isDamaged(`${attemptFolder}receipts/`);
  }

  private noteMark(key: string): void {
    const attempt = key.slice(0, key.lastIndexOf('receipts/'));
    if (!this.firstMarkAt.has(attempt)) this.firstMarkAt.set(attempt, this.world.timeline.now);
  }

  private noteEntry(bytes: Buffer): void {
    const { request } = JSON.parse(bytes.toString('utf8')) as {
      request: Omit<EnteredRequest, 'at' | 'skewMs'> & { receivedAt: string };
    };
    if (this.requests.has(request.requestId)) return;
    const at = this.world.timeline.now;
    this.requests.set(request.requestId, { ...request, at, skewMs: Date.parse(request.receivedAt) - at });
  }

  /** The product may add a request to a report that was damaged behind its head. */
  private noteReport(key: string, bytes: Buffer): void {
    if (this.world.disk.damaged.has(key) && !isJson(bytes)) return;
    this.reportsWritten.set(key, bytes);
  }

  private notePlan(key: string, bytes: Buffer): void {
    const plan = JSON.parse(bytes.toString('utf8')) as Omit<StoredPlan, 'labelIds' | 'at' | 'key'>;
    const labelIds = this.labelFiles.get(plan.labelsSha256) ?? [];
    const stored = { ...plan, key, labelIds, at: this.world.timeline.now };
    this.plans.set(plan.requestId, [...(this.plans.get(plan.requestId) ?? []), stored]);
  }
}

/** E.g. `exports/issue-0/0123456789ab/1/`. */
export function folderOf(key: string): string {
  return key.slice(0, key.lastIndexOf('/') + 1);
}

export function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function isJson(bytes: Buffer): boolean {
  try {
    JSON.parse(bytes.toString('utf8'));
    return true;
  } catch {
    return false;
  }
}

function readLabelIds(bytes: Buffer): string[] {
  return bytes
    .toString('utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => (JSON.parse(line) as { labelId: string }).labelId);
}
