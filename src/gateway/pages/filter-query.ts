import type { ListFilter } from '../api/operator-api';
import { defaultLimit } from '../api/api-input';

/** Converts the filter to query parameters. Omits the default limit. */
export function filterQuery({
  stage,
  project,
  issue,
  limit,
  page,
}: ListFilter): Record<string, string | undefined> {
  return { stage, project, issue, limit: limit === defaultLimit ? undefined : String(limit), page };
}
