import { formatDuration } from '../../../text/duration';
import { html } from 'hono/html';
import { pluralize } from '../../../text/pluralize';
import { formatNumber } from '../../../text/format-number';
import { problemReasons, type LeftOutReason } from '../../../domain/plan';
import type { NamedCounts, SampleLabel } from '../../../domain/plan-summary';
import type { ExportDetail, PlanDetail } from '../../api/operator-api';
import { timestamp, untrusted, type Html } from '../html-helpers';

/** Renders what the export sends, where it sends it, and what it leaves out. */
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
      Plan <code>${plan.plan}</code> of revision <code>${plan.revision}</code>, received
      ${timestamp(plan.receivedAt)}, planned ${timestamp(plan.createdAt)}.
      ${plan.force ? 'Forced: labels that earlier exports relabeled are sent again.' : ''}
    </p>
    ${(summary.warnings ?? []).map(({ message }) => html`<p class="because">${untrusted(message)}</p>`)}
    ${leftOut(plan.leftOut)}
    <div class="counts">
      ${counts('Classes', summary.classes, 'other classes or no class')}
      ${counts('Datasets', summary.datasets, 'other datasets or no dataset')}
      ${counts('Inference sets', summary.inferenceSets, 'other inference sets or no inference set')}
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
      : [['Estimated time', formatDuration(seconds * 1000, 'coarse')] satisfies [string, string]]),
    ['Destination', html`${untrusted(destination)}, project ${untrusted(destinationProject)}`],
  ];
}

/** The words for each reason, in singular and plural. A new reason needs a row here. */
const reasons: Readonly<Record<LeftOutReason, readonly [string, string]>> = {
  'already-relabeled': [
    'label already relabeled by an earlier export of this issue',
    'labels already relabeled by earlier exports of this issue',
  ],
  'unmatched-crop': ['crop that matches no label in its frame', 'crops that match no label in their frame'],
  inference: [
    'element with inferences of a model, not labels of the labeling service',
    'elements with inferences of a model, not labels of the labeling service',
  ],
  'missing-label-id': ['label without a usable id', 'labels without a usable id'],
  invalid: ['invalid element', 'invalid elements'],
  frame: ['frame element, skipped by this route', 'frame elements, skipped by this route'],
  'no-labels': ['frame without labels', 'frames without labels'],
  'same-label': [
    'element that refers to the same label as another element',
    'elements that refer to the same label as another element',
  ],
};

function leftOut(counts: PlanDetail['leftOut']): Html {
  const present = Object.entries(counts).filter(([, count]) => count > 0) as [LeftOutReason, number][];
  if (present.length === 0)
    return html`<h3>Left out</h3>
      <p>Nothing.</p>`;
  return html`<h3>Left out</h3>
    <ul class="left-out">
      ${present.map(
        ([reason, count]) =>
          html`<li>
            <strong>${formatNumber(count)}</strong> ${reasons[reason]?.[count === 1 ? 0 : 1] ?? reason}
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
    <summary>${pluralize(labels.length, 'sample label')}</summary>
    <div class="scroll" tabindex="0" role="region" aria-label="Sample labels">
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

function sampleRow({ position, labelId, className, imageUrl, noImage }: SampleLabel): Html {
  return html`<tr>
    <td class="number">${formatNumber(position)}</td>
    <td>${noImage === undefined ? imageLink(imageUrl, position) : html`No image: ${untrusted(noImage)}`}</td>
    <td>${untrusted(className ?? '–')}</td>
    <td><code>${untrusted(labelId)}</code></td>
  </tr>`;
}

/** Links an image instead of embedding it: opening the page must not send a request to an outside server. */
function imageLink(url: string | undefined, position: number): Html {
  if (url === undefined || !isWebUrl(url)) return html`–`;
  return html`<a href="${url}" target="_blank" rel="noreferrer noopener" referrerpolicy="no-referrer"
    >Image<span class="unseen"> of label ${position} (opens in a new tab)</span></a
  >`;
}

function isWebUrl(url: string): boolean {
  return URL.canParse(url) && /^https?:$/.test(new URL(url).protocol);
}
