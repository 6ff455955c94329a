import type { ListFilter } from '../api/operator-api';
import { defaultLimit } from '../api/api-input';

/** The filter as query parameters. The default limit is left out. */
export function filterQuery({
  stage,
  project,
  issue,
  limit,
  page,
}: ListFilter): Record<string, string | undefined> {
  return { stage, project, issue, limit: limit === defaultLimit ? undefined : String(limit), page };
}
