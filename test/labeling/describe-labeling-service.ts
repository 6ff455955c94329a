import { LabelingError, type LabelingErrorKind } from '../../src/labeling/labeling-error';
import type { CallContext, Item, LabelingService } from '../../src/labeling/labeling-service';
import { until } from '../support/until';

/** The troubles that a test can make for the next calls. */
export type Trouble =
  | 'fails' // reports a failure (5xx), no effect
  | 'fails-after' // the call has its effect, then the service reports a failure (5xx)
  | 'asks-to-wait' // 429 with Retry-After of 7 seconds, no effect
  | 'refuses-key'
  | 'refuses-project'
  | 'refuses-call' // its schema refuses it, or the quota is spent
  | 'refuses-size'
  | 'refuses-items' // every call that names the label `poison`
  | 'lacks-items' // does not find the label `poison`, no effect
  | 'resets-before' // cuts the connection, no effect
  | 'resets-after' // the call has its effect, then the service resets the connection
  | 'hangs-after' // the call has its effect, but the service never answers
  | 'answers-nonsense'; // the call has its effect, but the answer cannot be read

/** A running service to test an adapter against; each test gets a new one. */
export interface LabelingServiceSetUp {
  /** The adapter with the right key, a time-out of 500 ms and 2 connections. */
  readonly service: LabelingService;
  /** Like `service`, but with another key. */
  readonly withWrongKey: LabelingService;
  /** Like `service`, but with an address where no server listens. */
  readonly unreachable: LabelingService;
  /** The API key, which no message may show. */
  readonly key: string;
  /** Makes trouble for the next `times` calls; without `times`, for every call. */
  trouble(kind: Trouble, times?: number): Promise<void>;
  /** A project's relabeled labels, first to last. A label that was relabeled twice is listed twice. */
  effects(project: string): readonly string[];
  /** Calls that reached the service. */
  calls(): Promise<number>;
  /** Connections that the service accepted. */
  connections(): number;
  stop(): Promise<void>;
}

/**
 * Tests every promise of the `LabelingService` port. Each adapter's test file calls this with its service.
 */
