import { shortRevision } from '../../domain/revision';
import { nameBytes } from '../../domain/limits';
import type { ExportRequest } from '../../domain/request';
import { cutName } from '../../text/cut';
import type { Envelope } from '../../export-body/envelope';
import type { Stamp } from './stamps';

/**
 * The envelope of an `issue-exported` event. The export reader refuses such an event without a project or
 * issue.
 */
export type ExportEnvelope = Envelope & Required<Pick<Envelope, 'project' | 'issue'>>;

/** Creates the request for a stored delivery, or for a replay of it. */
export function newRequest(delivery: {
  envelope: ExportEnvelope;
  sha256: string;
  force: boolean;
  stamp: Stamp;
}): ExportRequest {
  const { envelope, sha256, force, stamp } = delivery;
  return {
    requestId: stamp.requestId,
    issueId: envelope.issue.id,
    issueName: cutName(envelope.issue.name ?? envelope.issue.id, nameBytes),
    project: cutName(envelope.project, nameBytes),
    revision: shortRevision(sha256),
    sha256,
    receivedAt: stamp.receivedAt,
    force,
  };
}

export function isExportEnvelope(envelope: Envelope): envelope is ExportEnvelope {
  return (
    envelope.event === 'issue-exported' && envelope.project !== undefined && envelope.issue !== undefined
  );
}
