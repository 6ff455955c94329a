import {
  enqueue,
  isSameRequest,
  includesRequest,
  newerThan,
  olderThan,
  type Queued,
  without,
} from '../../src/domain/queue';
import { byReceivedAt, type ExportRequest } from '../../src/domain/request';
import { aRequest } from '../support/requests';

const entered = (queue: readonly Queued[], request: ExportRequest, current?: ExportRequest) =>
  enqueue(queue, { request }, current);
const inOrder = (queue: readonly Queued[]) => queue.map(({ request }) => request.receivedAt);

it('The queue is ordered by receivedAt, whatever the order of arrival', () => {
  const [a, b, c] = ['a', 'b', 'c'].map((body) => aRequest({ body }));
  const queue = [c!, a!, b!].reduce<Queued[]>((queue, request) => entered(queue, request), []);
  expect(inOrder(queue)).toEqual([a!.receivedAt, b!.receivedAt, c!.receivedAt]);
});

it('The queue takes the same requestId once', () => {
  const request = aRequest();
  expect(entered(entered([], request), request)).toHaveLength(1);
});

it('Repetitions join their neighbour', () => {
  const requests = [aRequest(), aRequest(), aRequest()];
  const queue = requests.reduce<Queued[]>((queue, request) => entered(queue, request), []);
  expect(queue).toEqual([{ request: requests[0], also: [requests[1]!.requestId, requests[2]!.requestId] }]);
});

it('A repetition does not join across another body, and a forced request joins none', () => {
  const queue = [
    aRequest({ body: 'a' }),
    aRequest({ body: 'b' }),
    aRequest({ body: 'a' }),
    aRequest({ body: 'a', force: true }),
  ].reduce<Queued[]>((queue, request) => entered(queue, request), []);
  expect(queue).toHaveLength(4);
});

it('Newer and older requests are those of the same project', () => {
  const older = aRequest({ body: 'older' });
  const other = aRequest({ body: 'other', project: 'another' });
  const current = aRequest({ body: 'current' });
  const newer = aRequest({ body: 'newer' });
  const newest = aRequest({ body: 'newest' });
  const queue = [older, other, newer, newest].reduce<Queued[]>(
    (queue, request) => entered(queue, request),
    [],
  );
  expect(newerThan(queue, current).map(({ request }) => request)).toEqual([newest, newer]);
  expect(olderThan(queue, current).map(({ request }) => request)).toEqual([older]);
});

it('A repetition joins a neighbour that was received later, which keeps its place', () => {
  const [early, late] = [aRequest(), aRequest()];
  expect(entered(entered([], late), early)).toEqual([{ request: late, also: [early.requestId] }]);
});

it('A repetition joins the neighbour before it, although another body was received later', () => {
  const [first, again, later] = [aRequest({ body: 'a' }), aRequest({ body: 'a' }), aRequest({ body: 'b' })];
  expect([first, later, again].reduce<Queued[]>((queue, request) => entered(queue, request), [])).toEqual([
    { request: first, also: [again.requestId] },
    { request: later, also: [] },
  ]);
});

it('A repetition joins only the neighbour behind it, and no forced one', () => {
  const [early, late, last] = [aRequest({ body: 'a' }), aRequest({ body: 'a' }), aRequest({ body: 'b' })];
  expect([last, late, early].reduce<Queued[]>((queue, request) => entered(queue, request), [])).toEqual([
    { request: late, also: [early.requestId] },
    { request: last, also: [] },
  ]);
  const [plain, forced] = [aRequest(), aRequest({ force: true })];
  expect([forced, plain].reduce<Queued[]>((queue, request) => entered(queue, request), [])).toEqual(
    [plain, forced].map((request) => ({ request, also: [] })),
  );
});

it('A queued request is known by its own id and by the ids that joined it', () => {
  const queued: Queued = { request: aRequest(), also: ['joined'] };
  expect([
    includesRequest(queued, queued.request.requestId),
    includesRequest(queued, 'joined'),
    includesRequest(queued, 'other'),
  ]).toEqual([true, true, false]);
  expect(entered([queued], aRequest({ requestId: 'joined' }))).toEqual([queued]);
});

it('Two requests are the same only with one body, and when neither is forced', () => {
  const request = (body: string, force: boolean) => aRequest({ body, force });
  expect(isSameRequest(request('a', false), request('a', false))).toBe(true);
  for (const [a, b] of [
    [request('a', false), request('b', false)],
    [request('a', true), request('a', false)],
    [request('a', false), request('a', true)],
  ] as const)
    expect(isSameRequest(a, b)).toBe(false);
});

it('The smaller requestId is first of two that were received in the same millisecond', () => {
  const [a, b] = [aRequest({ body: 'a', requestId: 'a' }), aRequest({ body: 'b', requestId: 'b' })].map(
    (request) => ({
      ...request,
      receivedAt: 'same',
    }),
  );
  expect([byReceivedAt(a!, b!), byReceivedAt(b!, a!), byReceivedAt(a!, a!)]).toEqual([-1, 1, 0]);
});

it('The queue loses one request and keeps the others', () => {
  const queue = [aRequest({ body: 'a' }), aRequest({ body: 'b' })].reduce<Queued[]>(
    (queue, request) => entered(queue, request),
    [],
  );
  expect(without(queue, queue[0]!)).toEqual([queue[1]]);
});

it('A repetition joins across another project, but not across the current request', () => {
  const [first, other, again] = [
    aRequest({ body: 'a' }),
    aRequest({ body: 'b', project: 'another' }),
    aRequest({ body: 'a' }),
  ];
  expect([first, other, again].reduce<Queued[]>((queue, request) => entered(queue, request), [])).toEqual([
    { request: first, also: [again.requestId] },
    { request: other, also: [] },
  ]);
  const current = aRequest({ body: 'current' });
  const newest = aRequest({ body: 'a' });
  expect(entered(entered([], first, current), newest, current)).toHaveLength(2);
});

it('A repetition joins when the current request is before both, or after both', () => {
  const [before, first, again, after] = ['current', 'a', 'a', 'current'].map((body) => aRequest({ body }));
  for (const current of [before!, after!])
    expect(entered(entered([], first!, current), again!, current)).toEqual([
      { request: first, also: [again!.requestId] },
    ]);
});

it('A request is neither newer nor older than itself, even when it is forced', () => {
  const forced: Queued = { request: aRequest({ force: true }), also: [] };
  expect([newerThan([forced], forced.request), olderThan([forced], forced.request)]).toEqual([[], []]);
});

it('A request of another project is not newer, whenever it was received', () => {
  const current = aRequest({ body: 'current' });
  expect(newerThan([{ request: aRequest({ body: 'b', project: 'another' }), also: [] }], current)).toEqual(
    [],
  );
});

it('A repetition joins a forced request before it; a forced request never joins', () => {
  const [forced, again] = [aRequest({ force: true }), aRequest()];
  expect([forced, again].reduce<Queued[]>((queue, request) => entered(queue, request), [])).toEqual([
    { request: forced, also: [again.requestId] },
  ]);
  const [plain, insisting] = [aRequest(), aRequest({ force: true })];
  expect([plain, insisting].reduce<Queued[]>((queue, request) => entered(queue, request), [])).toHaveLength(
    2,
  );
});

it('A repetition is newer than its request only behind a request with another body', () => {
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
