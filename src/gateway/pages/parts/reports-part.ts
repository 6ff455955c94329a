import { listOutcomes } from '../../../domain/label-outcome';
import { html } from 'hono/html';
import { formatNumber } from '../../../text/format-number';
import type { ExportDetail, ReportSummary } from '../../api/operator-api';
import type { Paths } from '../paths';
import { timestamp, badge, untrusted, type Html } from '../html-helpers';

/** Renders the reports on the issue's ended exports, newest first. */
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
  { revision, attempt, outcome, endedAt, labels, warnings = [], decisions, reason }: ReportSummary,
): Html {
  const name = attempt === 1 ? revision : `${revision}, attempt ${attempt}`;
  const link = (form: 'json' | 'csv') =>
    html`<a href="${paths.report(issueId, revision, attempt, form)}" download
      >${form.toUpperCase()}<span class="unseen"> report of ${name}</span></a
    >`;
  return html`<li>
    <p class="line">${badge(outcome)} <code>${name}</code></p>
    <p>
      ${timestamp(endedAt)}: ${formatNumber(labels.relabeled)} of ${formatNumber(labels.planned)}
      relabeled${describeOtherOutcomes(labels)}. ${reason === undefined ? '' : untrusted(reason)}
    </p>
    ${warnings.map(({ message }) => html`<p class="under">${untrusted(message)}</p>`)}
    ${decisions.map(
      (decision) =>
        html`<p class="under">
          Up to label ${formatNumber(decision.upTo)}: ${untrusted(decision.who)},
          ${timestamp(decision.at)}${decision.reason === undefined ? '' : html`: ${untrusted(decision.reason)}`}
        </p>`,
    )}
    <p class="downloads">${link('csv')} ${link('json')}</p>
  </li>`;
}

function describeOtherOutcomes(labels: ReportSummary['labels']): string {
  return listOutcomes(labels)
    .filter((outcome) => outcome.name !== 'relabeled' && outcome.labels > 0) // shown before the others
    .map((outcome) => `, ${formatNumber(outcome.labels)} ${outcome.name}`)
    .join('');
}
