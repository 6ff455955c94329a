import { defined } from '../collections/defined';
import { log } from '@temporalio/activity';
import { ApplicationFailure, ApplicationFailureCategory, CancelledFailure } from '@temporalio/common';
import { isNativeError } from 'node:util/types';
import { LabelingError } from '../labeling/labeling-error';
import { PayloadNotFound } from '../payloads/payload-store';

/** What is to be done about a call that gave no outcome for its labels. */
export type ClassifiedError =
  /** It had no effect, or the service says so: throw `failure`, Temporal tries again. */
  | { readonly kind: 'try-again'; readonly failure: ApplicationFailure | CancelledFailure }
  /** It left and no answer came: the effect is unknown; `failure` lets Temporal look again. */
  | { readonly kind: 'unknown-effect'; readonly failure: ApplicationFailure }
  | {
      readonly kind: 'too-large' | 'bad-items';
      readonly message: string;
      readonly detail: string | undefined;
    }
  | { readonly kind: 'needs-person'; readonly because: string; readonly detail: string | undefined };

/**
 * The one place that decides about retrying. Sentences of ours enter the history; the service's words (`detail`) do not: they
 * may name label ids.
 * @param error what a method of a labeling service threw, or what kept the call from being made.
 */
export function classifyError(error: unknown): ClassifiedError {
  if (error instanceof ApplicationFailure || error instanceof CancelledFailure)
    return { kind: 'try-again', failure: error };
  if (!(error instanceof LabelingError))
    return { kind: 'unknown-effect', failure: unexpected(error, 'calling the labeling service') };
  const { kind, message, detail, retryAfterMs } = error;
  switch (kind) {
    case 'try-again':
      return { kind: 'try-again', failure: retryable(message, 'LabelingTryAgain', retryAfterMs) };
    case 'no-answer':
      return { kind: 'unknown-effect', failure: retryable(message, 'LabelingNoAnswer', retryAfterMs) };
    case 'too-large':
    case 'bad-items':
      return { kind, message, detail };
    case 'key-refused':
    case 'project-unknown':
    case 'call-refused':
      return { kind: 'needs-person', because: message.slice(0, 300), detail };
  }
}

/** A failure of the labeling service that Temporal tries again, after `delayMs` when a delay was named. Expected, so it is no alarm. */
export function retryable(message: string, type: string, delayMs?: number): ApplicationFailure {
  return ApplicationFailure.create({
    message: message.slice(0, 300),
    type,
    ...defined({ nextRetryDelay: delayMs === undefined ? undefined : Math.max(1, Math.ceil(delayMs)) }),
    category: ApplicationFailureCategory.BENIGN,
  });
}

/** A failure that Temporal tries no further: nothing will change. Expected, so it is no alarm. */
export function nonRetryable(message: string, type: string): ApplicationFailure {
  return ApplicationFailure.create({
    message: message.slice(0, 300),
    type,
    nonRetryable: true,
    category: ApplicationFailureCategory.BENIGN,
  });
}

/**
 * Runs an activity's work so that whatever it throws may enter the history: a sentence of ours, tried again.
 * @param doing e.g. `writing the report`.
 */
export async function toActivityFailure<T>(doing: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ApplicationFailure || error instanceof CancelledFailure) throw error;
    throw storeFailure(error, doing) ?? unexpected(error, doing);
  }
}

/** What is wrong with the store, for the person on call. */
const storeFaults: Readonly<Record<string, string>> = {
  ENOSPC: 'it is full',
  EDQUOT: 'its quota is used up',
  EIO: 'its disk fails',
  EROFS: 'it is read-only',
  EACCES: 'its permissions forbid it',
  EPERM: 'its permissions forbid it',
  EMFILE: 'this process has too many open files',
  ENFILE: 'this host has too many open files',
};

/** The payload store's fault: it may mend, so it is tried again for as long as it takes. */
function storeFailure(error: unknown, doing: string): ApplicationFailure | undefined {
  if (error instanceof PayloadNotFound)
    return ApplicationFailure.retryable(
      `While ${doing}: ${error.message} It is tried again.`.slice(0, 300),
      'StoreError',
    );
  const code = isNativeError(error) ? (error as NodeJS.ErrnoException).code : undefined; // Node's own errors may be of another realm than ours
  if (typeof code !== 'string' || !/^E[A-Z]+$/.test(code)) return undefined;
  const fault = storeFaults[code];
  return ApplicationFailure.retryable(
    `The payload store failed while ${doing}: ${fault ? `${fault} (${code})` : code}. It is tried again.`,
    'StoreError',
  );
}

/** A bug of ours, most likely. Its message may hold anything, also label ids: it goes to the log alone. */
function unexpected(error: unknown, doing: string): ApplicationFailure {
  log.error(`Unexpected failure while ${doing}`, { error });
  const name = error instanceof Error ? error.name.slice(0, 60) : typeof error;
  return ApplicationFailure.retryable(
    `Unexpected ${name} while ${doing}; the worker's log has it. It is tried again.`,
    'Unexpected',
  );
}
