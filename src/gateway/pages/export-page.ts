import { html } from 'hono/html';
import type { ExportDetail } from '../api/operator-api';
import { logPart } from './parts/log-part';
import { renderPage, type Frame } from './render-page';
import { droppedPart, inboxPart } from './parts/inbox-parts';
import { liveParts } from './live-parts';
import type { Paths } from './paths';
import { planPart } from './parts/plan-part';
import { progressPart, progressSummary } from './parts/progress-part';
import { questionPart, type Typed } from './parts/question-part';
import { refusalsPart } from './parts/refusals-part';
import { reportsPart } from './parts/reports-part';
import { againPart } from './parts/again-part';
import { controlsPart } from './parts/controls-part';
import { untrusted, type Html } from './html-helpers';

/**
 * Renders `GET /exports/:issueId`. To add a field, open its part under parts/: the plan in plan-part.ts,
 * counts and deadline in progress-part.ts, the question in question-part.ts, buttons in controls-part.ts,
 * ended exports in reports-part.ts, the decision log in log-part.ts. Its data is `ExportDetail`
 * (api/operator-api.ts), which api/show/show-export.ts fills.
 * @param typed the fields that the operator filled in, when the decision was refused.
 */
export function exportPage(
  frame: Omit<Frame, 'title'>,
  detail: ExportDetail,
  typed?: Typed,
): Promise<string> {
  const { issueName, issueId, project, links } = detail;
  return renderPage(
    { ...frame, title: issueName || issueId },
    html`<nav aria-label="Breadcrumb"><a href="${frame.paths.list}">All exports</a></nav>
      <h1>${untrusted(issueName || issueId)}</h1>
      <p class="about">
        ${untrusted(project)} · <code>${untrusted(issueId)}</code> ·
        <a href="${links.temporal}">Workflow in the Temporal Web UI</a>
      </p>
      ${exportLive(frame.paths, detail, typed)}`,
  );
}

/** The parts of an export's page that the script keeps up to date, in the order that a phone shows. */
export function exportLive(paths: Paths, detail: ExportDetail, typed?: Typed): Html {
  return liveParts(
    paths.of(detail.issueId, 'live'),
    [
      { name: 'summary', content: progressSummary(detail), isAnnounced: true },
      { name: 'progress', content: progressPart(detail) },
      [{ name: 'plan', content: planPart(detail) }],
      [
        { name: 'question', content: questionPart(paths, detail, typed) },
        { name: 'controls', content: controlsPart(paths, detail) },
        { name: 'again', content: againPart(paths, detail) },
        { name: 'reports', content: reportsPart(paths, detail) },
        { name: 'inbox', content: inboxPart(paths, detail.inbox) },
        { name: 'dropped', content: droppedPart(detail.dropped) },
      ],
      { name: 'log', content: logPart(detail) },
      { name: 'refusals', content: refusalsPart(detail.refusals) },
    ],
    detail.isOpen || detail.inbox.length > 0,
  );
}
