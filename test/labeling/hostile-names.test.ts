import { createLabelbox } from '../../src/labeling/labelbox/labelbox';
import { bulkDeleteLabels } from '../../src/labeling/labelbox/labelbox-mutation';
import type { LabelingService } from '../../src/labeling/labeling-service';
import { type Sandbox, startSandbox } from '../../src/dev/sandbox/start-sandbox';
import { hostileNames } from '../support/hostile-names';
import { type RawService, startRawService } from './raw-service';

const key = 'key-5d2c9e';
const options = { key, timeoutMs: 10_000, connections: 2 };
const texts = hostileNames.map(({ text }) => text);
const items = texts.map((labelId) => ({ labelId }));

let sandbox: Sandbox;
let raw: RawService;
let toSandbox: LabelingService;
let toRaw: LabelingService;

beforeAll(async () => {
  sandbox = await startSandbox({ port: 0, key });
  raw = await startRawService((response) =>
    response.end('{"data":{"project":{"bulkDeleteLabels":{"count":1}}}}'),
  );
  toSandbox = createLabelbox({ ...options, address: `${sandbox.url}/graphql` });
  toRaw = createLabelbox({ ...options, address: raw.url });
});

afterAll(async () => {
  await Promise.all([toSandbox.close(), toRaw.close()]);
  await Promise.all([sandbox.close(), raw.close()]);
});

it('The adapter sends every label id verbatim', async () => {
  const answer = await toSandbox.relabel(items, { project: 'p', key: 'k' }, new AbortController().signal);
  expect(sandbox.ledger().at(-1)).toMatchObject({ projectId: 'p', labelIds: texts, applied: texts });
  expect(answer.items.map(({ labelId }) => labelId)).toEqual(texts);
});

it.each(hostileNames)(
  'The adapter sends a project that is $what verbatim, and never in the text of the query',
  async ({ text }) => {
    const context = { project: text, key: text };
    await toSandbox.relabel([{ labelId: text }], context, new AbortController().signal);
    expect(sandbox.ledger().at(-1)).toMatchObject({ projectId: text, labelIds: [text], applied: [text] });
    await toRaw.relabel([{ labelId: text }], context, new AbortController().signal);
    expect(raw.calls.at(-1)?.body).toEqual({
      query: bulkDeleteLabels,
      variables: { projectId: text, labelIds: [text], makeTemplates: true },
    });
  },
);

it('The sandbox’s page shows names as text only', async () => {
  await toSandbox.relabel(
    [{ labelId: 'x' }],
    { project: '<script>alert(1)</script>', key: 'k' },
    new AbortController().signal,
  );
  const page = await (await fetch(sandbox.url)).text();
  expect(page).toContain('&lt;script&gt;');
  expect(page).not.toMatch(/<script|<img/);
});
