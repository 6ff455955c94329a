import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { prepareExport } from '../../activities/plan/prepare-export';
import { findRoute } from '../../activities/plan/find-route';
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
import { createDryRunStore } from './dry-run-store';

/** What an export of a file would do. */
export type DryRun =
  /** The gateway would answer and start nothing. */
  | { readonly result: 'nothing'; readonly because: string }
  | (AboutExport & {
      readonly result: 'plan';
      readonly plan: PlanDetail;
      readonly asking: Asking;
      /** The first of each reason. */
      readonly leftOutExamples: Readonly<Partial<Record<LeftOutReason, readonly LeftOut[]>>>;
    })
  /** An earlier export of the same body did everything. */
  | (AboutExport & { readonly result: 'duplicate'; readonly attempt: number; readonly outcome: Outcome })
  | (AboutExport & { readonly result: 'failed'; readonly because: string });

export interface AboutExport {
  readonly issueId: string;
  readonly issueName: string;
  readonly project: string;
  readonly sha256: string;
  readonly revision: string;
}

export interface Asking {
  readonly needed: boolean;
  /** More labels than this wait for a person. */
  readonly above: number;
  /** Which route says so: a project's name or `*`. */
  readonly route: string;
}

const examplesShown = 3;

/**
 * Plans an export of a file with the worker's own code, over a store that writes nothing.
 * @param earlier what earlier exports did; without it nothing is known of them.
 * @throws {BodyError} when the gateway would refuse the file. @throws the file system's error.
 */
export async function dryRun(
  file: string,
  {
    config,
    earlier,
  }: {
    config: Pick<Config, 'routes' | 'destinations' | 'notices' | 'gateway'>;
    earlier: PayloadStore | undefined;
  },
): Promise<DryRun> {
  await checkSize(file, config.gateway.maxBodyBytes);
  const { envelope, sha256 } = await readEnvelope(file);
  if (!isExportEnvelope(envelope))
    return { result: 'nothing', because: `The event ${envelope.event} starts no export.` };
  if (envelope.elements === 0)
    return {
      result: 'nothing',
      because: 'It has no elements, as what Aquarium’s test button sends: nothing is started.',
    };
  const request = newRequest({ envelope, sha256, force: false, stamp: createStamps()() });
  const about = {
    issueId: request.issueId,
    issueName: envelope.issue.name ?? request.issueId,
    project: envelope.project,
    sha256,
    revision: request.revision,
  };
  const store = createDryRunStore({ sha256, file }, earlier);
  const examples: Partial<Record<LeftOutReason, LeftOut[]>> = {};
  const onLeftOut = (line: LeftOut) => {
    const known = (examples[line.reason] ??= []);
    if (known.length < examplesShown) known.push(line);
  };
  const made = await prepareExport({ config, store, onLeftOut }, { request }, { bytes: 0, elements: 0 });
  if (made.kind === 'failed') return { ...about, result: 'failed', because: made.reason };
  if (made.kind === 'duplicate')
    return { ...about, result: 'duplicate', attempt: made.ref.attempt, outcome: made.outcome };
  if (made.kind === 'nothing') throw new Error('No plan was made, and nothing says why.'); // only for those who only look
  const plan = await planDetail({ store, destinations: config.destinations }, made.ref);
  if (!plan) throw new Error('The plan that was just made cannot be read.');
  return {
    ...about,
    result: 'plan',
    plan,
    asking: {
      needed: needsApproval(made),
      above: made.approvalAbove,
      route: findRoute(config, about.project)?.project ?? '*',
    },
    leftOutExamples: examples,
  };
}

async function checkSize(file: string, maxBodyBytes: number): Promise<void> {
  const { size } = await stat(file);
  if (size > maxBodyBytes)
    throw new Error(
      `${file} has ${size} bytes, more than MAX_BODY_BYTES (${maxBodyBytes}): the gateway would refuse it.`,
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
