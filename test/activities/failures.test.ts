import { MockActivityEnvironment } from '@temporalio/testing';
import { ApplicationFailure, ApplicationFailureCategory, CancelledFailure } from '@temporalio/common';
import {
  toActivityFailure,
  type ClassifiedError,
  classifyError,
  retryable,
} from '../../src/activities/failures';
import { LabelingError, type LabelingErrorKind } from '../../src/labeling/labeling-error';
import { PayloadNotFound } from '../../src/payloads/payload-store';

const logged: { level: string; message: string; meta: unknown }[] = [];
const inActivity = <T>(work: () => T | Promise<T>): Promise<T> =>
  new MockActivityEnvironment(undefined, { logger: loggerInto(logged) }).run(async () =>
    work(),
  ) as Promise<T>;
beforeEach(() => logged.splice(0));

function loggerInto(lines: typeof logged) {
  const log = (level: string) => (message: string, meta?: unknown) =>
    void (level === 'ERROR' && lines.push({ level, message, meta }));
  return {
    ...levels(log),
    log: (level: string, message: string, meta?: unknown) => log(level)(message, meta),
  };
}

function levels<T>(make: (level: string) => T) {
  return {
    trace: make('TRACE'),
    debug: make('DEBUG'),
    info: make('INFO'),
    warn: make('WARN'),
    error: make('ERROR'),
  };
}

function labelingError(kind: LabelingErrorKind, more: { retryAfterMs?: number } = {}): LabelingError {
  return new LabelingError(kind, 'A sentence of ours.', { detail: 'label l-1 is odd', ...more });
}

/** The failure that `toActivityFailure` throws. */
async function thrownBy(error: unknown): Promise<ApplicationFailure> {
  return inActivity(() =>
    toActivityFailure('writing the report', () => Promise.reject(error as Error)).catch(
      (thrown: unknown) => thrown as ApplicationFailure,
    ),
  ) as Promise<ApplicationFailure>;
}

const requireFailure = (classified: ClassifiedError): ApplicationFailure => {
  if (!('failure' in classified)) throw new Error(`${classified.kind} has no failure`);
  return classified.failure as ApplicationFailure;
};

describe('classifyError', () => {
  it('Failures of Temporal and cancellations pass unchanged', () => {
    for (const failure of [ApplicationFailure.nonRetryable('no'), new CancelledFailure('stop')])
      expect(classifyError(failure)).toEqual({ kind: 'retryable', failure });
  });

  it.each([
    ['retryable', 'retryable', 'LabelingTryAgain'],
    ['no-answer', 'unknown-effect', 'LabelingNoAnswer'],
  ] as const)(
    'A call that ends with %s is retryable, BENIGN, and free of the service’s words',
    (kind, classifiedAs, type) => {
      const result = classifyError(labelingError(kind, { retryAfterMs: 1500.2 }));
      expect(result.kind).toBe(classifiedAs);
      expect(requireFailure(result)).toMatchObject({
        message: 'A sentence of ours.',
        type,
        nonRetryable: false,
        category: ApplicationFailureCategory.BENIGN,
      });
      expect(JSON.stringify(requireFailure(result))).not.toContain('l-1');
      expect(requireFailure(result).nextRetryDelay).toBeGreaterThanOrEqual(1501);
      expect(requireFailure(classifyError(labelingError(kind))).nextRetryDelay).toBeLessThanOrEqual(1000);
    },
  );

  it.each(['too-large', 'bad-items', 'items-unknown'] as const)(
    'The kind %s is passed on, for the caller to split the chunk',
    (kind) => {
      expect(classifyError(labelingError(kind))).toEqual({
        kind,
        message: 'A sentence of ours.',
        detail: 'label l-1 is odd',
      });
    },
  );

  it.each(['key-refused', 'project-unknown', 'call-refused'] as const)(
    'The kind %s needs a person',
    (kind) => {
      expect(classifyError(labelingError(kind))).toEqual({
        kind: 'needs-person',
        because: 'A sentence of ours.',
        detail: 'label l-1 is odd',
      });
      expect(classifyError(new LabelingError(kind, 'x'.repeat(400)))).toMatchObject({
        because: 'x'.repeat(300),
      });
    },
  );

  it('A failure of the service itself never speaks for a smaller call, and leaves the effect of a refusal unknown', () => {
    const serverError = (kind: LabelingErrorKind) =>
      classifyError(new LabelingError(kind, 'A sentence of ours.', { isServerError: true }));
    expect(serverError('no-answer')).toMatchObject({ kind: 'unknown-effect', mayBeTooLarge: false });
    expect(classifyError(labelingError('no-answer'))).toMatchObject({ mayBeTooLarge: true });
    expect(serverError('call-refused')).toMatchObject({ kind: 'needs-person', effect: 'unknown' });
    expect(classifyError(labelingError('call-refused'))).not.toHaveProperty('effect');
  });

  it('An unexpected error has an unknown effect, and its words go only to the log', async () => {
    const error = new TypeError('label l-1 of undefined');
    const classified = await inActivity(() => classifyError(error));
    expect(classified.kind).toBe('unknown-effect');
    expect(requireFailure(classified)).toMatchObject({
      message:
        "Unexpected TypeError while calling the labeling service; see the worker's log. Temporal retries.",
      type: 'Unexpected',
      nonRetryable: false,
    });
    expect(logged).toEqual([
      {
        level: 'ERROR',
        message: 'Unexpected failure while calling the labeling service',
        meta: expect.objectContaining({ error }),
      },
    ]);
  });
});

