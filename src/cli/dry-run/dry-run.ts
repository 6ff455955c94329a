import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { prepareExport } from '../../activities/plan/prepare-export';
import { findRoute } from '../../activities/plan/find-route';
import type { AttemptRef } from '../../domain/attempt-ref';
import type { ExportRequest } from '../../domain/request';
import type { Config } from '../../config/config';
import { needsApproval } from '../../domain/route';
import type { LeftOut, LeftOutReason } from '../../domain/plan';
import type { Outcome } from '../../domain/stage';
import type { Envelope } from '../../export-body/envelope';
import { createExportReader } from '../../export-body/read-export';
import type { PlanDetail } from '../../gateway/api/operator-api';
import { planDetail } from '../../gateway/api/show/plan-detail';
import { isExportEnvelope, newRequest } from '../../gateway/intake/new-request';
import { createStamps } from '../../gateway/intake/stamps';
import type { PayloadStore } from '../../payloads/payload-store';
import { formatNumber } from '../../text/format-number';
import { createDryRunStore } from './dry-run-store';

/** What exporting a file would do. `nothing`: the gateway would answer without starting an export. */
export type DryRun = { readonly result: 'nothing'; readonly because: string } | (AboutExport & DryRunResult);

type DryRunResult =
  | {
      readonly result: 'plan';
      readonly plan: PlanDetail;
      readonly asking: Asking;
      /** The first three for each reason. */
      readonly leftOutExamples: Readonly<Partial<Record<LeftOutReason, readonly LeftOut[]>>>;
    }
  /** An earlier export of the same body left nothing to send. */
  | { readonly result: 'duplicate'; readonly attempt: number; readonly outcome: Outcome }
  | { readonly result: 'failed'; readonly because: string };

interface AboutExport {
  readonly issueId: string;
  readonly issueName: string;
  readonly project: string;
  readonly sha256: string;
  readonly revision: string;
}

interface Asking {
  readonly needed: boolean;
  /** A plan with more labels than this needs approval. */
  readonly above: number;
  /** The project of the route that applies, or `*`. */
  readonly route: string;
}

const maxExamples = 3;

/**
 * Plans an export of a file with the worker's own code, on a store that writes nothing.
 *
 * @param earlier the store with the earlier exports; undefined when there is none.
 * @throws {BodyError} when the gateway would refuse the body.
 * @throws {Error} when the file cannot be read, or is larger than the gateway accepts.
 */
export async function dryRun(file: string, { config, earlier }: DryRunDeps): Promise<DryRun> {
  await checkSize(file, config.gateway.maxBodyBytes);
  const { envelope, sha256 } = await readEnvelope(file);
  if (!isExportEnvelope(envelope))
    return { result: 'nothing', because: `The event ${envelope.event} does not start an export.` };
  if (envelope.elements === 0)
    return {
      result: 'nothing',
      because: 'The issue has no elements, like the body of Aquarium’s test button: no export starts.',
    };
  const stamp = await createStamps({ list: async () => [] })(); // nothing waits
  const request = newRequest({ envelope, sha256, force: false, stamp });
  const about = {
    issueId: request.issueId,
    issueName: envelope.issue.name ?? request.issueId,
    project: envelope.project,
    sha256,
    revision: request.revision,
  };
  const store = createDryRunStore({ sha256, file }, earlier);
  return { ...about, ...(await planRequest({ request, project: envelope.project, config, store })) };
}

interface DryRunDeps {
  readonly config: Pick<Config, 'routes' | 'destinations' | 'notices' | 'gateway'>;
  readonly earlier: PayloadStore | undefined;
}

interface PlanInput {
  readonly request: ExportRequest;
  /** The full name. The name in the request is truncated, and routes match full names. */
  readonly project: string;
  readonly config: DryRunDeps['config'];
  readonly store: PayloadStore;
}

async function planRequest({ request, project, config, store }: PlanInput): Promise<DryRunResult> {
  const leftOutExamples: Partial<Record<LeftOutReason, LeftOut[]>> = {};
  const onLeftOut = (line: LeftOut) => {
    const lines = (leftOutExamples[line.reason] ??= []);
    if (lines.length < maxExamples) lines.push(line);
  };
  const prepared = await prepareExport({ config, store, onLeftOut }, { request }, { bytes: 0, elements: 0 });
  switch (prepared.kind) {
    case 'failed':
      return { result: 'failed', because: prepared.reason };
    case 'needs-person':
      return { result: 'failed', because: prepared.because };
    case 'duplicate':
      return { result: 'duplicate', attempt: prepared.ref.attempt, outcome: prepared.outcome };
    case 'nothing': // the planner returns it only for a preview of a newer request
      throw new Error('The planner returned no plan.');
    case 'plan':
      return {
        result: 'plan',
        plan: await readPlan(store, config, prepared.ref),
        asking: {
          needed: needsApproval(prepared),
          above: prepared.approvalAbove,
          route: findRoute(config, project)?.project ?? '*',
        },
        leftOutExamples,
      };
  }
}

async function readPlan(
  store: PayloadStore,
  { destinations }: DryRunDeps['config'],
  ref: AttemptRef,
): Promise<PlanDetail> {
  const { plan } = await planDetail({ store, destinations }, ref);
  if (!plan) throw new Error('The plan cannot be read back.');
  return plan;
}

async function checkSize(file: string, maxBodyBytes: number): Promise<void> {
  const { size } = await stat(file);
  if (size > maxBodyBytes)
    throw new Error(
      `${file} has ${formatNumber(size)} bytes, more than MAX_BODY_BYTES (${formatNumber(maxBodyBytes)}): the gateway would refuse it.`,
    );
}

async function readEnvelope(file: string): Promise<{ envelope: Envelope; sha256: string }> {
  const reader = createExportReader();
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file, { highWaterMark: 256 * 1024 })) {
    hash.update(chunk as Buffer);
    reader.push(chunk as Buffer);
  }
  return { envelope: reader.end(), sha256: hash.digest('hex') };
}
