import { shortRevision } from '../../domain/revision';
import { nameBytes } from '../../domain/limits';
import { defined } from '../../collections/defined';
import type { AskedAgain, ExportRequest } from '../../domain/request';
import { cutName } from '../../text/cut';
import type { Envelope } from '../../export-body/envelope';
import type { Stamp } from './stamps';

/**
 * The envelope of an `issue-exported` event. The export reader refuses such an event without a project or
 * issue.
 */
export type ExportEnvelope = Envelope & Required<Pick<Envelope, 'project' | 'issue'>>;

/** Creates the request for a stored delivery, for a replay of it, or for an operator who asks again. */
export function newRequest(delivery: {
  envelope: ExportEnvelope;
  sha256: string;
  force: boolean;
  stamp: Stamp;
  again?: AskedAgain;
}): ExportRequest {
  const { envelope, sha256, force, stamp, again } = delivery;
  return {
    requestId: stamp.requestId,
    issueId: envelope.issue.id,
    issueName: cutName(envelope.issue.name ?? envelope.issue.id, nameBytes),
    project: cutName(envelope.project, nameBytes),
    revision: shortRevision(sha256),
    sha256,
    receivedAt: stamp.receivedAt,
    force,
    ...defined({ again }),
  };
}

export function isExportEnvelope(envelope: Envelope): envelope is ExportEnvelope {
  return (
    envelope.event === 'issue-exported' && envelope.project !== undefined && envelope.issue !== undefined
  );
}
