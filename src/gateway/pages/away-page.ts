import { html } from 'hono/html';
import { faultMessage } from './refusal-page';
import type { Refusal } from '../http/refusal';
import { framed, type Frame } from './frame';
import { liveParts } from './live';
import { steerBlindly } from './parts/controls-part';
import { untrusted } from './words';

/** An export's page while nobody can say where it stands. The script looks again, and shows it as soon as somebody answers. */
export function awayPage(
  frame: Omit<Frame, 'title' | 'fault'>,
  issueId: string,
  refusal: Refusal,
): Promise<string> {
  const { paths } = frame;
  return framed(
    { ...frame, title: issueId, fault: faultMessage(refusal) },
    html`<nav aria-label="Way back"><a href="${paths.list}">All exports</a></nav>
      <h1>${untrusted(issueId)}</h1>
      ${liveParts(paths.of(issueId, 'live'), [], true)}
      ${refusal.code === 'no-worker' ? steerBlindly(paths, issueId) : ''}`,
  );
}
