import type { AttemptRef } from '../../../src/domain/attempt-ref';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { type Activities, createActivities } from '../../../src/activities';
import type {
  ChunkResult,
  Prepared,
  PreparedPlan,
  PrepareExportInput,
  RelabelChunkInput,
  WriteReportInput,
  WrittenReport,
} from '../../../src/activities/contracts';
import type { Config } from '../../../src/config/config';
import type { LeftOut, Plan, PlannedLabel } from '../../../src/domain/plan';
import type { Receipt } from '../../../src/domain/receipt';
import type { ExportRequest } from '../../../src/domain/request';
import { createFolderStore } from '../../../src/payloads/folder/folder-store';
import { putInboxEntry } from '../../../src/payloads/inbox-entry';
import { attemptFolder, deliveryKey } from '../../../src/payloads/keys';
import type { PayloadStore } from '../../../src/payloads/payload-store';
import { writeBytes } from '../../../src/payloads/small-objects';
import { tempFolder } from '../../payloads/temp-folder';
import { aConfig, aDelivery, anIssue } from '../builders';
import { FakeLabelingService } from './fake-labeling-service';
import { aRequest } from '../requests';

/**
 * @returns a function that creates a harness with a store of its own, removed after the tests of the file.
 */
export function activityHarnesses(): () => ActivityHarness {
  const root = tempFolder();
  let count = 0;
  return () => new ActivityHarness(join(root, String((count += 1))));
}

interface StoredReport extends Record<string, unknown> {
  readonly headSha256: string;
  readonly csvSha256: string;
  readonly contentSha256: string;
  readonly requests: string[];
  readonly labels: Record<string, unknown>[];
  readonly leftOut: LeftOut[];
}

/** The activities over a folder store, with a scripted labeling service. */
export class ActivityHarness {
  readonly service = new FakeLabelingService();
  readonly store: PayloadStore;
  readonly heartbeats: unknown[] = [];
  /** Messages that were logged as errors. */
  readonly errors: string[] = [];
  /** Messages that were logged as warnings. */
  readonly warnings: string[] = [];
  private activities: Activities;
  private config = aConfig();

  constructor(readonly folder: string) {
    this.store = createFolderStore({ folder });
    this.activities = this.create();
  }

  /** Creates the activities again, as a restart of the worker does. */
  restart(change: Partial<Pick<Config, 'routes' | 'destinations'>> = {}, store = this.store): void {
    this.config = { ...this.config, ...change };
    this.activities = this.create(store);
  }

  /** Writes a delivery and its inbox entry, as the gateway does. */
  async accept(
    elements: readonly unknown[],
    change: Partial<ExportRequest> = {},
    envelope: { project?: string; issue?: object } = {},
  ): Promise<ExportRequest> {
    const issue = anIssue({ ...envelope.issue, elements });
    return this.acceptBody(aDelivery({ ...envelope, issue }), change);
  }

  async acceptBody(body: string | Buffer, change: Partial<ExportRequest> = {}): Promise<ExportRequest> {
    const sha256 = createHash('sha256').update(body).digest('hex');
    const request = aRequest({ sha256, revision: sha256.slice(0, 12), ...change });
    await writeBytes(this.store, deliveryKey(sha256), body);
    await putInboxEntry(this.store, request);
    return request;
  }

  prepare(
    request: ExportRequest,
    change: Partial<PrepareExportInput> = {},
    env = this.env(),
  ): Promise<Prepared> {
    return env.run(this.activities.main.prepareExport, { request, ...change });
  }

  async plan(request: ExportRequest): Promise<PreparedPlan> {
    const prepared = await this.prepare(request);
    if (prepared.kind !== 'plan') throw new Error(`Expected a plan, got ${JSON.stringify(prepared)}.`);
    return prepared;
  }

  /** The activity's result without `answered`, and with `repeated` from the receipt of its first label. */
  async relabel(
    ref: AttemptRef,
    from: number,
    to: number,
    more: Partial<RelabelChunkInput> & {
      readonly attempt?: number;
      readonly env?: MockActivityEnvironment;
    } = {},
  ): Promise<ChunkResult & { readonly repeated?: boolean }> {
    const {
      attempt = 1,
      env = this.env({ attempt }),
      mayOverlap = false,
      lookBack = false,
      ...options
    } = more;
    const input: RelabelChunkInput = { ref, from, to, mayOverlap, lookBack, ...options };
    const result: ChunkResult = await env.run(this.activities.labeling('labelbox').relabelChunk, input);
    if (result.kind !== 'done') return result;
    const { answered: _answered, ...outcome } = result;
    return { ...outcome, repeated: this.receiptAt(ref, from).repeated };
  }

