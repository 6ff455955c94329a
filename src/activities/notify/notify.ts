import { Context } from '@temporalio/activity';
import type { ApplicationFailure } from '@temporalio/common';
import { type Dispatcher, request } from 'undici';
import type { Config } from '../../config/config';
import { retryAfterMs } from '../../labeling/retry-after';
import type { PayloadStore } from '../../payloads/payload-store';
import type { NotifyInput } from '../contracts';
import { nonRetryable, retryable } from '../failures';
import { noticeBody, type NoticeLinks } from './notice-body';
import { readNoticePlan } from './read-notice-plan';
import { signatureHeaders } from './signature-headers';

export interface NotifyDeps {
  readonly store: PayloadStore;
  readonly notices: Config['notices'];
  /** Address of the gateway's pages, for links. */
  readonly publicUrl: string;
  /** Address of the Temporal Web UI, for links. */
  readonly temporalUiUrl: string;
}

type Notice = NotifyDeps['notices'][number];

/** Time-out of one call. Then Temporal retries. */
const timeoutMs = 10_000;
/**
 * Maximum Retry-After to honour: the workflow gives up after 15 minutes, so a longer wait would leave no time
 * for a retry.
 */
const maxWaitMs = 5 * 60_000;

/**
 * Calls in flight of this worker, to one receiver and to all: slow receivers must not take the slots of other
 * activities.
 */
const maxCallsToOne = 10;
const maxCallsToAll = 40;
/** Delay before a notice over these limits is retried. */
const busyMs = 2000;

/**
 * Sends one event to one target with one POST. An answer other than 2xx, or none, is retried for as long as
 * the workflow allows, except 410, which Standard Webhooks define as final. A target that is no longer
 * configured gets nothing. The address may hold a secret, so no error contains it.
 */
export function createNotify({
  store,
  notices,
  publicUrl,
  temporalUiUrl,
}: NotifyDeps): (input: NotifyInput) => Promise<void> {
  const inFlight = new Map<string, number>();
  return async (input) => {
    const notice = notices.find(({ name }) => name === input.target);
    if (!notice) return;
    checkCallsInFlight(notice, inFlight);
    inFlight.set(notice.name, (inFlight.get(notice.name) ?? 0) + 1);
    try {
      await deliver(notice, input);
    } finally {
      inFlight.set(notice.name, (inFlight.get(notice.name) ?? 1) - 1);
    }
  };

  async function deliver(notice: Notice, input: NotifyInput): Promise<void> {
    const plan = await readNoticePlan(store, input);
    const links = noticeLinks(publicUrl, temporalUiUrl, input);
    const body = JSON.stringify(noticeBody(notice.form, input, links, plan));
    const headers = {
      'content-type': 'application/json',
      'user-agent': 'requeue',
      ...signatureHeaders(notice.secrets, input.id, body),
    };
    const answer = await post(notice.address, headers, body).catch((error: unknown) => {
      const message = `The receiver of the notice ${notice.name} did not answer (${describeError(error)}).`;
      throw retryable(message, 'NoticeNotTaken');
    });
    if (answer.statusCode < 200 || answer.statusCode >= 300) throw refusalFailure(notice.name, answer);
  }
}

/** @throws {ApplicationFailure} when a limit is reached. */
function checkCallsInFlight({ name }: Notice, inFlight: ReadonlyMap<string, number>): void {
  const toOne = inFlight.get(name) ?? 0;
  const toAll = [...inFlight.values()].reduce((sum, calls) => sum + calls, 0);
  if (toOne < maxCallsToOne && toAll < maxCallsToAll) return;
  const calls =
    toOne >= maxCallsToOne
      ? `The receiver of the notice ${name} has ${toOne} calls in flight (limit ${maxCallsToOne})`
      : `This worker has ${toAll} calls of notices in flight (limit ${maxCallsToAll})`;
  throw retryable(`${calls}; Temporal retries in ${busyMs / 1000} s.`, 'NoticeNotTaken', busyMs);
}

async function post(
  address: string,
  headers: Record<string, string>,
  body: string,
): Promise<Dispatcher.ResponseData> {
  const signal = AbortSignal.any([AbortSignal.timeout(timeoutMs), Context.current().cancellationSignal]);
  const answer = await request(address, { method: 'POST', headers, body, signal });
  await answer.body.dump({ limit: 64 * 1024 }); // the body is not used; a longer one is cut off
  return answer;
}

function refusalFailure(name: string, { statusCode, headers }: Dispatcher.ResponseData): ApplicationFailure {
  const answer = `The receiver of the notice ${name} answered ${statusCode}`;
  if (statusCode === 410)
    return nonRetryable(`${answer} (Gone); the notice is not retried.`, 'NoticeNotTaken');
  const waitMs = retryAfterMs(headers['retry-after']);
  const delayMs = waitMs === undefined ? undefined : Math.min(waitMs, maxWaitMs);
  return retryable(`${answer}.`, 'NoticeNotTaken', delayMs);
}

function noticeLinks(publicUrl: string, temporalUiUrl: string, { ref }: NotifyInput): NoticeLinks {
  const { workflowNamespace, workflowExecution } = Context.current().info;
  const namespace = encodeURIComponent(workflowNamespace ?? 'default');
  const workflow = encodeURIComponent(workflowExecution?.workflowId ?? '');
  return {
    page: `${trimSlashes(publicUrl)}/exports/${encodeURIComponent(ref.issueId)}`,
    temporal: `${trimSlashes(temporalUiUrl)}/namespaces/${namespace}/workflows/${workflow}`,
  };
}

function trimSlashes(url: string): string {
  return url.replace(/\/+$/, '');
}

/** The code or name only: undici's messages may contain the address. */
function describeError(error: unknown): string {
  const { code, name } = (error ?? {}) as { code?: unknown; name?: unknown };
  if (typeof code === 'string') return code;
  return name === 'TimeoutError' ? `time-out after ${timeoutMs / 1000} s` : String(name);
}
