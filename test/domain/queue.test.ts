import {
  enqueue,
  isSameRequest,
  names,
  newerThan,
  olderThan,
  type Queued,
  without,
} from '../../src/domain/queue';
import { byReceivedAt, type ExportRequest } from '../../src/domain/request';
import { aRequest } from '../support/requests';

const entered = (queue: Queued[], request: ExportRequest) => enqueue(queue, request);
const inOrder = (queue: readonly Queued[]) => queue.map(({ request }) => request.receivedAt);

it('is ordered by receivedAt, whatever the order of arrival', () => {
  const [a, b, c] = ['a', 'b', 'c'].map((body) => aRequest({ body }));
  const queue = [c!, a!, b!].reduce<Queued[]>(entered, []);
  expect(inOrder(queue)).toEqual([a!.receivedAt, b!.receivedAt, c!.receivedAt]);
});

it('takes the same requestId once', () => {
  const request = aRequest();
  expect(enqueue(enqueue([], request), request)).toHaveLength(1);
});

it('joins repetitions of a neighbour', () => {
  const requests = [aRequest(), aRequest(), aRequest()];
  const queue = requests.reduce<Queued[]>(entered, []);
  expect(queue).toEqual([{ request: requests[0], also: [requests[1]!.requestId, requests[2]!.requestId] }]);
});

it('does not join across another body, nor a forced request', () => {
  const queue = [
    aRequest({ body: 'a' }),
    aRequest({ body: 'b' }),
    aRequest({ body: 'a' }),
    aRequest({ body: 'a', force: true }),
  ].reduce<Queued[]>(entered, []);
  expect(queue).toHaveLength(4);
});

it('newer and older requests are those of the same project', () => {
  const older = aRequest({ body: 'older' });
  const other = aRequest({ body: 'other', project: 'another' });
  const current = aRequest({ body: 'current' });
  const newer = aRequest({ body: 'newer' });
  const newest = aRequest({ body: 'newest' });
  const queue = [older, other, newer, newest].reduce<Queued[]>(entered, []);
  expect(newerThan(queue, current).map(({ request }) => request)).toEqual([newest, newer]);
  expect(olderThan(queue, current).map(({ request }) => request)).toEqual([older]);
});

it('joins a neighbour that was received later, and keeps its place', () => {
  const [early, late] = [aRequest(), aRequest()];
  expect(enqueue(enqueue([], late), early)).toEqual([{ request: late, also: [early.requestId] }]);
});

it('joins the neighbour before it, although another body was received later', () => {
  const [first, again, later] = [aRequest({ body: 'a' }), aRequest({ body: 'a' }), aRequest({ body: 'b' })];
  expect([first, later, again].reduce<Queued[]>(entered, [])).toEqual([
    { request: first, also: [again.requestId] },
    { request: later, also: [] },
  ]);
});

it('joins the neighbour behind it alone, and no forced one behind it', () => {
  const [early, late, last] = [aRequest({ body: 'a' }), aRequest({ body: 'a' }), aRequest({ body: 'b' })];
  expect([last, late, early].reduce<Queued[]>(entered, [])).toEqual([
    { request: late, also: [early.requestId] },
    { request: last, also: [] },
  ]);
  const [plain, forced] = [aRequest(), aRequest({ force: true })];
  expect([forced, plain].reduce<Queued[]>(entered, [])).toEqual(
    [plain, forced].map((request) => ({ request, also: [] })),
  );
});

it('knows a request by its own id and by those that joined it', () => {
  const queued: Queued = { request: aRequest(), also: ['joined'] };
  expect([names(queued, queued.request.requestId), names(queued, 'joined'), names(queued, 'other')]).toEqual([
    true,
    true,
    false,
  ]);
  expect(enqueue([queued], aRequest({ requestId: 'joined' }))).toEqual([queued]);
});

it('two wishes are the same only of one body, and when neither is forced', () => {
  const wish = (body: string, force: boolean) => aRequest({ body, force });
  expect(isSameRequest(wish('a', false), wish('a', false))).toBe(true);
  for (const [a, b] of [
    [wish('a', false), wish('b', false)],
    [wish('a', true), wish('a', false)],
    [wish('a', false), wish('a', true)],
  ] as const)
    expect(isSameRequest(a, b)).toBe(false);
});

it('of two received in the same millisecond the smaller requestId is first', () => {
  const [a, b] = [aRequest({ body: 'a', requestId: 'a' }), aRequest({ body: 'b', requestId: 'b' })].map(
    (request) => ({
      ...request,
      receivedAt: 'same',
    }),
  );
  expect([byReceivedAt(a!, b!), byReceivedAt(b!, a!), byReceivedAt(a!, a!)]).toEqual([-1, 1, 0]);
});

it('takes out one request and leaves the others', () => {
  const queue = [aRequest({ body: 'a' }), aRequest({ body: 'b' })].reduce<Queued[]>(entered, []);
  expect(without(queue, queue[0]!)).toEqual([queue[1]]);
});

it('joins across another project, not across what is being carried out', () => {
  const [first, other, again] = [
    aRequest({ body: 'a' }),
    aRequest({ body: 'b', project: 'another' }),
    aRequest({ body: 'a' }),
  ];
  expect([first, other, again].reduce<Queued[]>(entered, [])).toEqual([
    { request: first, also: [again.requestId] },
    { request: other, also: [] },
  ]);
  const current = aRequest({ body: 'current' });
  const newest = aRequest({ body: 'a' });
  expect(enqueue(enqueue([], first, current), newest, current)).toHaveLength(2);
});

it('joins when what is being carried out lies before both, or after both', () => {
  const [before, first, again, after] = ['current', 'a', 'a', 'current'].map((body) => aRequest({ body }));
  for (const current of [before!, after!])
    expect(enqueue(enqueue([], first!, current), again!, current)).toEqual([
      { request: first, also: [again!.requestId] },
    ]);
});

it('a request is neither newer nor older than itself, even when it is forced', () => {
  const forced: Queued = { request: aRequest({ force: true }), also: [] };
  expect([newerThan([forced], forced.request), olderThan([forced], forced.request)]).toEqual([[], []]);
});

it('a request of another project is not newer, whenever it was received', () => {
  const current = aRequest({ body: 'current' });
  expect(newerThan([{ request: aRequest({ body: 'b', project: 'another' }), also: [] }], current)).toEqual(
    [],
  );
});

it('a repetition joins a forced request before it, and never the other way round', () => {
  const [forced, again] = [aRequest({ force: true }), aRequest()];
  expect([forced, again].reduce<Queued[]>(entered, [])).toEqual([
    { request: forced, also: [again.requestId] },
  ]);
  const [plain, insisting] = [aRequest(), aRequest({ force: true })];
  expect([plain, insisting].reduce<Queued[]>(entered, [])).toHaveLength(2);
});

it('a repetition is newer than its request only when something else was asked for in between', () => {
  const [first, repeated, between, again] = ['a', 'a', 'b', 'a'].map((body) => aRequest({ body }));
  const newer = (...requests: ExportRequest[]) =>
    newerThan(
      requests.map((request) => ({ request, also: [] })),
      first!,
    ).map(({ request }) => request);
  expect(newer(again!)).toEqual([]);
  expect(newer(between!, again!)).toEqual([again, between]);
  expect(newer(repeated!, between!, again!)).toEqual([again, between]);
});
