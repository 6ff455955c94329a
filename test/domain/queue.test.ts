import { enqueue, newerThan, olderThan, type Queued } from '../../src/domain/queue';
import { aRequest } from '../support/requests';

const inOrder = (queue: readonly Queued[]) => queue.map(({ request }) => request.receivedAt);

test('is ordered by receivedAt, whatever the order of arrival', () => {
  const [a, b, c] = ['a', 'b', 'c'].map((body) => aRequest({ body }));
  const queue = [c!, a!, b!].reduce<Queued[]>(enqueue, []);
  expect(inOrder(queue)).toEqual([a!.receivedAt, b!.receivedAt, c!.receivedAt]);
});

test('takes the same requestId once', () => {
  const request = aRequest();
  expect(enqueue(enqueue([], request), request)).toHaveLength(1);
});

test('joins repetitions of a neighbour', () => {
  const requests = [aRequest(), aRequest(), aRequest()];
  const queue = requests.reduce<Queued[]>(enqueue, []);
  expect(queue).toEqual([{ request: requests[0], also: [requests[1]!.requestId, requests[2]!.requestId] }]);
});

test('does not join across another body, nor a forced request', () => {
  const queue = [aRequest({ body: 'a' }), aRequest({ body: 'b' }), aRequest({ body: 'a' }), aRequest({ body: 'a', force: true })].reduce<
    Queued[]
  >(enqueue, []);
  expect(queue).toHaveLength(4);
});

test('newer and older requests are those of the same project', () => {
  const older = aRequest({ body: 'older' });
  const other = aRequest({ body: 'other', project: 'another' });
  const current = aRequest({ body: 'current' });
  const newer = aRequest({ body: 'newer' });
  const newest = aRequest({ body: 'newest' });
  const queue = [older, other, newer, newest].reduce<Queued[]>(enqueue, []);
  expect(newerThan(queue, current).map(({ request }) => request)).toEqual([newest, newer]);
  expect(olderThan(queue, current).map(({ request }) => request)).toEqual([older]);
});
