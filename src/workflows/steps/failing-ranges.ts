import type { KeepsFailing, StandingFailure } from '../../activities/contracts';
import type { Range } from '../../domain/receipt';

/** How a call for a range differs from an ordinary one; part of the input of `relabelChunk`. */
export interface CallOptions {
  readonly answerAfter?: number;
  readonly failedBefore?: StandingFailure;
  readonly giveUpBecause?: string;
}

/** A range to send next, and how. */
export interface PlannedCall {
  readonly range: Range;
  readonly options: CallOptions;
}

/** What to do when no call is in flight and ranges keep failing. */
export type NextStep =
  | { readonly kind: 'calls'; readonly calls: readonly PlannedCall[] }
  | { readonly kind: 'pause'; readonly because: string; readonly ranges: readonly Range[] };

/** A range that keeps failing. */
interface Suspect {
  readonly range: Range;
  /** The range as it was first sent: `range` itself, or the whole of which `range` is a part. */
  readonly origin: Range;
  readonly failure: KeepsFailing;
  /** Calls with this number or a higher one began after the failure was known. */
  readonly since: number;
  /** The same for the first failure of a call with these labels. */
  readonly firstSince: number;
  /** False: the range is what a probe has left of a part, and was never sent by itself. */
  readonly wasSent: boolean;
  /** Number of answers when the call began. */
  readonly answersBefore: number;
}

/** Where a planned part comes from. */
type Part = Pick<Suspect, 'origin' | 'firstSince'>;

/** A part is sent twice: once more than the whole has shown already. */
const partOptions: CallOptions = { answerAfter: 2 };
/** A probe only shows whether the service answers anything. */
const probeOptions: CallOptions = { answerAfter: 1 };

/**
 * Finds the labels that make the service fail, without taking an outage for bad labels. A range that keeps
 * failing is held back:
 * - If a call that began later succeeds, the range is the cause: it is halved, and a single label is given up.
 * - If no other call can show that, the service's check decides: without an answer it is an outage, and the range
 *   is tried again; with an answer the range is halved.
 * - If every part fails too, one call with other labels is tried. If it fails as well, nothing is isolated: the
 *   parts are joined, and the export pauses.
 *
 * Calls are numbered, because clocks differ: only a call that began after a failure was known counts as later.
 */
export class FailingRanges {
  private held: Suspect[] = [];
  private readonly parts = new Map<string, Part>();
  private nextCall = 0;
  /** The highest number of a call that the service answered; -1 before the first. */
  private lastAnswered = -1;
  private hasProbed = false;
  private answers = 0;
  /** By the number of the call: how many calls had been answered when it began. */
  private readonly answersBefore = new Map<number, number>();

  get heldRanges(): Range[] {
    return this.held.map(({ range }) => range);
  }

  /** @returns the number of a call that begins now. */
  countCall(): number {
    const call = this.nextCall;
    this.answersBefore.set(call, this.answers);
    this.nextCall += 1;
    return call;
  }

  /** The service answered a call. @param call its number. */
  answer(call: number): void {
    this.answers += 1;
    this.answersBefore.delete(call);
    this.lastAnswered = Math.max(this.lastAnswered, call);
    this.hasProbed = false;
  }

  /** Holds a range back. @param call number of the call that failed. */
  hold(range: Range, call: number, failure: KeepsFailing): void {
    const since = this.nextCall;
    const part = this.parts.get(toKey(range)) ?? { origin: range, firstSince: since };
    this.parts.delete(toKey(range));
    const answersBefore = this.answersBefore.get(call) ?? this.answers;
    this.answersBefore.delete(call);
    this.held.push({ range, failure, since, wasSent: true, answersBefore, ...part });
  }

  /** @returns the calls for ranges that failed although a later call succeeded. */
  takeProven(): PlannedCall[] {
    return this.narrow(this.held.filter(({ since }) => this.lastAnswered >= since));
  }

