/**
 * The outcomes of a sent label, the strongest first: when a label was sent twice, the stronger outcome counts.
 * To add an outcome, add a row: code that counts, shows or resends reads this table.
 * - `isProblem`: an operator has to check the label; the export ends as `completed-with-problems`.
 * - `finishedAs`: later exports don't send the label again, and their reports state why with these words.
 */
const outcomes = {
  relabeled: { countedAs: 'relabeled', isProblem: false, finishedAs: 'relabeled it' },
  'already-gone': { countedAs: 'alreadyGone', isProblem: false, finishedAs: 'found it already relabeled' },
  refused: { countedAs: 'refused', isProblem: true, finishedAs: undefined },
  unconfirmed: { countedAs: 'unconfirmed', isProblem: true, finishedAs: undefined },
} as const;

/** As spelled in receipts and reports. */
export type LabelOutcome = keyof typeof outcomes;
/** As spelled in counts. */
type OutcomeKey = (typeof outcomes)[LabelOutcome]['countedAs'];

/** Number of labels by outcome. Stored counts lack the key of an outcome that was introduced later. */
export type OutcomeCounts = Readonly<Record<OutcomeKey, number>>;

export interface LabelCounts extends OutcomeCounts {
  readonly planned: number;
  /** Planned and never sent. */
  readonly withheld: number;
}

export const labelOutcomes = Object.keys(outcomes) as readonly LabelOutcome[];

export const noOutcomes = countOutcomes([]);
/** The counts before there is a plan. */
export const noLabels: LabelCounts = { planned: 0, ...noOutcomes, withheld: 0 };

export function isLabelOutcome(name: unknown): name is LabelOutcome {
  return typeof name === 'string' && Object.hasOwn(outcomes, name);
}

export function countOutcomes(items: Iterable<LabelOutcome>): OutcomeCounts {
  const counts = Object.fromEntries(labelOutcomes.map((name) => [outcomes[name].countedAs, 0])) as Record<
    OutcomeKey,
    number
  >;
  for (const outcome of items) counts[outcomes[outcome].countedAs] += 1;
  return counts;
}

export function addOutcomes(a: OutcomeCounts, b: OutcomeCounts): OutcomeCounts {
  return mapOutcomes((key) => readCount(a, key) + readCount(b, key));
}

/** Drops every key that is not an outcome. */
export function pickOutcomes(counts: OutcomeCounts): OutcomeCounts {
  return mapOutcomes((key) => readCount(counts, key));
}

/** Number of labels that have an outcome. */
export function labelsDone(counts: OutcomeCounts): number {
  return labelOutcomes.reduce((sum, name) => sum + readCount(counts, outcomes[name].countedAs), 0);
}

/** What an export did to a label that later exports leave out. Undefined if they send the label again. */
export function finishedAs(outcome: LabelOutcome): string | undefined {
  return outcomes[outcome].finishedAs;
}

/** Number of labels whose outcome an operator has to check. */
export function problemLabels(counts: OutcomeCounts): number {
  return labelOutcomes.reduce(
    (sum, name) => sum + (outcomes[name].isProblem ? readCount(counts, outcomes[name].countedAs) : 0),
    0,
  );
}

export interface NamedOutcome {
  /** As shown to people, e.g. `already gone`. */
  readonly name: string;
  readonly labels: number;
  readonly isProblem: boolean;
}

/** All outcomes in display order; `withheld` is last. */
export function listOutcomes(counts: LabelCounts): NamedOutcome[] {
  const sent = labelOutcomes.map((name) => ({
    name: name.replaceAll('-', ' '),
    labels: readCount(counts, outcomes[name].countedAs),
    isProblem: outcomes[name].isProblem,
  }));
  return [...sent, { name: 'withheld', labels: counts.withheld, isProblem: true }];
}

function readCount(counts: Partial<OutcomeCounts>, key: OutcomeKey): number {
  return counts[key] ?? 0;
}

function mapOutcomes(count: (key: OutcomeKey) => number): OutcomeCounts {
  return Object.fromEntries(
    labelOutcomes.map((name) => [outcomes[name].countedAs, count(outcomes[name].countedAs)]),
  ) as OutcomeCounts;
}
