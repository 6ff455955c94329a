import { formatDuration } from '../../../text/duration';
import { html } from 'hono/html';
import { pluralize } from '../../../text/pluralize';
import { formatNumber } from '../../../text/format-number';
import { problemReasons, type LeftOutReason } from '../../../domain/plan';
import type { NamedCounts, SampleLabel } from '../../../domain/plan-summary';
import type { ExportDetail, PlanDetail } from '../../api/operator-api';
import { timestamp, untrusted, type Html } from '../html-helpers';

/** What would be sent, where to, and what not: before anybody decides. */
export function planPart({ plan }: ExportDetail): Html {
  if (!plan) return html``;
  const { summary } = plan;
  return html`<section class="card">
    <h2>Plan</h2>
    <dl class="facts">
      ${facts(plan).map(
        ([name, value]) =>
          html`<div>
            <dt>${name}</dt>
            <dd>${value}</dd>
          </div>`,
      )}
    </dl>
    <p class="hint">
      Revision <code>${plan.revision}</code>, received ${timestamp(plan.receivedAt)}, planned
      ${timestamp(plan.createdAt)}.
      ${plan.force ? 'Forced: labels that earlier exports relabeled are sent again.' : ''}
    </p>
    ${leftOut(plan.leftOut)}
    <div class="counts">
      ${counts('Classes', summary.classes, 'other classes, or none')}
      ${counts('Datasets', summary.datasets, 'other datasets, or none')}
      ${counts('Inference sets', summary.inferenceSets, 'other inference sets, or none')}
    </div>
    ${summary.sample.length > 0 ? sample(summary.sample) : ''}
  </section>`;
}

function facts({
  labels,
  elements,
  summary,
  destination,
  destinationProject,
  calls,
  seconds,
}: PlanDetail): [string, Html | string][] {
  return [
    ['Labels', formatNumber(labels)],
    ['Elements', formatNumber(elements)],
    ['Frames', formatNumber(summary.frames)],
    ['Calls', formatNumber(calls)],
    ...(seconds === undefined
      ? []
      : [['Time at its rate', formatDuration(seconds * 1000, 'coarse')] satisfies [string, string]]),
    ['Destination', html`${untrusted(destination)}, project ${untrusted(destinationProject)}`],
  ];
}

/** What is left out: one of it, and several. */
const reasons: Readonly<Record<LeftOutReason, readonly [string, string]>> = {
  'already-relabeled': [
    'relabeled by an earlier export of this issue',
    'relabeled by earlier exports of this issue',
  ],
  'unmatched-crop': ['crop that matches no label of its frame', 'crops that match no label of their frame'],
  'missing-label-id': ['label without a usable id', 'labels without a usable id'],
  invalid: ['invalid element', 'invalid elements'],
  frame: ['frame element, which this route skips', 'frame elements, which this route skips'],
  'no-labels': ['frame without labels', 'frames without labels'],
  'same-label': [
    'element whose label another element names already',
    'elements whose label another element names already',
  ],
};

function leftOut(counts: PlanDetail['leftOut']): Html {
  const given = Object.entries(counts).filter(([, number]) => number > 0) as [LeftOutReason, number][];
  if (given.length === 0)
    return html`<h3>Left out</h3>
      <p>Nothing.</p>`;
  return html`<h3>Left out</h3>
    <ul class="left-out">
      ${given.map(
        ([reason, number]) =>
          html`<li>
            <strong>${formatNumber(number)}</strong> ${reasons[reason]?.[number === 1 ? 0 : 1] ?? reason}
            ${problemReasons.has(reason) ? html`<span class="badge problem">Problem</span>` : ''}
          </li>`,
      )}
    </ul>`;
}

function counts(title: string, { top, other }: NamedCounts, others: string): Html {
  if (top.length === 0) return html``;
  return html`<table class="named">
    <caption>
      ${title}
    </caption>
    <thead class="unseen">
      <tr>
        <th scope="col">Name</th>
        <th scope="col">Labels</th>
      </tr>
    </thead>
    <tbody>
      ${top.map(
        ({ name, labels }) =>
          html`<tr>
            <th scope="row">${untrusted(name)}</th>
            <td>${formatNumber(labels)}</td>
          </tr>`,
      )}
      ${
        other > 0
          ? html`<tr>
              <th scope="row">${others}</th>
              <td>${formatNumber(other)}</td>
            </tr>`
          : ''
      }
    </tbody>
  </table>`;
}

function sample(labels: readonly SampleLabel[]): Html {
  return html`<details class="sample" open>
    <summary>${pluralize(labels.length, 'label')} of it, to look at</summary>
    <div class="scroll" tabindex="0" role="region" aria-label="Sample of labels">
      <table class="rows">
        <thead>
          <tr>
            ${['Position', 'Image', 'Class', 'Label'].map((title) => html`<th scope="col">${title}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${labels.map(sampleRow)}
        </tbody>
      </table>
    </div>
  </details>`;
}

function sampleRow({ position, labelId, className, imageUrl }: SampleLabel): Html {
  return html`<tr>
    <td class="number">${formatNumber(position)}</td>
    <td>${imageLink(imageUrl, position)}</td>
    <td>${untrusted(className ?? '–')}</td>
    <td><code>${untrusted(labelId)}</code></td>
  </tr>`;
}

/** A link, never a picture in the page: opening the page must not tell a stranger's server about it. */
function imageLink(url: string | undefined, position: number): Html {
  if (url === undefined || !isWeb(url)) return html`–`;
  return html`<a href="${url}" target="_blank" rel="noreferrer noopener" referrerpolicy="no-referrer"
    >Image<span class="unseen"> of label ${position}, in a new tab</span></a
  >`;
}

function isWeb(url: string): boolean {
  return URL.canParse(url) && /^https?:$/.test(new URL(url).protocol);
}
