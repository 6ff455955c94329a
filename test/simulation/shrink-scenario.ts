import type { Delivery, Scenario } from './scenario';

/** Whether a scenario still breaks the promise in question. */
export type Fails = (scenario: Scenario) => Promise<boolean>;

/**
 * Leaves out faults, deeds, deliveries and labels until nothing more can be left out and the scenario still fails.
 * @param scenario one that fails.
 */
export async function shrinkScenario(scenario: Scenario, fails: Fails): Promise<Scenario> {
  let smallest = scenario;
  for (let before: Scenario | undefined; before !== smallest;) {
    before = smallest;
    smallest = await shrinkList(smallest, 'faults', fails);
    smallest = await shrinkList(smallest, 'deeds', fails);
    smallest = await shrinkList(smallest, 'deliveries', fails);
    smallest = await shrinkLabels(smallest, fails);
    smallest = await simplify(smallest, fails);
  }
  return smallest;
}

/** The violation without ids, times and numbers: violations of one kind read the same. */
export function violationKind(violation: string): string {
  return violation.split('\n')[0]!.replaceAll(/\S*\d\S*( \S*\d\S*)*/g, '…');
}

/** Leaves out halves of the list, then quarters, and so on to single elements. */
async function shrinkList(
  scenario: Scenario,
  name: 'faults' | 'deeds' | 'deliveries',
  fails: Fails,
): Promise<Scenario> {
  let smallest = scenario;
  for (
    let size = Math.ceil(scenario[name].length / 2);
    size >= 1;
    size = size === 1 ? 0 : Math.ceil(size / 2)
  )
    for (let at = 0; at < smallest[name].length;) {
      const shorter = { ...smallest, [name]: smallest[name].toSpliced(at, size) };
      if (await fails(shorter)) smallest = shorter;
      else at += size;
    }
  return smallest;
}

/** Leaves out labels, in all deliveries alike, so that repeats stay repeats. */
async function shrinkLabels(scenario: Scenario, fails: Fails): Promise<Scenario> {
  let smallest = scenario;
  for (const labelId of new Set(scenario.deliveries.flatMap(({ labelIds }) => labelIds))) {
    const deliveries = smallest.deliveries.map((delivery) => without(delivery, labelId));
    if (deliveries.some(({ labelIds }) => labelIds.length === 0)) continue;
    const shorter = { ...smallest, deliveries };
    if (await fails(shorter)) smallest = shorter;
  }
  return smallest;
}

function without(delivery: Delivery, labelId: string): Delivery {
  return { ...delivery, labelIds: delivery.labelIds.filter((id) => id !== labelId) };
}

/** What is easier to read, if it fails as well. */
async function simplify(scenario: Scenario, fails: Fails): Promise<Scenario> {
  let simplest = scenario;
  const simpler: readonly Partial<Scenario>[] = [
    { poison: [] },
    { unknown: [] },
    { hasResets: false },
    { suggestAt: 4096 },
    { canVerify: false },
    { inFlight: 1 },
    { chunkLabels: 1 },
    {
      faults: scenario.faults.map((fault) => ({ ...fault, at: Math.round(fault.at) })),
      deeds: scenario.deeds.map((deed) => ({ ...deed, at: Math.round(deed.at) })),
    },
  ];
  for (const change of simpler) {
    const changed = { ...simplest, ...change };
    if (JSON.stringify(changed) !== JSON.stringify(simplest) && (await fails(changed))) simplest = changed;
  }
  return simplest;
}
