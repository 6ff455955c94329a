import { html } from 'hono/html';
import { grouped } from '../../../text/format-number';
import type { ExportDetail, ReportSummary } from '../../api/operator-api';
import type { Paths } from '../paths';
import { at, badge, foreign, type Html } from '../words';

/** The issue's exports that have ended, newest first. */
export function reportsPart(paths: Paths, { issueId, reports }: ExportDetail): Html {
  if (reports.length === 0) return html``;
  return html`<section class="card">
    <h2>Reports</h2>
    <ul class="reports">
      ${reports.map((report) => reportLine(paths, issueId, report))}
    </ul>
  </section>`;
}

function reportLine(
  paths: Paths,
  issueId: string,
  { revision, attempt, outcome, endedAt, labels, decisions, reason }: ReportSummary,
): Html {
  const name = attempt === 1 ? revision : `${revision}, attempt ${attempt}`;
  const link = (form: 'json' | 'csv') =>
    html`<a href="${paths.report(issueId, revision, attempt, form)}" download
      >${form.toUpperCase()}<span class="unseen"> report of ${name}</span></a
    >`;
  return html`<li>
    <p class="line">${badge(outcome)} <code>${name}</code></p>
    <p>
      ${at(endedAt)}: ${grouped(labels.relabeled)} of ${grouped(labels.planned)} relabeled${also(labels)}.
      ${reason === undefined ? '' : foreign(reason)}
    </p>
    ${decisions.map(
      (decision) =>
        html`<p class="under">
          To label ${grouped(decision.upTo)}: ${foreign(decision.who)},
          ${at(decision.at)}${decision.reason === undefined ? '' : html`: ${foreign(decision.reason)}`}
        </p>`,
    )}
    <p class="downloads">${link('csv')} ${link('json')}</p>
  </li>`;
}

function also({ alreadyGone, refused, unconfirmed, withheld }: ReportSummary['labels']): string {
  const rest = [
    [alreadyGone, 'already gone'],
    [refused, 'refused'],
    [unconfirmed, 'unconfirmed'],
    [withheld, 'withheld'],
  ] as const;
  return rest.flatMap(([number, name]) => (number > 0 ? [`, ${grouped(number)} ${name}`] : [])).join('');
}
