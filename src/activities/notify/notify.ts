import { withTimeoutSignal } from '../../clock/clock';
import { formatDuration } from '../../text/duration';
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

type Receiver = NotifyDeps['notices'][number];

/** Time-out of one call, in ms. Temporal then retries. */
const timeoutMs = 10_000;
/**
 * Maximum Retry-After to honour, in ms. The workflow gives up after 15 minutes, so a longer wait would leave
 * no time for a retry.
 */
const maxWaitMs = 5 * 60_000;

/**
 * Maximum calls of this worker in flight, to one receiver and to all receivers: slow receivers must not take
 * the slots of other activities.
 */
const maxCallsToOne = 10;
const maxCallsToAll = 40;
/** Delay before a notice over these limits is retried, in ms. */
const busyMs = 2000;

/**
 * Sends one notice to its receiver with one POST. If the answer is not 2xx, or if there is none, Temporal
 * retries for as long as the workflow allows. Only 410 is not retried, because Standard Webhooks defines it
 * as final. A receiver that is no longer configured gets nothing. Its address may contain a secret, so no
 * error contains it.
 */
export function createNotify({
  store,
  notices,
  publicUrl,
  temporalUiUrl,
}: NotifyDeps): (input: NotifyInput) => Promise<void> {
  const inFlight = new Map<string, number>();
  return async (input) => {
    const receiver = notices.find(({ name }) => name === input.target);
    if (!receiver) return;
    checkCallsInFlight(receiver, inFlight);
    inFlight.set(receiver.name, (inFlight.get(receiver.name) ?? 0) + 1);
    try {
      await send(receiver, input);
    } finally {
      inFlight.set(receiver.name, (inFlight.get(receiver.name) ?? 1) - 1);
    }
  };

  async function send(receiver: Receiver, input: NotifyInput): Promise<void> {
    const plan = await readNoticePlan(store, input);
    const links = noticeLinks(publicUrl, temporalUiUrl, input);
    const body = JSON.stringify(noticeBody(receiver.form, input, links, plan));
    const headers = {
      'content-type': 'application/json',
      'user-agent': 'requeue',
      ...signatureHeaders(receiver.secrets, input.id, body),
    };
    const answer = await post(receiver.address, headers, body).catch((error: unknown) => {
      const message = `The receiver ${receiver.name} did not answer (${describeError(error)}).`;
      throw retryable(message, 'NoticeNotTaken');
    });
    if (answer.statusCode < 200 || answer.statusCode >= 300) throw refusalFailure(receiver.name, answer);
  }
}

/** @throws {ApplicationFailure} when a limit is reached. */
function checkCallsInFlight({ name }: Receiver, inFlight: ReadonlyMap<string, number>): void {
  const toOne = inFlight.get(name) ?? 0;
  const toAll = [...inFlight.values()].reduce((sum, calls) => sum + calls, 0);
  if (toOne < maxCallsToOne && toAll < maxCallsToAll) return;
  const calls =
    toOne >= maxCallsToOne
      ? `This worker already has ${toOne} calls in flight to the receiver ${name} (limit ${maxCallsToOne})`
      : `This worker already has ${toAll} calls in flight to receivers (limit ${maxCallsToAll})`;
  throw retryable(
    `${calls}; Temporal retries after at least ${formatDuration(busyMs, 'seconds')}.`,
    'NoticeNotTaken',
    busyMs,
  );
}

async function post(
  address: string,
  headers: Record<string, string>,
  body: string,
): Promise<Dispatcher.ResponseData> {
  return withTimeoutSignal(timeoutMs, async (timeout) => {
    const signal = AbortSignal.any([timeout, Context.current().cancellationSignal]);
    const answer = await request(address, { method: 'POST', headers, body, signal });
    await answer.body.dump({ limit: 64 * 1024 }); // the body is not used; reading stops at 64 KiB
    return answer;
  });
}

function refusalFailure(name: string, { statusCode, headers }: Dispatcher.ResponseData): ApplicationFailure {
  const answer = `The receiver ${name} answered ${statusCode}`;
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

/** Returns only the code or the name, because undici's messages may contain the address. */
function describeError(error: unknown): string {
  const { code, name } = (error ?? {}) as { code?: unknown; name?: unknown };
  if (typeof code === 'string') return code;
  return name === 'TimeoutError' ? `time-out after ${formatDuration(timeoutMs, 'seconds')}` : String(name);
}
