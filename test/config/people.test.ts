import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError } from '../../src/config/config';
import { neverAsk } from '../../src/domain/route';
import { loadConfig } from '../../src/config/load-config';
import { tempFolder } from '../payloads/temp-folder';

const root = tempFolder();

function load(text: string, env: Record<string, string> = {}) {
  const path = join(mkdtempSync(join(root, 'config-')), 'requeue.yaml');
  writeFileSync(path, text);
  return loadConfig(
    { REQUEUE_CONFIG: path, LABELING_API_ENDPOINT: 'https://a.example', LABELING_API_KEY: 'k', ...env },
    'worker',
  );
}

function collectErrors(text: string, env: Record<string, string> = {}): readonly string[] {
  try {
    load(text, env);
    return [];
  } catch (error) {
    return (error as ConfigError).errors;
  }
}

const route = (approval: string) =>
  `routes:\n  - { project: '*', destination: labelbox, approval: ${approval} }\n`;
const [week, day] = [604_800_000, 86_400_000];

describe('the approval policy of a route', () => {
  it.each([
    ['always', { above: 0, expiresAfterMs: week, remindEveryMs: day }],
    ['never', { above: neverAsk, expiresAfterMs: week, remindEveryMs: day }],
    ['{ above: 7 }', { above: 7, expiresAfterMs: week, remindEveryMs: day }],
    ['{ always: true, expiresAfter: 3d }', { above: 0, expiresAfterMs: 3 * day, remindEveryMs: day }],
    ['{ never: true }', { above: neverAsk, expiresAfterMs: week, remindEveryMs: day }],
    ['{ remindEvery: 90m }', { above: 1000, expiresAfterMs: week, remindEveryMs: 5_400_000 }],
  ])('is read from approval: %s', (approval, policy) => {
    expect(load(route(approval)).routes[0]?.approval).toEqual(policy);
  });

  it('takes the threshold of the environment where a route names none', () => {
    expect(load(route('{ expiresAfter: 2d }'), { APPROVAL_THRESHOLD: '9' }).routes[0]?.approval.above).toBe(
      9,
    );
  });

  it.each([
    'sometimes',
    '{ above: -1 }',
    '{ above: 1, always: true }',
    '{ expiresAfter: soon }',
    '{ expiresAfter: 3 }',
    '{ remindEvery: 1s }',
    '{ always: false }',
  ])('can’t be approval: %s', (approval) => {
    expect(collectErrors(route(approval))).toEqual([
      expect.stringMatching(/^REQUEUE_CONFIG: routes\[0\]\.approval/),
    ]);
  });

  it('may ignore signals', () => {
    expect(
      load("routes:\n  - { project: '*', destination: labelbox, signals: ignore }\n").routes[0]?.signals,
    ).toBe('ignore');
  });
});

const key = Buffer.from('a-secret-of-24-bytes-or-more').toString('base64');

describe('a notice', () => {
  it('has its address and secrets from variables, a default name, and every event unless it lists some', () => {
    const text = [
      'notices:',
      "  - { address: '${HOOK}', secrets: ['${OLD}', '${NEW}'] }",
      "  - { name: slack, form: slack, address: 'https://hooks.example/x', events: [export.paused] }",
    ].join('\n');
    expect(load(text, { HOOK: 'https://hook.example', OLD: key, NEW: `whsec_${key}` }).notices).toMatchObject(
      [
        {
          name: 'notice-1',
          address: 'https://hook.example',
          secrets: [key, `whsec_${key}`],
          form: 'standard',
          events: { length: 6 },
        },
        { name: 'slack', secrets: [], form: 'slack', events: ['export.paused'] },
      ],
    );
  });

  it.each([
    ["{ address: 'https://a.example' }", 'needs secrets: a standard notice is signed.'],
    ["{ address: 'ftp://a.example', form: slack }", 'notices[0].address: must be an http or https address'],
    ["{ address: 'https://a.example', secrets: [hunter2] }", 'notices[0].secrets[0]: must be ${ENV_NAME}'],
    [
      "{ address: 'https://a.example', secrets: ['${SHORT}'] }",
      "notices[0].secrets[0]: the variable's value is not a signing secret",
    ],
    [
      "{ address: 'https://a.example', secrets: ['${UNSET}'] }",
      'notices[0].secrets[0] refers to the variable UNSET, which is not set.',
    ],
    ["{ address: 'https://a.example', form: slack, events: [export.begun] }", 'notices[0].events[0]: '],
    ["{ address: 'https://a.example', form: slack, to: me }", 'notices[0].to is not a known key.'],
  ])('is refused as %s', (notice, sentence) => {
    const errors = collectErrors(`notices:\n  - ${notice}\n`, { SHORT: 'aHVudGVyMg==' });
    expect(errors).toEqual([expect.stringContaining(sentence)]);
    expect(errors.join()).not.toMatch(/hunter2|aHVudGVyMg/);
  });

  it('is refused with the name of another notice', () => {
    const notice = "{ name: a, form: slack, address: 'https://a.example' }";
    expect(collectErrors(`notices:\n  - ${notice}\n  - ${notice}\n`)).toEqual([
      'REQUEUE_CONFIG: two receivers in notices are called a.',
    ]);
  });
});
