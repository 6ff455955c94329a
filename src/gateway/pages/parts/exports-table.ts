import { html } from 'hono/html';
import { formatNumber } from '../../../text/format-number';
import type { ExportList, ExportRow, ListFilter } from '../../api/operator-api';
import { filterQuery } from '../filter-query';
import type { Paths } from '../paths';
import { ago, badge, untrusted, type Html } from '../html-helpers';

/** A page of exports, and the way to the next. Roles are said outright: on a phone its rows are laid out as cards. */
export function exportsTable(paths: Paths, { exports, next }: ExportList, filter: ListFilter): Html {
  return html`${exports.length === 0 ? nothing(next) : table(paths, exports)} ${paging(paths, filter, next)}`;
}

function nothing(next: string | undefined): Html {
  return html`<p class="nothing">
    ${next === undefined ? 'There is no export here.' : 'Nothing on this page; the search goes on with the next.'}
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
  const { issueId, issueName, project, stage, destination, startedAt, links, source } = row;
  return html`<tr role="row">
    <th scope="row" role="rowheader">
      <a href="${paths.show(issueId)}">${untrusted(issueName || issueId)}</a>
      <span class="under">${untrusted(project)} · <code>${untrusted(issueId)}</code></span>
    </th>
    <td role="cell" class="stage">${badge(stage)}</td>
    <td role="cell" class="labels">${labelsDone(row)}</td>
    <td role="cell" class="destination">${untrusted(destination || '–')}</td>
    <td role="cell" class="started">${ago(startedAt)}</td>
    <td role="cell" class="temporal">
      ${
        source === 'temporal'
          ? html`<a href="${links.temporal}"
              >Workflow<span class="unseen"> of ${untrusted(issueName || issueId)}</span></a
            >`
          : html`<span class="under" title="Temporal has forgotten it; its report is in the store"
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
      aria-label="Labels done of ${issueName || issueId}"
    ></progress>
    <span class="under">${formatNumber(done)} of ${formatNumber(planned)}</span>`;
}

function paging(paths: Paths, filter: ListFilter, next: string | undefined): Html {
  if (next === undefined && filter.page === undefined) return html``;
  return html`<nav class="paging" aria-label="Pages of the list">
    ${filter.page === undefined ? '' : html`<a href="${paths.listWith(filterQuery({ ...filter, page: undefined }))}">First page</a>`}
    ${next === undefined ? html`<span>This is the last page.</span>` : html`<a rel="next" href="${paths.listWith(filterQuery({ ...filter, page: next }))}">Next page</a>`}
  </nav>`;
}
