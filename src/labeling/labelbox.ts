import { parse } from 'graphql';
import { Agent, type Dispatcher, errors, request } from 'undici';
import type { ItemOutcome } from '../domain/receipt';
import type { CallContext, Fault, Item, LabelingService, RelabelAnswer } from './labeling-service';
import { errorInReply, errorOfStatus, labelboxError, type Reply } from './labelbox-errors';
import { LabelingError } from './labeling-error';
import { retryAfterMs } from './retry-after';

/** The mutation of Aquarium's webhook guide: deletes the labels and puts their data rows back in the queue, old shapes as templates. */
export const bulkDeleteLabels = `mutation BulkDeleteLabels($projectId: ID!, $makeTemplates: Boolean = true, $labelIds: [ID!]) {
  project(where: { id: $projectId }) {
    bulkDeleteLabels(where: { id_in: $labelIds }, makeTemplates: $makeTemplates, waitForQueue: true) {
      count
    }
  }
}`;

/** A count and an error list need little; anything longer is no answer of Labelbox. */
const maxReplyBytes = 1024 * 1024;
/** The server's own limit is not published; a megabyte of ids is 25,000 labels. */
const maxCallBytes = 1024 * 1024;

export interface LabelboxOptions {
  /** The GraphQL endpoint. */
  readonly address: string;
  readonly key: string;
  /** Instead of the guide's mutation; takes `$projectId`, `$labelIds` and `$makeTemplates`. */
  readonly mutation?: string;
  readonly timeoutMs: number;
  /** Sockets in the pool. */
  readonly connections: number;
}

/** Labelbox, or anything that speaks the guide's mutation. Deleting a deleted label changes nothing, so a repeated call has one effect. */
export function createLabelbox(options: LabelboxOptions): LabelingService {
  const agent = new Agent({
    connections: options.connections,
    keepAliveTimeout: 30_000,
    maxResponseSize: maxReplyBytes,
    headersTimeout: options.timeoutMs,
    bodyTimeout: options.timeoutMs,
    connect: { timeout: 10_000 },
  });
  const query = options.mutation ?? bulkDeleteLabels;
  return {
    name: 'labelbox',
    idempotent: true,
    maxCallBytes,
    relabel: async (items, context, signal) => outcomesOf(items, await call(agent, options, { query, variables: variablesOf(items, context) }, signal)),
    check: () => check(agent, options, query),
    close: () => agent.close(),
  };
}

function variablesOf(items: readonly Item[], context: CallContext) {
  return { projectId: context.project, labelIds: items.map(({ labelId }) => labelId), makeTemplates: true };
}

/** One POST. @throws {LabelingError} for everything but a reply without errors. */
async function call(agent: Agent, options: LabelboxOptions, body: object, signal: AbortSignal): Promise<Reply> {
  const response = await send(agent, options, body, signal);
  const text = await textOf(response, response.statusCode);
  const wait = retryAfterMs(response.headers['retry-after']);
  const reply = replyOf(text);
  const inReply = reply && errorInReply(reply, response.statusCode);
  const ofStatus = errorOfStatus(response.statusCode, { detail: text, ...(wait === undefined ? {} : { retryAfterMs: wait }) });
  if (inReply && (ofStatus === undefined || ofStatus.kind === 'bad-items')) throw inReply;
  if (ofStatus) throw ofStatus;
  if (!reply) throw labelboxError('no-answer', response.statusCode, { detail: text });
  return reply;
}

async function send(agent: Agent, options: LabelboxOptions, body: object, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
  try {
    return await request(options.address, {
      method: 'POST',
      dispatcher: agent,
      headers: { 'content-type': 'application/json', accept: 'application/json', 'accept-encoding': 'identity', authorization: `Bearer ${options.key}` },
      body: JSON.stringify(body),
      signal: AbortSignal.any([signal, AbortSignal.timeout(options.timeoutMs)]),
    });
  } catch (error) {
    throw neverLeft(error) ? labelboxError('try-again', undefined, { cause: error }) : labelboxError('no-answer', undefined, { cause: error });
  }
}

/** The text of a reply. A broken or compressed one after a success leaves the effect unknown; after a refusal it is no matter. */
async function textOf(response: Dispatcher.ResponseData, status: number): Promise<string> {
  try {
    const text = await response.body.text();
    const encoding = response.headers['content-encoding'];
    return encoding === undefined || encoding === 'identity' ? text : '';
  } catch (error) {
    if (status >= 300) return '';
    throw labelboxError('no-answer', status, { cause: error });
  }
}

function replyOf(text: string): Reply | undefined {
  try {
    const reply: unknown = JSON.parse(text);
    return typeof reply === 'object' && reply !== null ? (reply as Reply) : undefined;
  } catch {
    return undefined;
  }
}

/** Whether the connection was never made, so the call had no effect. */
function neverLeft(error: unknown): boolean {
  if (error instanceof errors.ConnectTimeoutError) return true;
  const code = (error as NodeJS.ErrnoException).code ?? '';
  return ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'EMFILE'].includes(code);
}

/** `count` compared with what was sent. The service does not say which labels it took. */
function outcomesOf(items: readonly Item[], reply: Reply): RelabelAnswer {
  const data = reply.data as { project?: unknown } | null | undefined;
  if (data && 'project' in data && data.project === null) throw new LabelingError('project-unknown', 'Labelbox does not know the project.');
  const reported = countIn(reply.data, 0);
  const outcome = reported === null || reported >= items.length ? 'relabeled' : reported === 0 ? 'already-gone' : 'unconfirmed';
  const reason = outcome === 'unconfirmed' ? { reason: `The service took ${reported} of ${items.length} labels of this call and does not say which.` } : {};
  return { reported, items: items.map(({ labelId }): ItemOutcome => ({ labelId, outcome, ...reason })) };
}

/** The first number called `count`, wherever a configured mutation puts it. */
function countIn(value: unknown, depth: number): number | null {
  if (typeof value !== 'object' || value === null || depth > 8) return null;
  const { count } = value as { count?: unknown };
  if (typeof count === 'number') return count;
  for (const inner of Object.values(value)) {
    const found = countIn(inner, depth + 1);
    if (found !== null) return found;
  }
  return null;
}

async function check(agent: Agent, options: LabelboxOptions, query: string): Promise<readonly Fault[]> {
  const faults: Fault[] = [...faultsOf(query)];
  try {
    await call(agent, options, { query: '{ __typename }' }, AbortSignal.timeout(10_000));
  } catch (error) {
    faults.push({ message: `${options.address}: ${error instanceof Error ? error.message : 'cannot be called'}` });
  }
  return faults;
}

/** A configured mutation must parse and take the three variables. */
function faultsOf(query: string): Fault[] {
  try {
    parse(query);
  } catch (error) {
    return [{ message: `The mutation is not GraphQL: ${(error as Error).message}` }];
  }
  const missing = ['$projectId', '$labelIds', '$makeTemplates'].filter((variable) => !query.includes(variable));
  return missing.map((variable) => ({ message: `The mutation does not take ${variable}.` }));
}
