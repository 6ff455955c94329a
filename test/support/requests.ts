import { createHash, randomBytes } from 'node:crypto';
import type { ExportRequest } from '../../src/domain/request';

let clock = Date.parse('2026-11-24T00:00:00.000Z');

/** A request for a body, each received a millisecond after the one before. */
export function aRequest(change: Partial<ExportRequest> & { body?: string } = {}): ExportRequest {
  const { body = 'body', ...rest } = change;
  const sha256 = createHash('sha256').update(body).digest('hex');
  const receivedAt = new Date((clock += 1)).toISOString();
  return {
    requestId: `${receivedAt.replace(/[-:.]/g, '')}-${randomBytes(6).toString('hex')}`,
    issueId: 'issue-1',
    issueName: 'Blurred plates',
    project: 'street-scenes',
    revision: sha256.slice(0, 12),
    sha256,
    receivedAt,
    force: false,
    ...rest,
  };
}
