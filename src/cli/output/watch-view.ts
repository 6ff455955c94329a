import { labelsDone, listOutcomes } from '../../domain/label-outcome';
import type { ExportDetail } from '../../gateway/api/operator-api';
import { formatNumber } from '../../text/format-number';
import { pluralize } from '../../text/pluralize';
import { printable } from '../../text/printable';
import { describeStage } from './describe-stage';
import { jsonLine } from './json-line';
import { progressBar } from './progress-bar';
import { questionSentence } from './question-lines';
import { StatusLine } from './status-line';
import { type Streams, writeLines } from './streams';

/** Shows a watched export. */
export interface WatchView {
  show(detail: ExportDetail): void;
  /** Shows a failed call. The same sentence is shown only once in a row. */
  showTrouble(sentence: string): void;
  end(): void;
}

/** Shows each change: with `json` as a JSON value, on a terminal in a rewritten line, in a pipe as a line. */
export function createWatchView(streams: Streams, json: boolean): WatchView {
  if (json) return createJsonView(streams);
  return streams.stdout.isTTY ? createTerminalView(streams) : createLineView(streams);
}

function createTerminalView({ stdout, stderr }: Streams): WatchView {
  const line = new StatusLine(stdout);
  const changes = createChangeDetector();
  return {
    show(detail) {
      if (changes.isNew(`${detail.revision} ${describeStage(detail)}${describeHindrance(detail)}`))
        line.above(changeLine(detail));
      line.show(progressLine(detail));
    },
    showTrouble: (sentence) => changes.isNew(sentence) && line.above(printable(sentence), stderr),
    end: () => line.end(),
  };
}

function createLineView({ stdout, stderr }: Streams): WatchView {
  const changes = createChangeDetector();
  return {
    show(detail) {
      const line = changeLine(detail);
      if (changes.isNew(line)) writeLines(stdout, [`${new Date().toISOString()} ${line}`]);
    },
    showTrouble: (sentence) => changes.isNew(sentence) && writeLines(stderr, [printable(sentence)]),
    end: () => undefined,
  };
}

function createJsonView({ stdout, stderr }: Streams): WatchView {
  const changes = createChangeDetector();
  return {
    show(detail) {
      const line = jsonLine(detail);
      if (changes.isNew(line)) writeLines(stdout, [line]);
    },
    showTrouble: (sentence) => changes.isNew(sentence) && writeLines(stderr, [printable(sentence)]),
    end: () => undefined,
  };
}

function createChangeDetector(): { isNew(text: string): boolean } {
  let last: string | undefined;
  return {
    isNew(text) {
      const isNew = text !== last;
      last = text;
      return isNew;
    },
  };
}

/** `sending, 200 of 1,200 labels of revision 86d58b74b4e6, 3 refused`. */
function changeLine(detail: ExportDetail): string {
  const question = detail.approval.question === undefined ? '' : `. ${questionSentence(detail)}`;
  return `${describeStage(detail)}, ${formatNumber(labelsDone(detail.labels))} of ${pluralize(detail.labels.planned, 'label')} of revision ${detail.revision}${describeProblems(detail)}${describeHindrance(detail)}${question}`;
}

/** What keeps the export waiting, without the attempts: those would be a new line at every retry. */
function describeHindrance({ stuck, pending }: ExportDetail): string {
  if (stuck) return `; stuck: ${printable(stuck.because).replace(/\.$/, '')}`;
  const paused = pending.find(({ state }) => state === 'paused');
  if (paused) return `; ${paused.activity} is paused in Temporal`;
  const failed = pending.find(({ lastFailure }) => lastFailure !== undefined);
  return failed
    ? `; ${failed.activity} fails: ${printable(failed.lastFailure ?? '').replace(/\.$/, '')}`
    : '';
}

/** Contains no untrusted text, so its displayed width is its length. */
function progressLine(detail: ExportDetail): string {
  const done = labelsDone(detail.labels);
  return [
    detail.stage,
    progressBar(done, detail.labels.planned),
    `${formatNumber(done)} of ${pluralize(detail.labels.planned, 'label')}${describeProblems(detail)}`,
  ]
    .filter((part) => part !== '')
    .join('  ');
}

function describeProblems({ labels }: ExportDetail): string {
  return listOutcomes({ ...labels, withheld: 0 })
    .filter((outcome) => outcome.isProblem && outcome.labels > 0)
    .map((outcome) => `, ${formatNumber(outcome.labels)} ${outcome.name}`)
    .join('');
}
