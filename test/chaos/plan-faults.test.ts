import { planFaults } from './plan-faults';
import { createRandom } from '../support/seeded-random';

const options = { kills: 100, freezes: 50, withinMs: 480_000, parts: ['gateway', 'worker', 'temporal'] };

it('The same seed plans the same faults, another seed others', () => {
  const faults = planFaults(createRandom(1), options);
  expect(planFaults(createRandom(1), options)).toEqual(faults);
  expect(planFaults(createRandom(2), options)).not.toEqual(faults);
});

it('A plan has every kill and freeze, in the order of time, and freezes last longer than the heartbeat time-out', () => {
  const faults = planFaults(createRandom(1), options);
  const times = faults.map(({ atMs }) => atMs);
  const freezes = faults.flatMap((fault) => (fault.kind === 'freeze' ? [fault.forMs] : []));
  expect([faults.length, freezes.length]).toEqual([150, 50]);
  expect(times).toEqual([...times].sort((a, b) => a - b));
  expect(Math.max(...times)).toBeLessThanOrEqual(480_000);
  expect(Math.min(...freezes)).toBeGreaterThanOrEqual(11_000);
  expect(Math.max(...freezes)).toBeLessThanOrEqual(20_000);
});