  /**
   * Call this when ranges are held and no call is in flight.
   * @param fresh the next range that was never sent, if there is one.
   * @param hasAnswered whether the service has answered a call of this export.
   */
  next(fresh: Range | undefined, hasAnswered: boolean): NextStep {
    const last = this.held.at(-1);
    if (!last || last.failure.service === 'down') return { kind: 'calls', calls: this.tryAgain() };
    const evident = this.held.filter(({ firstSince }) => this.lastAnswered >= firstSince);
    if (evident.length === 0 && !fresh && this.isMinority()) evident.push(...this.held);
    if (evident.length > 0) return { kind: 'calls', calls: this.narrow(evident) };
    const isSplit = this.held.some(isPart);
    const [whole] = this.held.filter(({ range }) => size(range) > 1);
    const mayHalve = !isSplit && whole !== undefined;
    if (!this.hasProbed && (hasAnswered || !mayHalve)) {
      const probe = fresh ?? (mayHalve ? undefined : this.takeOneLabel());
      if (probe) {
        this.hasProbed = true;
        return { kind: 'calls', calls: [{ range: probe, options: probeOptions }] };
      }
    }
    if (mayHalve) return { kind: 'calls', calls: this.narrow([whole]) };
    return { kind: 'pause', because: describe(last.failure), ranges: this.release() };
  }

  /** @returns the held ranges, joined. Nothing is known about any range after that. */
  release(): Range[] {
    const ranges = joinParts(this.held).map(({ range }) => range);
    this.held = [];
    this.parts.clear();
    this.hasProbed = false;
    return ranges;
  }

  /**
   * Whether only labels that are sent alone fail, and more calls were answered while they were tried: with nothing
   * left to send, no later call can show more.
   */
  private isMinority(): boolean {
    return this.held.every(
      ({ range, answersBefore }) => size(range) === 1 && this.answers - answersBefore > this.held.length,
    );
  }

  /** Halves ranges, and gives single labels up. What was never sent by itself is sent first. */
  private narrow(suspects: readonly Suspect[]): PlannedCall[] {
    this.held = this.held.filter((suspect) => !suspects.includes(suspect));
    return suspects.flatMap(({ range, origin, firstSince, failure, wasSent }): PlannedCall[] => {
      if (!wasSent) return this.planParts([range], { origin, firstSince });
      if (size(range) === 1) return [{ range, options: { giveUpBecause: failure.labelReason } }];
      const middle = range.from + Math.ceil(size(range) / 2);
      const halves = [
        { from: range.from, to: middle },
        { from: middle, to: range.to },
      ];
      return this.planParts(halves, { origin, firstSince });
    });
  }

  private planParts(ranges: readonly Range[], part: Part): PlannedCall[] {
    for (const range of ranges) this.parts.set(toKey(range), part);
    return ranges.map((range) => ({ range, options: partOptions }));
  }

  private tryAgain(): PlannedCall[] {
    const joined = joinParts(this.held);
    this.held = [];
    return joined.map(({ range, failure: { because, failures, waitMs } }) => ({
      range,
      options: { failedBefore: { because, failures, waitMs } },
    }));
  }

  /** Takes a label that was never sent alone out of a held part. */
  private takeOneLabel(): Range | undefined {
    const part = this.held.findLast(({ range }) => size(range) > 1);
    if (!part) return undefined;
    const { from, to } = part.range;
    const probe = { from: to - 2, to: to - 1 };
    const rest = [
      { from, to: probe.from },
      { from: probe.to, to },
    ].filter((range) => size(range) > 0);
    this.held = this.held.flatMap((suspect) =>
      suspect === part ? rest.map((range) => ({ ...part, range, wasSent: false })) : [suspect],
    );
    this.parts.set(toKey(probe), { origin: part.origin, firstSince: part.firstSince });
    return probe;
  }
}

/** Joins the neighbouring parts of each origin again. */
function joinParts(suspects: readonly Suspect[]): Suspect[] {
  const joined: Suspect[] = [];
  for (const suspect of suspects.toSorted((a, b) => a.range.from - b.range.from)) {
    const before = joined.at(-1);
    if (before && toKey(before.origin) === toKey(suspect.origin) && before.range.to === suspect.range.from)
      joined[joined.length - 1] = { ...suspect, range: { from: before.range.from, to: suspect.range.to } };
    else joined.push(suspect);
  }
  return joined;
}

function describe({ because, service }: KeepsFailing): string {
  return service === 'unchecked'
    ? `Calls with one label get no answer. ${because}`
    : `No call succeeds, although the labeling service answers a check. ${because}`;
}

function isPart({ range, origin }: Suspect): boolean {
  return toKey(range) !== toKey(origin);
}

function size({ from, to }: Range): number {
  return to - from;
}

function toKey({ from, to }: Range): string {
  return `${from}-${to}`;
}
