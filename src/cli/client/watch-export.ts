import { labelsDone, listOutcomes } from '../../domain/label-outcome';
import { setTimeout as delay } from 'node:timers/promises';
import { formatNumber } from '../../text/format-number';
import { printable } from '../../text/printable';
import type { ExportDetail } from '../../gateway/api/operator-api';
import { progressBar } from '../output/progress-bar';
import { stageWords } from '../output/detail-lines';
import { GatewayError, NoGateway } from './gateway-client';
import { jsonLine } from '../output/json-line';
import { pluralize } from '../../text/pluralize';
import { questionSentence } from '../output/question-lines';
import { StatusLine } from '../output/status-line';
import { type Streams, writeLines } from '../output/streams';

export interface Watched {
  readonly first: ExportDetail;
  look(): Promise<ExportDetail>;
  /** A JSON value a line, at each change. */
  readonly json: boolean;
  /** Between two looks, in ms. */
  readonly everyMs: number;
}

/**
 * Follows the exports of an issue until its workflow has closed and nothing of it waits in the inbox: a line that moves on a terminal, a line at each change elsewhere.
 * A gateway, worker or Temporal that is away is waited for.
 * @throws an Error when the last export ended as anything but `completed`.
 */
export async function watchExport({ first, look, json, everyMs }: Watched, streams: Streams): Promise<void> {
  const view = json ? jsonView(streams) : streams.stdout.isTTY ? movingView(streams) : lineView(streams);
  let isRead = true;
  streams.stdout.once('error', () => (isRead = false)); // `requeue show … --watch | head -1`
  let detail = first;
  view.show(detail);
  while (goesOn(detail) && isRead) {
    await delay(everyMs);
    const seen = await lookOnce(look, (sentence) => view.trouble(sentence));
    if (seen) view.show((detail = seen));
  }
  view.end();
  if (!isRead) return;
  if (detail.outcome !== 'completed') throw new Error(endSentence(detail));
}

/** A request that is accepted and not held starts sooner or later; its entry is gone when it has its report. */
function goesOn({ isOpen, inbox }: ExportDetail): boolean {
  return isOpen || inbox.some(({ held }) => held === undefined);
}

function endSentence({ outcome, inbox }: ExportDetail): string {
  if (outcome !== undefined) return `The export ended as ${outcome}.`;
  return inbox.length > 0
    ? 'The export is held: replay its delivery.'
    : 'The export ended as terminated, without a report.';
}

interface View {
  show(detail: ExportDetail): void;
  trouble(sentence: string): void;
  end(): void;
}

/** Undefined when nobody answers now: 503 passes, and so does a gateway that is started anew. */
async function lookOnce(
  look: () => Promise<ExportDetail>,
  trouble: (sentence: string) => void,
): Promise<ExportDetail | undefined> {
  try {
    return await look();
  } catch (error) {
    if (!(error instanceof NoGateway) && !(error instanceof GatewayError && error.status >= 500)) throw error;
    trouble(`${error.message} It is asked again.`);
    return undefined;
  }
}

function movingView({ stdout, stderr }: Streams): View {
  const line = new StatusLine(stdout);
  const news = changes();
  return {
    show(detail) {
      if (news.isNew(`${detail.revision} ${stageWords(detail)}`)) line.above(changeLine(detail));
      line.show(movingLine(detail));
    },
    trouble: (sentence) => news.isNew(sentence) && line.above(printable(sentence), stderr),
    end: () => line.end(),
  };
}

function lineView({ stdout, stderr }: Streams): View {
  const news = changes();
  return {
    show(detail) {
      const line = changeLine(detail);
      if (news.isNew(line)) writeLines(stdout, [`${new Date().toISOString()} ${line}`]);
    },
    trouble: (sentence) => news.isNew(sentence) && writeLines(stderr, [printable(sentence)]),
    end: () => undefined,
  };
}

function jsonView({ stdout, stderr }: Streams): View {
  const news = changes();
  return {
    show(detail) {
      const line = jsonLine(detail);
      if (news.isNew(line)) writeLines(stdout, [line]);
    },
    trouble: (sentence) => news.isNew(sentence) && writeLines(stderr, [printable(sentence)]),
    end: () => undefined,
  };
}

/** Says which text is another than the one before. */
function changes(): { isNew(text: string): boolean } {
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
  const asked = detail.approval.question === undefined ? '' : `. ${questionSentence(detail)}`;
  return `${stageWords(detail).replace(/^Stage /, '')}, ${formatNumber(labelsDone(detail.labels))} of ${pluralize(detail.labels.planned, 'label')} of revision ${detail.revision}${problemWords(detail)}${asked}`;
}

/** Nothing of a stranger is in it: its width is known. */
function movingLine(detail: ExportDetail): string {
  const done = labelsDone(detail.labels);
  return [
    detail.stage,
    progressBar(done, detail.labels.planned),
    `${formatNumber(done)} of ${pluralize(detail.labels.planned, 'label')}${problemWords(detail)}`,
  ]
    .filter((part) => part !== '')
    .join('  ');
}

function problemWords({ labels }: ExportDetail): string {
  return listOutcomes({ ...labels, withheld: 0 })
    .filter((outcome) => outcome.isProblem && outcome.labels > 0)
    .map((outcome) => `, ${formatNumber(outcome.labels)} ${outcome.name}`)
    .join('');
}
