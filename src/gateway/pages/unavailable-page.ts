import { html } from 'hono/html';
import { faultMessage } from './refusal-page';
import type { Refusal } from '../http/refusal';
import { renderPage, type Frame } from './render-page';
import { liveParts } from './live-parts';
import { controlsWithoutState } from './parts/controls-part';
import { untrusted } from './html-helpers';

/**
 * Renders an export's page while the worker or Temporal does not answer. The script keeps polling and shows
 * the export as soon as both answer.
 */
export function unavailablePage(
  frame: Omit<Frame, 'title' | 'fault'>,
  issueId: string,
  refusal: Refusal,
): Promise<string> {
  const { paths } = frame;
  return renderPage(
    { ...frame, title: issueId, fault: faultMessage(refusal) },
    html`<nav aria-label="Breadcrumb"><a href="${paths.list}">All exports</a></nav>
      <h1>${untrusted(issueId)}</h1>
      ${liveParts(paths.of(issueId, 'live'), [], true)}
      ${refusal.code === 'no-worker' ? controlsWithoutState(paths, issueId) : ''}`,
  );
}
