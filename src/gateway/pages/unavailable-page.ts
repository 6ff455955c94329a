import { html } from 'hono/html';
import { faultMessage } from './refusal-page';
import type { Refusal } from '../http/refusal';
import { renderPage, type Frame } from './render-page';
import { liveParts } from './live-parts';
import { controlsWithoutState } from './parts/controls-part';
import { untrusted } from './html-helpers';

/** An export's page while nobody can say where it stands. The script looks again, and shows it as soon as somebody answers. */
export function unavailablePage(
  frame: Omit<Frame, 'title' | 'fault'>,
  issueId: string,
  refusal: Refusal,
): Promise<string> {
  const { paths } = frame;
  return renderPage(
    { ...frame, title: issueId, fault: faultMessage(refusal) },
    html`<nav aria-label="Way back"><a href="${paths.list}">All exports</a></nav>
      <h1>${untrusted(issueId)}</h1>
      ${liveParts(paths.of(issueId, 'live'), [], true)}
      ${refusal.code === 'no-worker' ? controlsWithoutState(paths, issueId) : ''}`,
  );
}
