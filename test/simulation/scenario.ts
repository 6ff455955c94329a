import type { LabelingErrorKind } from '../../src/labeling/labeling-error';
import { createRandom, type Random } from '../support/seeded-random';
import type { ServiceFault } from './labeling';

/** In ms. Faults, deliveries and decisions happen in this time; afterwards everything is repaired. */
export const troubleMs = 4 * 60_000;

/** A click in the curation tool. */
export interface Delivery {
  readonly at: number;
  readonly issue: number;
  readonly project: string;
  readonly labelIds: readonly string[];
}

/** What a person does. */
export interface Deed {
  readonly at: number;
  readonly issue: number;
  readonly what: DeedKind;
  /** Chooses an argument. */
  readonly draw: number;
}

export const deedKinds = [
  'approve',
  'approve-some',
  'approve-by-signal',
  'approve-bare',
  'approve-oddly',
  'reject',
  'reject-by-signal',
  'pause',
  'pause-by-signal',
  'resume',
  'resume-by-signal',
  'cancel',
  'cancel-in-temporal',
  'pause-destination',
  'resume-destination',
  'again',
  'again-all',
  'replay',
  'drop',
] as const;
export type DeedKind = (typeof deedKinds)[number];

/** Something that goes wrong. `at` and `ms` are in ms from the start. */
export interface Fault {
  readonly at: number;
  readonly ms: number;
  readonly kind: FaultKind;
  /** Chooses the machine, file or error. */
  readonly draw: number;
}

/** Someone changes or removes a file of the store. */
const damageKinds = [
  'damage-swap',
  'damage-plan',
  'damage-lose',
  'damage-tear',
  'damage-flip',
  'damage-older',
] as const;
export type DamageKind = (typeof damageKinds)[number];

const faultKinds = [
  'kill-worker',
  'freeze-worker',
  'kill-gateway',
  'freeze-gateway',
  'clock-ahead',
  'clock-behind',
  'disk-full',
  'disk-errors',
  'disk-slow',
  'disk-hangs',
  'power-loss',
  'temporal-unreachable',
  'temporal-is-busy',
  'temporal-loses-answers',
  'temporal-lacks-attributes',
  'lose-completions',
  'deliver-twice',
  'reset-activity',
  'lose-database',
  'reset-run',
  'terminate-run',
  'pause-run',
  'service-refuses',
  'service-fails',
  'service-loses-answers',
  'service-loses-calls',
  'service-is-slow',
  'service-answers-for-some',
] as const;
type FaultKind = (typeof faultKinds)[number] | DamageKind;
export const allFaultKinds: readonly FaultKind[] = [...faultKinds, ...damageKinds];

/** Everything that is to happen under one seed. */
export interface Scenario {
  readonly seed: number;
  readonly idempotent: boolean;
  readonly canVerify: boolean;
  /** True: the service counts only labels that it had not relabeled before, as Labelbox does. */
  readonly forgets: boolean;
  readonly issueIds: readonly string[];
  /** A plan with more labels needs approval. */
  readonly approvalAbove: number;
  /** In ms. How long a question stays open. */
  readonly expiresAfterMs: number;
  readonly chunkLabels: number;
  readonly inFlight: number;
  /** True: a person may reset runs, which makes a part of their history happen again. */
  readonly hasResets: boolean;
  /** True: files of the store are changed or removed. */
  readonly hasDamage: boolean;
  /** Events from which on Temporal suggests to continue as new. */
  readonly suggestAt: number;
  readonly poison: readonly string[];
  readonly unknown: readonly string[];
  readonly deliveries: readonly Delivery[];
  readonly deeds: readonly Deed[];
  readonly faults: readonly Fault[];
}

const issues = 3;
const projects = [...Array.from({ length: 16 }, () => 'streets'), 'fields', 'fields', 'fields', 'unrouted'];
const faultsPerSeed = 20;

/** Ids that a folder or a workflow cannot have as they are. */
const oddIds = ['50% off', 'issue%2F1', 'Überweg/7', `sha256-${'a'.repeat(64)}`];

