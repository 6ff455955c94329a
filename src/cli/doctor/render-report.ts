import { styleText } from 'node:util';
import { formatNumber } from '../../text/format-number';
import { pluralize } from '../../text/pluralize';
import { printable } from '../../text/printable';
import type { Examination } from './examine';
import type { Finding, State } from './finding';

export interface Layout {
  /** `true`: marks and columns, for a terminal. `false`: one plain line per finding, for a pipe. */
  readonly tidy: boolean;
  readonly colour: boolean;
  /** Maximum characters per line. */
  readonly width: number;
}

const marks = { well: '✓', note: '!', wrong: '✗', unchecked: '?' } as const satisfies Record<State, string>;
const colours = {
  well: 'green',
  note: 'yellow',
  wrong: 'red',
  unchecked: 'yellow',
} as const satisfies Record<State, string>;

/**
 * Minimum width of the sentences' column, in characters, even in a narrower window. One word per line would
 * be harder to read.
 */
const minTextWidth = 30;

/** Maximum findings shown for each part. A broken store may have thousands of requests on hold. */
const maxFindingsPerPart = 20;

/** Returns the examination as text. Untrusted text in it cannot control the terminal. */
export function renderReport(examination: Examination, layout: Layout): string {
  const findings = shorten(examination.findings);
  const width = Math.max(...findings.map(({ part }) => part.length));
  const lines = findings.flatMap((finding) =>
    layout.tidy ? tidyLines(finding, width, layout) : [plainLine(finding)],
  );
  return [
    ...headLines(examination, layout),
    ...lines,
    ...(layout.tidy ? [''] : []),
    closingLine(examination.findings),
    '',
  ].join('\n');
}

function shorten(findings: readonly Finding[]): Finding[] {
  const counts = new Map<string, number>();
  const kept = findings.filter(({ part }) => {
    counts.set(part, (counts.get(part) ?? 0) + 1);
    return (counts.get(part) ?? 0) <= maxFindingsPerPart;
  });
  const truncated = [...counts].filter(([, count]) => count > maxFindingsPerPart);
  return [
    ...kept,
    ...truncated.map(([part, count]): Finding => ({
      part,
      state: 'wrong',
      says: `${formatNumber(count - maxFindingsPerPart)} more; --json shows all.`,
    })),
  ];
}

function headLines({ subject }: Examination, { tidy }: Layout): string[] {
  if (!subject || !tidy) return [];
  const components =
    subject.mode === 'dev'
      ? 'Components of npm run dev on this machine'
      : 'Components that the environment configures';
  return [`${components}, store ${printable(subject.config.storeFolder)}:`, ''];
}

function tidyLines(
  { part, state, says, todo }: Finding,
  partWidth: number,
  { colour, width }: Layout,
): string[] {
  const mark = colour ? styleText(colours[state], marks[state], { validateStream: false }) : marks[state];
  const indent = partWidth + 4;
  const textWidth = Math.max(minTextWidth, width - indent);
  const [first = '', ...rest] = wrap(printable(says), textWidth);
  const todoLines = todo === undefined ? [] : wrap(`-> ${printable(todo)}`, textWidth);
  return [
    `${mark} ${printable(part).padEnd(partWidth)}  ${first}`,
    ...[...rest, ...todoLines].map((line) => ' '.repeat(indent) + line),
  ];
}

/** Breaks lines only between words. A long word, such as a command's sha256, stays intact for copying. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

function plainLine({ part, state, says, todo }: Finding): string {
  return printable(`${state}: ${part}: ${says}${todo === undefined ? '' : ` To do: ${todo}`}`);
}

function closingLine(findings: readonly Finding[]): string {
  const wrong = findings.filter(({ state }) => state === 'wrong').length;
  const unchecked = findings.filter(({ state }) => state === 'unchecked').length;
  if (wrong + unchecked === 0) return 'All checks passed.';
  const counts = [
    ...(wrong > 0 ? [pluralize(wrong, 'problem')] : []),
    ...(unchecked > 0 ? [`${pluralize(unchecked, 'check')} could not run`] : []),
  ];
  return `${counts.join(', ')}.`;
}
