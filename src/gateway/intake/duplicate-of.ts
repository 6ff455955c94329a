import type { ExportRequest } from '../../domain/request';
import { findCompletedExport } from '../../payloads/find-completed-export';
import type { PayloadStore } from '../../payloads/payload-store';

/** Present in an answer about a request that repeats a completed export: nothing is sent for it. */
export interface DuplicateOf {
  /** The id of the request that was exported. */
  readonly duplicateOf?: string;
}

/** Never rejects: the request is accepted already, and the dispatcher looks again. */
export async function duplicateOf(store: PayloadStore, request: ExportRequest): Promise<DuplicateOf> {
  const completed = await findCompletedExport(store, request).catch(() => undefined);
  return completed ? { duplicateOf: completed.report.requestId } : {};
}
