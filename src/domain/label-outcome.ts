/** What became of one label that was sent. To add one, add a row; everything that counts or shows outcomes follows. */
const outcomes = {
  relabeled: { countedAs: 'relabeled', isProblem: false },
  'already-gone': { countedAs: 'alreadyGone', isProblem: false },
  refused: { countedAs: 'refused', isProblem: true },
  unconfirmed: { countedAs: 'unconfirmed', isProblem: true },
} as const;

/** As receipts and reports spell it. */
export type LabelOutcome = keyof typeof outcomes;
/** As counts spell it. */
type OutcomeKey = (typeof outcomes)[LabelOutcome]['countedAs'];

/** Labels by outcome. */
export type OutcomeCounts = Readonly<Record<OutcomeKey, number>>;

/** What became of the labels of a plan. `withheld`: planned, and never sent. */
export interface LabelCounts extends OutcomeCounts {
  readonly planned: number;
  readonly withheld: number;
}

export const labelOutcomes = Object.keys(outcomes) as readonly LabelOutcome[];

/** No label has an outcome yet. */
export const noOutcomes = countOutcomes([]);
/** A plan without labels. */
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
  return mapOutcomes((key) => a[key] + b[key]);
}

/** The outcomes alone of a record that holds more. */
export function pickOutcomes(counts: OutcomeCounts): OutcomeCounts {
  return mapOutcomes((key) => counts[key]);
}

/** Labels that have an outcome. */
export function labelsDone(counts: OutcomeCounts): number {
  return labelOutcomes.reduce((sum, name) => sum + counts[outcomes[name].countedAs], 0);
}

/** Labels whose outcome a person has to look at. */
export function problemLabels(counts: OutcomeCounts): number {
  return labelOutcomes.reduce(
    (sum, name) => sum + (outcomes[name].isProblem ? counts[outcomes[name].countedAs] : 0),
    0,
  );
}

/** One number of a plan's labels, with the words that a person reads: `already gone`. */
export interface NamedOutcome {
  readonly name: string;
  readonly labels: number;
  readonly isProblem: boolean;
}

/** Every outcome with its number, in the order in which they are shown; `withheld` last. */
export function listOutcomes(counts: LabelCounts): NamedOutcome[] {
  const sent = labelOutcomes.map((name) => ({
    name: name.replaceAll('-', ' '),
    labels: counts[outcomes[name].countedAs],
    isProblem: outcomes[name].isProblem,
  }));
  return [...sent, { name: 'withheld', labels: counts.withheld, isProblem: true }];
}

function mapOutcomes(count: (key: OutcomeKey) => number): OutcomeCounts {
  return Object.fromEntries(
    labelOutcomes.map((name) => [outcomes[name].countedAs, count(outcomes[name].countedAs)]),
  ) as OutcomeCounts;
}
