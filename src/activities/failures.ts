import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import { LabelingError } from '../labeling/labeling-error';

/** What is to be done about a call that gave no outcome for its labels. */
export type Sorted =
  /** It had no effect, or the service says so: throw `failure`, Temporal tries again. */
  | { readonly kind: 'try-again'; readonly failure: ApplicationFailure }
  /** It left and no answer came: the effect is unknown; `failure` lets Temporal look again. */
  | { readonly kind: 'unknown-effect'; readonly failure: ApplicationFailure }
  | { readonly kind: 'too-large' }
  | { readonly kind: 'bad-items'; readonly message: string; readonly detail: string | undefined }
  | { readonly kind: 'needs-person'; readonly because: string; readonly detail: string | undefined };

/**
 * The one place that decides about retrying. Sentences of ours enter the history; the service's words (`detail`) do not: they
 * may name label ids.
 */
export function sortFailure(error: unknown): Sorted {
  if (!(error instanceof LabelingError))
    return { kind: 'unknown-effect', failure: tryAgain('The labeling call failed in an unexpected way.', 'Unexpected') };
  const { kind, message, detail, retryAfterMs } = error;
  switch (kind) {
    case 'try-again':
      return { kind: 'try-again', failure: tryAgain(message, 'LabelingTryAgain', retryAfterMs) };
    case 'no-answer':
      return { kind: 'unknown-effect', failure: tryAgain(message, 'LabelingNoAnswer') };
    case 'too-large':
      return { kind: 'too-large' };
    case 'bad-items':
      return { kind: 'bad-items', message, detail };
    case 'key-refused':
    case 'project-unknown':
    case 'call-refused':
      return { kind: 'needs-person', because: message.slice(0, 300), detail };
  }
}

/** A failure that Temporal tries again, after `delayMs` when the service named a delay. Expected, so it is no alarm. */
export function tryAgain(message: string, type: string, delayMs?: number): ApplicationFailure {
  return ApplicationFailure.create({
    message: message.slice(0, 300),
    type,
    ...(delayMs === undefined ? {} : { nextRetryDelay: Math.max(1, Math.ceil(delayMs)) }),
    category: ApplicationFailureCategory.BENIGN,
  });
}
