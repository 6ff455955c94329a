import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { BodyError } from '../../src/export-body/body-error';
import { ExportReader } from '../../src/export-body/export-reader';
import { buildEnvelope } from '../../src/export-body/build-envelope';
import { hostileBody } from './body-fuzzer';
import { checkWithV8 } from './check-with-v8';
import { expectedVerdict, type Verdict } from './expected-verdict';

/**
 * How many bodies are generated. A failure prints its seed; `FUZZ_SEED=<seed>` generates the same bodies
 * again.
 */
const numRuns = Number(process.env['FUZZ_RUNS'] ?? 25_000); // CI sets 100,000, `npm run fuzz` a million
const seed = process.env['FUZZ_SEED'] === undefined ? {} : { seed: Number(process.env['FUZZ_SEED']) };

const folder = resolve(__dirname, '../fixtures/bodies');
const names = readdirSync(folder).filter((name) => name !== 'verdicts.json');
const verdicts = JSON.parse(readFileSync(join(folder, 'verdicts.json'), 'utf8')) as Record<
  string,
  { code: string; at?: number }
>;
const bodyIn = (name: string): Buffer => readFileSync(join(folder, name));
const corpus = names.map(bodyIn);

/** Most bodies are refused, and a stack trace costs more than everything else together. */
const { stackTraceLimit } = Error;
beforeAll(() => void (Error.stackTraceLimit = 0));
afterAll(() => void (Error.stackTraceLimit = stackTraceLimit));

/**
 * The reader's verdict on a body that is split at `cuts`. Each chunk is overwritten after the reader had it.
 */
function verdictOn(body: Buffer, cuts: readonly number[] = []): Verdict {
  const elements: unknown[] = [];
  const reader = new ExportReader((_, bytes) => elements.push(JSON.parse(bytes.toString('utf8'))));
  try {
    let at = 0;
    for (const end of [...cuts, body.length]) {
      const chunk = Buffer.from(body.subarray(at, end));
      reader.push(chunk);
      chunk.fill(0xaa);
      at = end;
    }
    const envelope = buildEnvelope(reader.end());
    // The worker ignores the elements of other events.
    return { code: 'taken', envelope, elements: envelope.issue ? elements : [] };
  } catch (error) {
    if (!(error instanceof BodyError)) throw error;
    const place = /at byte (\d+)/.exec(error.message);
    return { code: error.code, ...(place ? { at: Number(place[1]) } : {}) };
  }
}

const bytewise = (body: Buffer): number[] => Array.from(body, (_, at) => at);

it('verdicts.json names every body of the corpus', () => {
  expect(Object.keys(verdicts).sort()).toEqual(names.toSorted());
});

it.each(names)('%s gets its verdict of verdicts.json, at every cut and byte by byte', (name) => {
  const body = bodyIn(name);
  const expected = verdicts[name]!;
  const got = [bytewise(body), ...bytewise(body).map((at) => [at])].map((cuts) => verdictOn(body, cuts));
  expect(
    got.map((verdict) => ({ code: verdict.code, ...('at' in verdict ? { at: verdict.at } : {}) })),
  ).toEqual(got.map(() => expected));
});

it.each(names)(
  '%s gets the verdict of JSON.parse and of Requeue’s own rules, also when it ends at any byte',
  (name) => {
    const body = bodyIn(name);
    for (let length = 0; length <= body.length; length += 1) expectRightVerdict(body.subarray(0, length), []);
  },
);

it(
  'A generated or mutated body gets the verdict and values of JSON.parse, apart from Requeue’s own rules, in any split',
  () => {
    fc.assert(
      fc.property(hostileBody(corpus), ({ body, cuts }) => expectRightVerdict(body, cuts)),
      { numRuns, ...seed },
    );
  },
  3 * numRuns, // ms; a body takes 0.2 ms, and more while other tests use the processors
);

/** Plain comparisons, because `expect` is too slow for a million bodies. */
function expectRightVerdict(body: Buffer, cuts: readonly number[]): void {
  const { reference, ...expected } = expectedVerdict(body);
  if (reference && reference.kind !== 'whole') checkWithV8(body, reference);
  const got = verdictOn(body, cuts);
  if (!isDeepStrictEqual(got, expected))
    expect({ body: body.toString('latin1'), got }).toEqual({ body: body.toString('latin1'), got: expected });
}
