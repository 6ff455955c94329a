import type { Random } from '../support/seeded-random';

/** A kill or a freeze, at a time after the start. */
export type PlannedFault = {
  readonly atMs: number;
  /** The names of all parts: the fault hits the first one that runs. */
  readonly parts: readonly string[];
} & ({ readonly kind: 'kill' } | { readonly kind: 'freeze'; readonly forMs: number });

interface FaultOptions {
  readonly kills: number;
  readonly freezes: number;
  /** The faults begin within this time, in ms. */
  readonly withinMs: number;
  readonly parts: readonly string[];
}

/** In seconds. The shortest freeze is longer than the heartbeat time-out of 10 s. */
const freezeSeconds = { min: 11, max: 20 };

/** @returns the faults in the order of their times, which are spread evenly. */
export function planFaults(
  random: Random,
  { kills, freezes, withinMs, parts }: FaultOptions,
): PlannedFault[] {
  const kinds = random.shuffle([
    ...Array<'kill'>(kills).fill('kill'),
    ...Array<'freeze'>(freezes).fill('freeze'),
  ]);
  const stepMs = withinMs / kinds.length;
  return kinds.map((kind, index) => {
    const when = {
      atMs: index * stepMs + random.integer(0, Math.floor(stepMs)),
      parts: random.shuffle(parts),
    };
    return kind === 'kill'
      ? { ...when, kind }
      : { ...when, kind, forMs: 1000 * random.integer(freezeSeconds.min, freezeSeconds.max) };
  });
}
