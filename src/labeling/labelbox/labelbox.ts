import { withTimeoutSignal } from '../../clock/clock';
import { createJsonPoster, type JsonPoster, type JsonPosterOptions, NoReply } from '../json-poster';
import { type CallIds, readData, noReplyError } from './labelbox-errors';
import { bulkDeleteLabels, findMutationFaults, declaresMakeTemplates } from './labelbox-mutation';
import { readOutcomes } from './labelbox-outcomes';
import type { CallContext, Fault, Item, LabelingService } from '../labeling-service';

/** Labelbox publishes no limit. A megabyte is about 25,000 UUIDs, far above any sensible chunk. */
const maxCallBytes = 1024 * 1024;

/** Time-out of a check, in ms. An operator is waiting, and a query without data is answered immediately. */
const checkMs = 10_000;

export interface LabelboxOptions extends JsonPosterOptions {
  /**
   * The GraphQL mutation to send instead of the guide's. It declares `$projectId` and `$labelIds`, and
   * optionally `$makeTemplates`.
   */
  readonly mutation?: string;
}

/**
 * The adapter for Labelbox, or for any service that accepts the guide's mutation. Ids are sent as
 * variables, never in the query text. Deleting a label twice has no further effect, so calls are idempotent.
 */
export function createLabelbox(options: LabelboxOptions): LabelingService {
  const poster = createJsonPoster(options);
  const query = options.mutation ?? bulkDeleteLabels;
  const extra = declaresMakeTemplates(query) ? { makeTemplates: true } : {};
  return {
    name: 'labelbox',
    idempotent: true,
    maxCallBytes,
    relabel: async (items, context, signal) =>
      readOutcomes(
        items,
        await call(poster, { query, variables: { ...toVariables(items, context), ...extra } }, signal),
      ),
    check: () => check(poster, options.address, query),
    close: () => poster.close(),
  };
}

function toVariables(items: readonly Item[], { project }: CallContext) {
  return { projectId: project, labelIds: items.map(({ labelId }) => labelId) };
}

/** Makes one POST and returns the `data` of its reply. @throws {LabelingError} */
async function call(
  poster: JsonPoster,
  body: { query: string; variables: CallIds },
  signal: AbortSignal,
): Promise<object> {
  try {
    return readData(await poster.post(body, signal), body.variables);
  } catch (error) {
    throw error instanceof NoReply ? noReplyError(error) : error;
  }
}

/** Only parses the mutation. Tests the address and the key with a query that every GraphQL server answers. */
async function check(poster: JsonPoster, address: string, query: string): Promise<readonly Fault[]> {
  const faults = findMutationFaults(query);
  try {
    const ask = (signal: AbortSignal) => poster.post({ query: '{ __typename }' }, signal);
    readData(await withTimeoutSignal(checkMs, ask));
  } catch (error) {
    faults.push(`${withoutSecrets(address)}: ${describeError(error)}`);
  }
  return faults.map((message) => ({ message }));
}

function describeError(error: unknown): string {
  if (!(error instanceof NoReply)) return error instanceof Error ? error.message : String(error);
  return error.sent
    ? `The labeling service accepted a query but did not answer it (${error.code}).`
    : noReplyError(error).message;
}

/** Returns the address without its user, password and query, which may be secret. */
function withoutSecrets(address: string): string {
  if (!URL.canParse(address)) return 'The configured address';
  const { origin, pathname } = new URL(address);
  return origin + pathname;
}