describe('retryable', () => {
  it('A delay is a whole number of milliseconds, and never shorter than the named one', () => {
    for (const delay of [undefined, 0, 0.1, 1, 2.5]) {
      const { nextRetryDelay } = retryable('again', 'T', delay);
      expect(Number.isInteger(nextRetryDelay)).toBe(true);
      expect(nextRetryDelay).toBeGreaterThanOrEqual(Math.max(1, delay ?? 0));
    }
  });

  it('Failures at the same time are retried at different times, later and later with each attempt', async () => {
    const delaysAt = async (attempt: number): Promise<number[]> => {
      const throwOne = () => retryable('again', 'T').nextRetryDelay as number;
      const env = new MockActivityEnvironment({ attempt });
      return Promise.all(Array.from({ length: 64 }, () => env.run(async () => throwOne()))) as Promise<
        number[]
      >;
    };
    for (const [attempt, bound] of [
      [1, 1000],
      [4, 8000],
      [40, 60_000],
    ] as const) {
      const delays = await delaysAt(attempt);
      expect(new Set(delays).size).toBeGreaterThan(32);
      expect(Math.max(...delays)).toBeLessThanOrEqual(bound);
      expect(Math.max(...delays)).toBeGreaterThan(bound / 2);
    }
  });

  it('A message is cut to 300 characters', () => {
    expect(retryable('x'.repeat(301), 'T').message).toBe('x'.repeat(300));
  });
});

describe('toActivityFailure', () => {
  it('The result of the work is returned', async () => {
    expect(await toActivityFailure('writing the report', async () => 7)).toBe(7);
  });

  it('Failures of Temporal and cancellations pass unchanged', async () => {
    for (const failure of [ApplicationFailure.nonRetryable('no'), new CancelledFailure('stop')])
      expect(await thrownBy(failure)).toBe(failure);
  });

  it.each([
    ['ENOSPC', 'it is full (ENOSPC)'],
    ['EDQUOT', 'its quota is used up (EDQUOT)'],
    ['EIO', 'its disk has an I/O error (EIO)'],
    ['EROFS', 'it is read-only (EROFS)'],
    ['EACCES', 'the worker has no permission (EACCES)'],
    ['EPERM', 'the worker has no permission (EPERM)'],
    ['EMFILE', 'this process has too many open files (EMFILE)'],
    ['ENFILE', 'this host has too many open files (ENFILE)'],
    ['ENOTDIR', 'ENOTDIR'],
  ])('The failure states what %s of the store means', async (code, words) => {
    expect(await thrownBy(Object.assign(new Error('/a/path'), { code }))).toMatchObject({
      message: `The payload store failed while writing the report: ${words}. Temporal retries.`,
      type: 'StoreError',
      nonRetryable: false,
    });
    expect(logged).toEqual([]);
  });

  it('A failure of the store or of Requeue is retried after a random delay of the activity’s own back-off', async () => {
    const backOff = { firstMs: 100, maxMs: 200 };
    for (const error of [Object.assign(new Error('x'), { code: 'EIO' }), new PayloadNotFound('k'), 'odd']) {
      const failing = () => Promise.reject(error as Error);
      const thrown = await Promise.all(
        Array.from({ length: 64 }, () =>
          inActivity(() => toActivityFailure('x', failing, backOff).catch((failure: unknown) => failure)),
        ),
      );
      const delays = (thrown as ApplicationFailure[]).map(({ nextRetryDelay }) => nextRetryDelay as number);
      expect(new Set(delays).size).toBeGreaterThan(16);
      expect(Math.max(...delays)).toBeLessThanOrEqual(100);
    }
  });

  it('The failure names the key that the store does not have', async () => {
    expect(await thrownBy(new PayloadNotFound('deliveries/00'))).toMatchObject({
      message: 'While writing the report: The payload store has no deliveries/00. Temporal retries.',
      type: 'StoreError',
      nonRetryable: false,
    });
    expect((await thrownBy(new PayloadNotFound('x'.repeat(400)))).message).toHaveLength(300);
  });

  it.each([
    ['an error without a code', new RangeError('l-1'), 'RangeError'],
    [
      'a code that is none of the system',
      Object.assign(new Error('l-1'), { code: 'ERR_INVALID_ARG' }),
      'Error',
    ],
    ['a code within other words', Object.assign(new Error('l-1'), { code: 'x ENOSPC' }), 'Error'],
    ['a code with more behind it', Object.assign(new Error('l-1'), { code: 'EIO l-1' }), 'Error'],
    ['a code that is a list', Object.assign(new Error('l-1'), { code: ['EIO'] }), 'Error'],
    ['a code that is a number', Object.assign(new Error('l-1'), { code: 7 }), 'Error'],
    ['a text', 'l-1', 'string'],
    ['nothing', undefined, 'undefined'],
    ['null', null, 'object'],
    ['an error with a long name', Object.assign(new Error('l-1'), { name: 'N'.repeat(100) }), 'N'.repeat(60)],
  ])('The words of %s stay out of the history', async (_, error, name) => {
    expect(await thrownBy(error)).toMatchObject({
      message: `Unexpected ${name} while writing the report; see the worker's log. Temporal retries.`,
      type: 'Unexpected',
      nonRetryable: false,
    });
    expect(logged).toMatchObject([{ message: 'Unexpected failure while writing the report' }]);
  });
});