export function describeLabelingService(name: string, setUp: () => Promise<LabelingServiceSetUp>): void {
  describe(`${name} as a labeling service`, () => {
    let at: LabelingServiceSetUp;
    beforeEach(async () => {
      at = await setUp();
    });
    afterEach(async () => {
      await Promise.all([at.service.close(), at.withWrongKey.close(), at.unreachable.close(), at.stop()]);
    });

    const relabel = (
      labelIds: readonly string[],
      service = at.service,
      signal = new AbortController().signal,
    ) => service.relabel(buildItems(labelIds), buildContext(labelIds), signal);
    const catchError = async (call: Promise<unknown>): Promise<LabelingError> => {
      const error: unknown = await call.then(
        () => new Error('The call was answered.'),
        (reason: unknown) => reason,
      );
      if (!(error instanceof LabelingError)) throw error;
      return error;
    };

    it('The adapter has a name, states whether it is idempotent, and bounds the bytes of a call', () => {
      expect(at.service.name).toMatch(/^[a-z][a-z0-9-]*$/);
      expect(typeof at.service.idempotent).toBe('boolean');
      expect(at.service.maxCallBytes).toBeGreaterThanOrEqual(64 * 1024);
    });

    it('The adapter relabels every label of a call and returns one outcome for each, in their order', async () => {
      const labelIds = ['c', 'a', 'b'];
      const answer = await relabel(labelIds);
      expect(answer.items).toEqual(labelIds.map((labelId) => ({ labelId, outcome: 'relabeled' })));
      expect([3, null]).toContain(answer.reported);
      expect(at.effects(project)).toEqual(labelIds);
    });

    it('The adapter relabels a single label', async () => {
      expect((await relabel(['only'])).items).toEqual([{ labelId: 'only', outcome: 'relabeled' }]);
    });

    it('The adapter relabels a thousand labels with one call', async () => {
      const labelIds = Array.from({ length: 1000 }, (_, place) => `label-${place}`);
      const before = await at.calls();
      const answer = await relabel(labelIds);
      expect(answer.items.map(({ labelId }) => labelId)).toEqual(labelIds);
      expect(await at.calls()).toBe(before + 1);
    });

    it('The adapter sends label ids and projects verbatim, whatever characters they have', async () => {
      const labelIds = [
        'a"b',
        "a'b",
        'a\\b',
        'a/b',
        '$x',
        '{}',
        '"]) { x }',
        'ü-日本-🙂',
        ' ',
        '\n',
        '../..',
        '0',
      ];
      await at.service.relabel(
        buildItems(labelIds),
        { project: 'Großes "Projekt"/1', key: 'k' },
        new AbortController().signal,
      );
      expect(at.effects('Großes "Projekt"/1')).toEqual(labelIds);
    });

    it('The adapter has one effect for a repeated call, or states that it is not idempotent', async () => {
      const first = await relabel(['a', 'b']);
      const second = await relabel(['a', 'b']);
      expect(first.items.map(({ outcome }) => outcome)).toEqual(['relabeled', 'relabeled']);
      if (!at.service.idempotent) return;
      expect(at.effects(project)).toEqual(['a', 'b']);
      expect(second.items.map(({ labelId }) => labelId)).toEqual(['a', 'b']);
    });

    it('The adapter keeps the labels of two projects apart', async () => {
      await relabel(['a']);
      await at.service.relabel(
        buildItems(['a']),
        { project: 'another', key: 'k2' },
        new AbortController().signal,
      );
      expect(at.effects(project)).toEqual(['a']);
      expect(at.effects('another')).toEqual(['a']);
    });

    it('The adapter recovers from each trouble', async () => {
      await at.trouble('fails', 1);
      await catchError(relabel(['a']));
      await at.trouble('resets-before', 1);
      await catchError(relabel(['a']));
      expect((await relabel(['a'])).items).toEqual([{ labelId: 'a', outcome: 'relabeled' }]);
      expect(at.effects(project)).toEqual(['a']);
    });

    const refusals: [Trouble, LabelingErrorKind][] = [
      ['asks-to-wait', 'retryable'],
      ['refuses-key', 'key-refused'],
      ['refuses-project', 'project-unknown'],
      ['refuses-call', 'call-refused'],
      ['refuses-size', 'too-large'],
      ['refuses-items', 'bad-items'],
      ['lacks-items', 'items-unknown'],
    ];
    it.each(refusals)(
      'The adapter throws for a service that "%s" the error %s, without an effect',
      async (trouble, kind) => {
        await at.trouble(trouble);
        expect((await catchError(relabel(['fine', 'poison']))).kind).toBe(kind);
        expect(at.effects(project)).toEqual([]);
      },
    );

    const unknown: Trouble[] = [
      'fails',
      'fails-after',
      'resets-before',
      'resets-after',
      'hangs-after',
      'answers-nonsense',
    ];
    it.each(unknown)('The adapter reports an unknown effect when the service "%s"', async (trouble) => {
      await at.trouble(trouble);
      expect((await catchError(relabel(['a']))).kind).toBe(
        trouble === 'answers-nonsense' ? 'unreadable' : 'no-answer',
      );
      expect(at.effects(project)).toEqual(['fails', 'resets-before'].includes(trouble) ? [] : ['a']);
    });

    it('The adapter tells a failure of the service from a call without an answer', async () => {
      await at.trouble('fails-after');
      expect((await catchError(relabel(['a']))).isServerError).toBe(true);
      await at.trouble('hangs-after');
      expect((await catchError(relabel(['a']))).isServerError).toBe(false);
    });

    it('The adapter passes on how long the service asks to wait', async () => {
      await at.trouble('asks-to-wait');
      expect((await catchError(relabel(['a']))).retryAfterMs).toBe(7000);
      await at.trouble('fails');
    });

    it('The adapter relabels the other labels once the refused one is left out', async () => {
      await at.trouble('refuses-items');
      expect((await catchError(relabel(['fine', 'poison']))).kind).toBe('bad-items');
      expect((await relabel(['fine'])).items).toEqual([{ labelId: 'fine', outcome: 'relabeled' }]);
      expect((await catchError(relabel(['poison']))).kind).toBe('bad-items');
    });

    it('The adapter throws a retryable error when the service is down, because nothing was sent', async () => {
      const error = await catchError(relabel(['a'], at.unreachable));
      expect(error.kind).toBe('retryable');
      expect(error.message).toMatch(/ECONNREFUSED/);
    });

    it('The adapter keeps label ids, the project and the key out of its messages, and cuts the words of the service', async () => {
      const labelIds = ['poison', 'id-7f3a'];
      const kinds: Trouble[] = ['refuses-items', 'refuses-call', 'refuses-key', 'fails', 'answers-nonsense'];
      for (const kind of kinds) {
        await at.trouble(kind, 1);
        const error = await catchError(relabel(labelIds));
        expect(error.message).toMatch(/^[A-Z][^\n]{20,280}\.$/);
        for (const secret of [...labelIds, project, at.key]) expect(error.message).not.toContain(secret);
        expect((error.detail ?? '').length).toBeLessThanOrEqual(2000);
      }
    });

    it('The adapter ends a call whose signal is aborted, without waiting for the time-out', async () => {
      await at.trouble('hangs-after');
      const abort = new AbortController();
      const call = catchError(relabel(['a'], at.service, abort.signal));
      await until('the effect of the call', () => at.effects(project).length === 1);
      abort.abort();
      expect(['no-answer', 'retryable']).toContain((await call).kind);
    });

    it('The adapter makes no call for a signal that is already aborted', async () => {
      const before = await at.calls();
      const error = await catchError(relabel(['a'], at.service, AbortSignal.abort()));
      expect(error.kind).toBe('retryable');
      expect(await at.calls()).toBe(before);
    });

    it('The adapter reuses its connections, and opens no more than it is configured for', async () => {
      for (let i = 0; i < 20; i += 1) await relabel([`one-by-one-${i}`]);
      expect(at.connections()).toBeLessThanOrEqual(2);
      await Promise.all(Array.from({ length: 20 }, (_, i) => relabel([`at-once-${i}`])));
      expect(at.connections()).toBeLessThanOrEqual(2);
      expect(at.effects(project)).toHaveLength(40);
    });

    it('The adapter’s check finds no fault in a healthy service, and has no effect', async () => {
      expect(await at.service.check()).toEqual([]);
      expect(at.effects(project)).toEqual([]);
    });

    it('The adapter’s check finds a refused key and a wrong address, in sentences without the key', async () => {
      const [refused, wrong] = [await at.withWrongKey.check(), await at.unreachable.check()];
      expect(refused).toEqual([{ message: expect.stringMatching(/key/) as string }]);
      expect(wrong).toEqual([
        { message: expect.stringMatching(/could not be reached \(ECONNREFUSED\)/) as string },
      ]);
      expect(JSON.stringify([refused, wrong])).not.toContain(at.key);
    });

    it('The adapter closes after its running calls, and may be closed twice', async () => {
      const call = relabel(['a']);
      await at.service.close();
      expect((await call).items).toHaveLength(1);
      await at.service.close();
    });
  });
}

const project = 'Street Scenes 7';

function buildItems(labelIds: readonly string[]): Item[] {
  return labelIds.map((labelId) => ({ labelId }));
}

function buildContext(labelIds: readonly string[]): CallContext {
  return { project, key: `request/${labelIds[0]}-${labelIds.length}` };
}
