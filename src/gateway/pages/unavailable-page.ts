import { html } from 'hono/html';
import { faultMessage } from './refusal-page';
import type { Refusal } from '../http/refusal';
import { renderPage, type Frame } from './render-page';
import { liveParts } from './live-parts';
import { controlsWithoutState, type Unanswered } from './parts/controls-part';
import { untrusted } from './html-helpers';

/**
 * Renders an export's page while it cannot be shown: the worker, Temporal or the store does not answer, or
 * Temporal itself paused the run. The script keeps polling and shows the export as soon as it can.
 */
export function unavailablePage(
  frame: Omit<Frame, 'title' | 'fault'>,
  issueId: string,
  refusal: Refusal,
): Promise<string> {
  const { paths } = frame;
  const cause = causes[refusal.code];
  return renderPage(
    { ...frame, title: issueId, fault: faultMessage(refusal) },
    html`<nav aria-label="Breadcrumb"><a href="${paths.list}">All exports</a></nav>
      <h1>${untrusted(issueId)}</h1>
      ${liveParts(paths.of(issueId, 'live'), [], true)}
      ${cause === undefined ? '' : controlsWithoutState(paths, issueId, cause)}`,
  );
}

/** The refusals of a page during which an export can still be stopped. Without Temporal it cannot. */
const causes: Readonly<Record<string, Unanswered>> = {
  'no-worker': 'no-worker',
  'paused-in-temporal': 'paused-in-temporal',
  'store-unavailable': 'store',
  'store-full': 'store',
};

/** True for a refusal that `unavailablePage` shows. It may go away without a change to the request. */
export function isUnavailable({ status, code }: Refusal): boolean {
  return status === 503 || Object.hasOwn(causes, code);
}