  awaitDestination(destination: string): Promise<void> {
    return this.env().run(this.activities.main.awaitDestination, { destination });
  }

  report(input: WriteReportInput, env = this.env()): Promise<WrittenReport> {
    return env.run(this.activities.main.writeReport, input);
  }

  /** Plans a request, sends all its labels in one call, and ends it. */
  async complete(request: ExportRequest): Promise<PreparedPlan> {
    const plan = await this.plan(request);
    if (plan.labels > 0) await this.relabel(plan.ref, 0, plan.labels);
    await this.end(request, plan.ref);
    return plan;
  }

  end(
    request: ExportRequest,
    ref: AttemptRef,
    change: Partial<Extract<WriteReportInput, { kind: 'ended' }>> = {},
  ): Promise<WrittenReport> {
    return this.report({ kind: 'ended', request, also: [], ref, outcome: 'completed', log: [], ...change });
  }

  /** @param scheduledAt when Temporal scheduled the attempt, in ms. @param firstAt when it scheduled the activity. */
  env({ attempt = 1, scheduledAt = 1, firstAt = 1, runId = 'run-1' } = {}): MockActivityEnvironment {
    const env = new MockActivityEnvironment(
      {
        attempt,
        scheduledTimestampMs: firstAt,
        currentAttemptScheduledTimestampMs: scheduledAt,
        workflowExecution: { workflowId: 'export-issue-issue-1', runId },
      },
      {
        logger: new DefaultLogger('WARN', ({ level, message }) =>
          (level === 'ERROR' ? this.errors : this.warnings).push(message),
        ),
      },
    );
    env.on('heartbeat', (details: unknown) => this.heartbeats.push(details));
    return env;
  }

  path(ref: AttemptRef, name: string): string {
    return join(this.folder, attemptFolder(ref), name);
  }

  text(ref: AttemptRef, name: string): string {
    return readFileSync(this.path(ref, name), 'utf8');
  }

  /** Names in the folder of an attempt, or in a folder of it; none when it does not exist. */
  files(ref: AttemptRef, folder = ''): string[] {
    try {
      return readdirSync(this.path(ref, folder)).sort();
    } catch {
      return [];
    }
  }

  planFile(ref: AttemptRef): Plan {
    const { planSha256: _, ...plan } = JSON.parse(this.text(ref, 'plan.json')) as Plan & {
      planSha256: string;
    };
    return plan;
  }

  labels(ref: AttemptRef): PlannedLabel[] {
    return ndjson(this.text(ref, 'labels.ndjson'));
  }

  leftOut(ref: AttemptRef): LeftOut[] {
    return ndjson(this.text(ref, 'left-out.ndjson'));
  }

  receipt(ref: AttemptRef, range: string): Receipt {
    return JSON.parse(this.text(ref, `receipts/${range}.json`)) as Receipt;
  }

  /** The receipt of the label at a position of the plan. */
  private receiptAt(ref: AttemptRef, position: number): Receipt {
    const names = this.files(ref, 'receipts').flatMap((name) => /^(\d+-\d+)\.json$/.exec(name)?.[1] ?? []);
    const range = names.find((name) => {
      const [from, to] = name.split('-').map(Number) as [number, number];
      return from <= position && position < to;
    });
    return this.receipt(ref, range!);
  }

  /** The report without its hashes. */
  reportJson(ref: AttemptRef) {
    const {
      headSha256: _head,
      csvSha256: _csv,
      contentSha256: _content,
      ...report
    } = JSON.parse(this.text(ref, 'report.json')) as StoredReport;
    return report;
  }

  /** Flips a bit of a file, as a failing disk does. */
  flipByte(path: string, at: number): void {
    const bytes = readFileSync(path);
    bytes[at]! ^= 1;
    writeFileSync(path, bytes);
  }

  /** Request ids in the inbox. */
  inbox(): string[] {
    return readdirSync(join(this.folder, 'inbox')).map((name) => name.replace('.json', ''));
  }

  /** Staged files: none when nothing runs. */
  staged(): string[] {
    return readdirSync(join(this.folder, 'tmp'));
  }

  private create(store = this.store): Activities {
    return createActivities({ config: this.config, store, services: new Map([['labelbox', this.service]]) });
  }
}

function ndjson<T>(text: string): T[] {
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as T);
}
