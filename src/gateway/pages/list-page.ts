import { html } from 'hono/html';
import { allStages } from '../../domain/stage';
import type { ExportList, ListFilter } from '../api/operator-api';
import { exportsTable } from './parts/exports-table';
import { renderPage, type Frame } from './render-page';
import { pauseDestinationsPart, waitingPart } from './parts/destinations-part';
import { heldPart, notStartedPart } from './parts/inbox-parts';
import { liveParts, type Part } from './live-parts';
import { filterQuery } from './filter-query';
import type { Paths } from './paths';
import { type Html, capitalizeName } from './html-helpers';

/** Renders `GET /`. @param temporalUrl the same list in the Temporal Web UI. */
export function listPage(
  frame: Omit<Frame, 'title'>,
  list: ExportList,
  filter: ListFilter,
  temporalUrl: string,
): Promise<string> {
  return renderPage(
    { ...frame, title: 'Exports' },
    html`<h1>Exports</h1>
      ${filterForm(frame.paths, filter, temporalUrl)} ${listLive(frame.paths, list, filter)}`,
  );
}

/** The parts of the list that the script keeps up to date. To add a column, open parts/exports-table.ts. */
export function listLive(paths: Paths, list: ExportList, filter: ListFilter): Html {
  const parts: Part[] = [
    {
      name: 'warnings',
      content: html`${list.warnings.map((warning) => html`<p class="notice warn" role="status">${warning}</p>`)}`,
    },
    { name: 'waiting', content: waitingPart(paths, list.destinations) },
    { name: 'held', content: heldPart(paths, list.held) },
    { name: 'not-started', content: notStartedPart(list.notStarted) },
    { name: 'exports', content: exportsTable(paths, list, filter) },
    { name: 'destinations', content: pauseDestinationsPart(paths, list.destinations) },
  ];
  const isActive = list.notStarted.length > 0 || list.exports.some(({ isOpen }) => isOpen);
  return liveParts(paths.listPart(filterQuery(filter)), parts, isActive);
}

function filterForm(paths: Paths, { stage, project, issue }: ListFilter, temporalUrl: string): Html {
  const isFiltered = stage !== undefined || project !== undefined || issue !== undefined;
  return html`<form class="filter" role="search" method="get" action="${paths.list}">
    <p>
      <label for="stage">Stage</label>
      <select id="stage" name="stage">
        <option value="">Any</option>
        ${allStages.map((name) => html`<option value="${name}" ${name === stage ? 'selected' : ''}>${capitalizeName(name)}</option>`)}
      </select>
    </p>
    <p>
      <label for="project">Project</label>
      <input id="project" name="project" value="${project ?? ''}" placeholder="full name" />
    </p>
    <p>
      <label for="issue">Issue id starts with</label>
      <input id="issue" name="issue" value="${issue ?? ''}" spellcheck="false" autocapitalize="off" />
    </p>
    <p class="buttons">
      <button>Filter</button>
      ${isFiltered ? html`<a href="${paths.list}">Clear filter</a>` : ''}
      <a href="${temporalUrl}" rel="noreferrer"
        >Open in Temporal<span class="unseen">: this list in its Web UI</span></a
      >
    </p>
  </form>`;
}
