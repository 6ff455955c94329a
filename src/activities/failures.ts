import { defined } from '../collections/defined';
import { activityInfo, log } from '@temporalio/activity';
import { ApplicationFailure, ApplicationFailureCategory, CancelledFailure } from '@temporalio/common';
import { isNativeError } from 'node:util/types';
import { LabelingError } from '../labeling/labeling-error';
import { PayloadIsFolder, PayloadNotFound } from '../payloads/payload-store';
import { type BackOff, commonBackOff, retryDelayMs } from './retry-delay';

/** What to do about a call that returned no outcome for its labels. */
export type ClassifiedError =
  /** The call had no effect, or the service reports so: throw `failure`, and Temporal retries. */
  | { readonly kind: 'retryable'; readonly failure: ApplicationFailure | CancelledFailure }
  /**
   * The request was sent and no usable answer came, so its effect is unknown: throw `failure`, and the retry
   * finds the sent-mark.
   */
  | {
      readonly kind: 'unknown-effect';
      readonly failure: ApplicationFailure;
      /** Whether the size of the call may be the cause. It is not when the service answered 5xx. */
      readonly mayBeTooLarge: boolean;
    }
  /** The service refuses the size of the call, or refuses or lacks some of its labels: split the chunk. */
  | {
      readonly kind: 'too-large' | 'bad-items' | 'items-unknown';
      readonly message: string;
      readonly detail: string | undefined;
    }
  /** Only an operator can fix the cause: pause. */
  | {
      readonly kind: 'needs-person';
      readonly because: string;
      readonly detail: string | undefined;
      /** Present when the call may have had an effect. */
      readonly effect?: 'unknown';
    };

/**
 * The only place that decides what is retried. Our sentences enter the history. The service's words
 * (`detail`) don't: they may contain label ids.
 * @param error thrown by a labeling service, or before the call was made.
 */
export function classifyError(error: unknown): ClassifiedError {
  if (error instanceof ApplicationFailure || error instanceof CancelledFailure)
    return { kind: 'retryable', failure: error };
  if (!(error instanceof LabelingError))
    return {
      kind: 'unknown-effect',
      failure: unexpected(error, 'calling the labeling service'),
      mayBeTooLarge: true,
    };
  const { kind, message, detail, retryAfterMs, isServerError } = error;
  switch (kind) {
    case 'retryable':
      return { kind: 'retryable', failure: retryable(message, 'LabelingTryAgain', retryAfterMs) };
    case 'no-answer':
      return {
        kind: 'unknown-effect',
        failure: retryable(message, 'LabelingNoAnswer', retryAfterMs),
        mayBeTooLarge: !isServerError,
      };
    case 'too-large':
    case 'bad-items':
    case 'items-unknown':
      return { kind, message, detail };
    case 'key-refused':
    case 'project-unknown':
    case 'call-refused':
    case 'unreadable':
      return {
        kind: 'needs-person',
        because: message.slice(0, 300),
        detail,
        ...defined({ effect: isServerError || kind === 'unreadable' ? ('unknown' as const) : undefined }),
      };
  }
}

/**
 * A failure that Temporal retries. Its category is BENIGN because it is expected and needs no alarm.
 * @param delayMs the least delay before the retry. A random part is added, which grows with the attempt.
 */
export function retryable(message: string, type: string, delayMs?: number): ApplicationFailure {
  return ApplicationFailure.create({
    message: message.slice(0, 300),
    type,
    nextRetryDelay: retryDelayMs({ attempt: currentAttempt(), atLeastMs: delayMs }),
    category: ApplicationFailureCategory.BENIGN,
  });
}

/** A failure that Temporal doesn't retry: a retry would fail the same way. BENIGN, as in `retryable`. */
export function nonRetryable(message: string, type: string): ApplicationFailure {
  return ApplicationFailure.create({
    message: message.slice(0, 300),
    type,
    nonRetryable: true,
    category: ApplicationFailureCategory.BENIGN,
  });
}

/**
 * Runs an activity's work and turns its errors into retryable failures that may enter the history. A store
 * error becomes a sentence about the store. Any other error goes to the log, and the failure states only its
 * name.
 * @param doing e.g. `writing the report`.
 * @param backOff of the activity's retry policy, where it is not the common one.
 * @throws {ApplicationFailure}
 * @throws {CancelledFailure} when `work` throws one.
 */
export async function toActivityFailure<T>(
  doing: string,
  work: () => Promise<T>,
  backOff: BackOff = commonBackOff,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ApplicationFailure || error instanceof CancelledFailure) throw error;
    throw storeFailure(error, doing, backOff) ?? unexpected(error, doing, backOff);
  }
}

/** Causes of a failing store, for the engineer on call. */
const storeFaults: Readonly<Record<string, string>> = {
  ENOSPC: 'it is full',
  EDQUOT: 'its quota is used up',
  EIO: 'its disk has an I/O error',
  EROFS: 'it is read-only',
  EACCES: 'the worker has no permission',
  EPERM: 'the worker has no permission',
  EMFILE: 'this process has too many open files',
  ENFILE: 'this host has too many open files',
};

/** A failure of the payload store. It is retryable without limit, because a store that is down comes back. */
function storeFailure(error: unknown, doing: string, backOff: BackOff): ApplicationFailure | undefined {
  if (error instanceof PayloadNotFound || error instanceof PayloadIsFolder)
    return alarming(`While ${doing}: ${error.message} Temporal retries.`, 'StoreError', backOff);
  // `instanceof Error` may miss Node's own errors: they can come from another realm
  const code = isNativeError(error) ? (error as NodeJS.ErrnoException).code : undefined;
  if (typeof code !== 'string' || !/^E[A-Z]+$/.test(code)) return undefined;
  const fault = storeFaults[code];
  const what = fault ? `${fault} (${code})` : code;
  return alarming(
    `The payload store failed while ${doing}: ${what}. Temporal retries.`,
    'StoreError',
    backOff,
  );
}

/**
 * Most likely a bug in Requeue. The message may contain anything, even label ids, so only the log gets it.
 */
function unexpected(error: unknown, doing: string, backOff = commonBackOff): ApplicationFailure {
  log.error(`Unexpected failure while ${doing}`, { error });
  const name = error instanceof Error ? error.name.slice(0, 60) : typeof error;
  const message = `Unexpected ${name} while ${doing}; see the worker's log. Temporal retries.`;
  return alarming(message, 'Unexpected', backOff);
}

/** A failure that Temporal retries and that is not expected, so it is not BENIGN. */
function alarming(message: string, type: string, backOff: BackOff): ApplicationFailure {
  return ApplicationFailure.create({
    message: message.slice(0, 300),
    type,
    nextRetryDelay: retryDelayMs({ attempt: currentAttempt(), backOff }),
  });
}

/** 1 outside of an activity. */
function currentAttempt(): number {
  try {
    return activityInfo().attempt;
  } catch {
    return 1;
  }
}
