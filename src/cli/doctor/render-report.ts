import { styleText } from 'node:util';
import { printable } from '../../text/printable';
import type { Examination } from './examine';
import type { Finding, State } from './finding';

export interface Paper {
  /** Marks and columns for a person; else plain lines for a pipe. */
  readonly tidy: boolean;
  readonly colour: boolean;
  /** Characters of a line. */
  readonly width: number;
}

const marks = { well: '✓', note: '!', wrong: '✗', unchecked: '?' } as const satisfies Record<State, string>;
const colours = {
  well: 'green',
  note: 'yellow',
  wrong: 'red',
  unchecked: 'yellow',
} as const satisfies Record<State, string>;

/** A window narrower than this gets longer lines: a word a line is harder to read. */
const narrowest = 30;

/** Findings of one part that are shown; a broken store may have thousands of held entries. */
const mostOfAPart = 20;

/** The examination in words; nothing in it steers a terminal but our own colours. */
export function renderReport(examination: Examination, paper: Paper): string {
  const findings = shortened(examination.findings);
  const width = Math.max(...findings.map(({ part }) => part.length));
  const lines = findings.flatMap((finding) =>
    paper.tidy ? tidyLines(finding, width, paper) : [plainLine(finding)],
  );
  return [
    ...headLines(examination, paper),
    ...lines,
    ...(paper.tidy ? [''] : []),
    closingLine(examination.findings),
    '',
  ].join('\n');
}

function shortened(findings: readonly Finding[]): Finding[] {
  const counts = new Map<string, number>();
  const kept = findings.filter(({ part }) => {
    counts.set(part, (counts.get(part) ?? 0) + 1);
    return (counts.get(part) ?? 0) <= mostOfAPart;
  });
  const more = [...counts].filter(([, count]) => count > mostOfAPart);
  return [
    ...kept,
    ...more.map(([part, count]): Finding => ({
      part,
      state: 'wrong',
      says: `${count - mostOfAPart} more; --json shows all.`,
    })),
  ];
}

function headLines({ subject }: Examination, { tidy }: Paper): string[] {
  if (!subject || !tidy) return [];
  const what =
    subject.mode === 'dev' ? 'What npm run dev runs on this machine' : 'What the environment names';
  return [`${what}, store ${printable(subject.config.storeFolder)}:`, ''];
}

function tidyLines(
  { part, state, says, todo }: Finding,
  partWidth: number,
  { colour, width }: Paper,
): string[] {
  const mark = colour ? styleText(colours[state], marks[state], { validateStream: false }) : marks[state];
  const indent = partWidth + 4;
  const room = Math.max(narrowest, width - indent);
  const [first = '', ...rest] = wrapped(printable(says), room);
  const todoLines = todo === undefined ? [] : wrapped(`-> ${printable(todo)}`, room);
  return [
    `${mark} ${printable(part).padEnd(partWidth)}  ${first}`,
    ...[...rest, ...todoLines].map((line) => ' '.repeat(indent) + line),
  ];
}

/** Breaks between words; a word that is longer than a line, such as a command's hash, stays whole to be copied. */
function wrapped(text: string, width: number): string[] {
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
  if (wrong + unchecked === 0) return 'All is well.';
  const counts = [
    ...(wrong > 0 ? [`${wrong} ${wrong === 1 ? 'thing is' : 'things are'} wrong`] : []),
    ...(unchecked > 0 ? [`${unchecked} could not be looked at`] : []),
  ];
  return `${counts.join(', ')}.`;
}
