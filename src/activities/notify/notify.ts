import { Context } from '@temporalio/activity';
import type { ApplicationFailure } from '@temporalio/common';
import { type Dispatcher, request } from 'undici';
import type { Config } from '../../config/config';
import { retryAfterMs } from '../../labeling/retry-after';
import type { NotifyInput } from '../contracts';
import { retryable, nonRetryable } from '../failures';
import type { PayloadStore } from '../../payloads/payload-store';
import { noticeBody, type NoticeLinks } from './notice-body';
import { readNoticePlan } from './read-notice-plan';
import { signatureHeaders } from './signature-headers';

export interface NotifyDeps {
  readonly store: PayloadStore;
  readonly notices: Config['notices'];
  /** Where the gateway's pages are, for links. */
  readonly publicUrl: string;
  /** Where the Temporal Web UI is, for links. */
  readonly temporalUiUrl: string;
}

/** A receiver that has not answered by then is asked again. */
const timeoutMs = 10_000;
/**
 * A receiver that asks for more is asked again after this: the workflow gives up after 15 minutes, and a
 * longer wait would be the end at once.
 */
const longestWaitMs = 5 * 60_000;

/**
 * Calls of a worker at once, to one receiver and to all: one that never answers must not take the place of
 * what exports wait for.
 */
const mostCallsToOne = 10;
const mostCalls = 40;
/** Then a notice comes again after this. */
const busyMs = 2000;

/**
 * Tells one target of one event: one POST. What it answers but 2xx, and no answer, is tried again for as long
 * as the workflow lets it; but 410 is the end, as Standard Webhooks say. A target that is no longer
 * configured is told nothing. The address may be a secret: it is never in an error.
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
    const others = inFlight.get(notice.name) ?? 0;
    const all = [...inFlight.values()].reduce((sum, calls) => sum + calls, 0);
    if (others >= mostCallsToOne || all >= mostCalls)
      throw retryable(
        `The receiver of the notice ${notice.name} is slow; other notices wait for it.`,
        'NoticeNotTaken',
        busyMs,
      );
    inFlight.set(notice.name, others + 1);
    try {
      await deliver(notice, input);
    } finally {
      inFlight.set(notice.name, (inFlight.get(notice.name) ?? 1) - 1);
    }
  };

  async function deliver(notice: NotifyDeps['notices'][number], input: NotifyInput): Promise<void> {
    const plan = await readNoticePlan(store, input);
    const body = JSON.stringify(
      noticeBody(notice.form, input, noticeLinks(publicUrl, temporalUiUrl, input), plan),
    );
    const headers = {
      'content-type': 'application/json',
      'user-agent': 'requeue',
      ...signatureHeaders(notice.secrets, input.id, body),
    };
    const answer = await post(notice.address, headers, body).catch((error: unknown) => {
      throw retryable(
        `The receiver of the notice ${notice.name} did not answer (${errorCode(error)}).`,
        'NoticeNotTaken',
      );
    });
    if (answer.statusCode < 200 || answer.statusCode >= 300) throw refusedBy(notice.name, answer);
  }
}

async function post(
  address: string,
  headers: Record<string, string>,
  body: string,
): Promise<Dispatcher.ResponseData> {
  const signal = AbortSignal.any([AbortSignal.timeout(timeoutMs), Context.current().cancellationSignal]);
  const answer = await request(address, { method: 'POST', headers, body, signal });
  await answer.body.dump({ limit: 64 * 1024 }); // the answer's words are of no use; a long one is cut off
  return answer;
}

function refusedBy(name: string, { statusCode, headers }: Dispatcher.ResponseData): ApplicationFailure {
  const words = `The receiver of the notice ${name} answered ${statusCode}`;
  if (statusCode === 410) return nonRetryable(`${words}: it is gone.`, 'NoticeNotTaken');
  const waitMs = retryAfterMs(headers['retry-after']);
  return retryable(
    `${words}.`,
    'NoticeNotTaken',
    waitMs === undefined ? undefined : Math.min(waitMs, longestWaitMs),
  );
}

function noticeLinks(publicUrl: string, temporalUiUrl: string, { ref }: NotifyInput): NoticeLinks {
  const { workflowNamespace, workflowExecution } = Context.current().info;
  const workflow = encodeURIComponent(workflowExecution?.workflowId ?? '');
  return {
    page: `${trimmed(publicUrl)}/exports/${encodeURIComponent(ref.issueId)}`,
    temporal: `${trimmed(temporalUiUrl)}/namespaces/${encodeURIComponent(workflowNamespace ?? 'default')}/workflows/${workflow}`,
  };
}

function trimmed(url: string): string {
  return url.replace(/\/+$/, '');
}

/** The system's name of the fault; undici's own messages may hold the address. */
function errorCode(error: unknown): string {
  const { code, name } = (error ?? {}) as { code?: unknown; name?: unknown };
  return typeof code === 'string'
    ? code
    : name === 'TimeoutError'
      ? `nothing within ${timeoutMs / 1000} s`
      : String(name);
}