export function planScenario(seed: number): Scenario {
  const random = createRandom(seed);
  const labels = Array.from({ length: issues }, (_, issue) =>
    Array.from({ length: random.integer(3, 12) }, (__, at) => `i${issue}-l${at}`),
  );
  if (random.chance(0.15)) labels[1] = [...labels[0]!]; // a label can be in several issues
  const all = labels.flat();
  const deliveries = labels.flatMap((own, issue) => planDeliveries(random, issue, own));
  /** Most of what happens follows soon after a click: that is when something is under way. */
  const soonAfter = (issue?: number): number => {
    const own = deliveries.filter((delivery) => issue === undefined || delivery.issue === issue);
    return random.pick(own).at + random.pick([100, 1000, 10_000, 60_000]) * random.next();
  };
  const hasResets = random.chance(0.2);
  const hasDamage = random.chance(0.15);
  const kinds = [
    ...faultKinds.filter((kind) => hasResets || kind !== 'reset-run'),
    ...(hasDamage ? [...damageKinds, ...damageKinds] : []),
  ];
  return {
    seed,
    hasResets,
    hasDamage,
    idempotent: random.chance(0.5),
    canVerify: random.chance(0.3),
    forgets: random.chance(0.2),
    issueIds: ['issue-0', 'issue-1', random.chance(0.2) ? random.pick(oddIds) : 'issue-2'],
    approvalAbove: random.pick([0, 0, 2, 5, 100]),
    expiresAfterMs: random.pick([45_000, 20 * 60_000, 20 * 60_000]),
    chunkLabels: random.integer(1, 4),
    inFlight: random.integer(1, 3),
    suggestAt: random.pick([40, 80, 4096, 4096]),
    poison: random.chance(0.2) ? [random.pick(all)] : [],
    unknown: random.chance(0.2) ? [random.pick(all)] : [],
    deliveries,
    deeds: Array.from({ length: random.integer(8, 16) }, () => {
      const issue = random.integer(0, issues - 1);
      return { at: soonAfter(issue), issue, what: random.pick(deedKinds), draw: random.integer(0, 1e6) };
    }),
    faults: [
      ...planClockDrift(random),
      ...Array.from({ length: faultsPerSeed }, () => ({
        at: soonAfter(),
        ms: random.pick([100, 2000, 15_000, 90_000]),
        kind: random.pick(kinds),
        draw: random.integer(0, 1e6),
      })),
    ],
  };
}

/** The clock of a gateway may be ahead all the time: nothing repairs a clock by itself. */
function planClockDrift(random: Random): Fault[] {
  if (!random.chance(0.2)) return [];
  return [{ at: 0, ms: troubleMs, kind: 'clock-ahead', draw: random.pick([0, 1, 4, 5, 8, 9]) }];
}

function planDeliveries(random: Random, issue: number, own: readonly string[]): Delivery[] {
  const count = random.integer(1, 3);
  const deliveries: Delivery[] = [];
  for (let at = 0; at < count; at += 1) {
    const before = deliveries.at(-1);
    const repeats = before !== undefined && random.chance(0.3);
    deliveries.push({
      at: random.integer(0, troubleMs / 2),
      issue,
      project: random.pick(projects),
      labelIds: repeats ? before.labelIds : own.slice(0, random.integer(1, own.length)),
    });
  }
  return deliveries;
}

/** How a service refuses a call, without an effect. */
export const refusals = [
  'retryable',
  'key-refused',
  'project-unknown',
  'call-refused',
  'too-large',
  'bad-items',
  'items-unknown',
  'unreadable',
] as const satisfies readonly LabelingErrorKind[];

export function serviceFault({ kind, draw }: Fault): ServiceFault {
  switch (kind) {
    case 'service-loses-answers':
      return { kind: 'loses-answers' };
    case 'service-loses-calls':
      return { kind: 'loses-calls' };
    case 'service-is-slow':
      return { kind: 'is-slow' };
    case 'service-answers-for-some':
      return { kind: 'answers-for-some' };
    case 'service-fails':
      return { kind: 'refuses', error: 'no-answer', isServerError: true };
    default:
      return { kind: 'refuses', error: refusals[draw % refusals.length]! };
  }
}
