import { clampReceivedAt, type HeardRequest, moveClampedBefore } from '../../src/domain/clamp-received-at';
import type { ExportRequest } from '../../src/domain/request';
import { aRequest } from '../support/requests';

const noon = Date.parse('2026-11-24T12:00:00.000Z');
const at = (offsetMs: number) => new Date(noon + offsetMs).toISOString();
const minuteMs = 60_000;

const believable = (offsetMs: number, change = {}): HeardRequest => ({
  request: aRequest({ receivedAt: at(offsetMs), ...change }),
});
const clamped = (offsetMs: number, change = {}): HeardRequest => ({
  ...believable(offsetMs, change),
  clamped: true,
});
/** The times of all known requests after `heard` was heard. */
const times = (known: readonly HeardRequest[], heard: ExportRequest) => {
  const moved = moveClampedBefore(known, heard);
  return known.map(({ request }) => (moved.get(request.requestId) ?? request).receivedAt);
};

it('A receivedAt that is later than the time at which the request is heard becomes that time', () => {
  const request = aRequest({ receivedAt: at(15 * minuteMs) });
  expect(clampReceivedAt(request, noon)).toEqual({
    request: { ...request, receivedAt: at(0) },
    clamped: true,
  });
});

it.each([0, -1, -5 * minuteMs, -3 * 86_400_000])('A receivedAt %d ms from now is not changed', (offsetMs) => {
  const request = aRequest({ receivedAt: at(offsetMs) });
  expect(clampReceivedAt(request, noon)).toEqual({ request });
});

it('A clamped request moves to 1 ms before a request that is heard later with an earlier receivedAt', () => {
  expect(times([clamped(0)], aRequest({ receivedAt: at(-2000) }))).toEqual([at(-2001)]);
});

it('Several clamped requests keep their order, also when they were clamped to the same time', () => {
  const known = [clamped(0, { requestId: 'a' }), clamped(0, { requestId: 'b' }), clamped(5)];
  expect(times(known, aRequest({ receivedAt: at(-1000) }))).toEqual([at(-1003), at(-1002), at(-1001)]);
});

it('Two requests that are clamped to the same time keep the order in which they were heard', () => {
  const heard = aRequest({ requestId: 'a', receivedAt: at(0) });
  expect(times([clamped(0, { requestId: 'b' })], heard)).toEqual([at(-1)]);
});

it.each([
  ['that is believable', believable(0)],
  ['of another project', clamped(0, { project: 'another' })],
  ['that is earlier already', clamped(-2 * minuteMs)],
])('A request %s is not moved', (_which, known) => {
  expect(moveClampedBefore([known], aRequest({ receivedAt: at(-minuteMs) })).size).toBe(0);
});
