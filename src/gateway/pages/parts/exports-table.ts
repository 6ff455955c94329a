import { html } from 'hono/html';
import { formatNumber } from '../../../text/format-number';
import type { ExportList, ExportRow, ListFilter } from '../../api/operator-api';
import { filterQuery } from '../filter-query';
import type { Paths } from '../paths';
import { ago, badge, untrusted, type Html } from '../html-helpers';

/**
 * Renders a page of exports, with links to other pages. Roles are explicit because CSS turns rows into cards
 * on a phone.
 */
export function exportsTable(paths: Paths, { exports, next }: ExportList, filter: ListFilter): Html {
  return html`${exports.length === 0 ? emptyState(next) : table(paths, exports)}
  ${paging(paths, filter, next)}`;
}

function emptyState(next: string | undefined): Html {
  return html`<p class="nothing">
    ${next === undefined ? 'No exports found.' : 'No matches on this page. Try the next page.'}
  </p>`;
}

function table(paths: Paths, exports: readonly ExportRow[]): Html {
  return html`<table class="exports" role="table">
    <caption class="unseen">
      Exports, newest first
    </caption>
    <thead role="rowgroup">
      <tr role="row">
        ${['Issue', 'Stage', 'Labels done', 'Destination', 'Started', 'Temporal'].map(
          (title) => html`<th scope="col" role="columnheader">${title}</th>`,
        )}
      </tr>
    </thead>
    <tbody role="rowgroup">
      ${exports.map((row) => tableRow(paths, row))}
    </tbody>
  </table>`;
}

function tableRow(paths: Paths, row: ExportRow): Html {
  const { issueId, issueName, project, stage, destination, startedAt, links, source, pausedInTemporal } = row;
  return html`<tr role="row">
    <th scope="row" role="rowheader">
      <a href="${paths.show(issueId)}">${untrusted(issueName || issueId)}</a>
      <span class="under">${untrusted(project)} · <code>${untrusted(issueId)}</code></span>
    </th>
    <td role="cell" class="stage">
      ${badge(stage)}${pausedInTemporal ? html` <span class="under">paused in Temporal</span>` : ''}
    </td>
    <td role="cell" class="labels">${labelsDone(row)}</td>
    <td role="cell" class="destination">${untrusted(destination || '–')}</td>
    <td role="cell" class="started">${ago(startedAt)}</td>
    <td role="cell" class="temporal">
      ${
        source === 'temporal'
          ? html`<a href="${links.temporal}"
              >Workflow<span class="unseen"> of ${untrusted(issueName || issueId)}</span></a
            >`
          : html`<span class="under" title="Temporal no longer has this workflow. Its report is in the store."
              >report only</span
            >`
      }
    </td>
  </tr>`;
}

function labelsDone({ labels: { planned, done }, issueName, issueId }: ExportRow): Html {
  if (planned === 0) return html`<span class="under">no labels</span>`;
  return html`<progress
      max="${planned}"
      value="${Math.min(done, planned)}"
      aria-label="Labels done for ${issueName || issueId}"
    ></progress>
    <span class="under">${formatNumber(done)} of ${formatNumber(planned)}</span>`;
}

function paging(paths: Paths, filter: ListFilter, next: string | undefined): Html {
  if (next === undefined && filter.page === undefined) return html``;
  const pagePath = (page: string | undefined) => paths.listWith(filterQuery({ ...filter, page }));
  return html`<nav class="paging" aria-label="Pages">
    ${filter.page === undefined ? '' : html`<a href="${pagePath(undefined)}">First page</a>`}
    ${next === undefined ? html`<span>Last page</span>` : html`<a rel="next" href="${pagePath(next)}">Next page</a>`}
  </nav>`;
}
