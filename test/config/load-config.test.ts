import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ConfigError } from '../../src/config/config';
import { loadConfig } from '../../src/config/load-config';
import { tempFolder } from '../payloads/temp-folder';

const folder = tempFolder();
let files = 0;

/** A config file with this text. */
function configFile(text: string): string {
  const path = join(folder, `config-${(files += 1)}.yaml`);
  writeFileSync(path, text);
  return path;
}

/** The errors that `load` throws; empty when it throws none. */
function collectErrors(load: () => unknown): readonly string[] {
  try {
    load();
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.errors;
    throw error;
  }
}

const twoDestinations = `
destinations:
  - { name: east, adapter: labelbox, address: 'https://east.example/graphql', key: '\${EAST_KEY}', rate: 2.5, inFlight: 3, chunkLabels: 50, timeout: 30s }
  - { name: west, adapter: labelbox, address: '\${WEST_URL}', key: '\${WEST_KEY}' }
routes:
  - { project: roads, destination: east, destinationProject: p1, crops: all-in-frame, frames: all-labels, labelId: attributes.id, onInvalid: fail, resend: all, approval: { above: 5 } }
  - { project: '*', destination: west }
`;
const twoKeys = {
  EAST_KEY: 'east-secret',
  WEST_KEY: 'west-secret',
  WEST_URL: 'https://west.example/graphql',
};

describe('loadConfig without any variable', () => {
  it('gives dev a loopback gateway, the sandbox as labeling service and one route for every project', () => {
    const config = loadConfig({}, { dev: true });
    expect(config).toEqual({
      gateway: {
        host: '127.0.0.1',
        port: 8080,
        maxBodyBytes: 1_073_741_824,
        publicUrl: 'http://127.0.0.1:8080',
      },
      webhookSecrets: [],
      operators: [],
      sandbox: { port: 8090, key: 'sandbox-key' },
      temporal: { port: 7233, uiPort: 8233, uiUrl: 'http://127.0.0.1:8233' },
      metricsPort: 9464,
      storeFolder: resolve('.requeue'),
      destinations: [
        {
          name: 'labelbox',
          adapter: 'labelbox',
          address: 'http://127.0.0.1:8090/graphql',
          key: 'sandbox-key',
          inFlight: 8,
          chunkLabels: 100,
          timeoutMs: 60_000,
        },
      ],
      routes: [
        {
          project: '*',
          destination: 'labelbox',
          crops: 'matching',
          frames: 'skip',
          labelId: 'uuid',
          onInvalid: 'skip',
          resend: 'new',
          approval: { above: 1000, expiresAfterMs: 604_800_000, remindEveryMs: 86_400_000 },
          signals: 'accept',
        },
      ],
      notices: [],
    });
  });

  it('returns a config that is frozen at every level', () => {
    const config = loadConfig({}, { dev: true });
    expect(
      [config, config.gateway, config.destinations, config.destinations[0], config.routes[0]?.approval].every(
        Object.isFrozen,
      ),
    ).toBe(true);
  });

  it('reads an empty variable as one that is not set', () => {
    expect(loadConfig({ PORT: '', HOST: ' ', AQ_WEBHOOK_SECRET: '' }, { dev: true }).gateway).toMatchObject({
      host: '127.0.0.1',
      port: 8080,
    });
  });
});

describe('loadConfig for a role', () => {
  it('refuses to start a gateway without a webhook secret', () => {
    expect(collectErrors(() => loadConfig({}, { dev: false, role: 'gateway' }))).toEqual([
      expect.stringMatching(/^AQ_WEBHOOK_SECRET is not set/),
    ]);
  });

  it('starts a gateway with a secret alone, listening on every address', () => {
    const config = loadConfig({ AQ_WEBHOOK_SECRET: ' new , old,' }, { dev: false, role: 'gateway' });
    expect(config.webhookSecrets).toEqual(['new', 'old']);
    expect(config.gateway.host).toBe('0.0.0.0');
  });

  it('refuses to start a worker without a labeling service', () => {
    expect(collectErrors(() => loadConfig({}, { dev: false, role: 'worker' }))).toEqual([
      expect.stringMatching(/^LABELING_API_ENDPOINT is not set/),
      expect.stringMatching(/^LABELING_API_KEY is not set/),
    ]);
  });

  it('requires no variable for the sandbox and for an operator’s command', () => {
    expect(collectErrors(() => loadConfig({}, { dev: false, role: 'sandbox' }))).toEqual([]);
    expect(collectErrors(() => loadConfig({}, 'client'))).toEqual([]);
  });

  it('refuses a webhook without a secret that the network can reach', () => {
    expect(collectErrors(() => loadConfig({ HOST: '0.0.0.0' }, { dev: true }))).toEqual([
      expect.stringMatching(/^AQ_WEBHOOK_SECRET is not set while HOST/),
    ]);
    expect(
      collectErrors(() => loadConfig({ HOST: '0.0.0.0', AQ_WEBHOOK_SECRET: 's' }, { dev: true })),
    ).toEqual([]);
  });

  it('requires the labeling secrets of a config file only in processes that call the service', () => {
    const REQUEUE_CONFIG = configFile(twoDestinations);
    expect(
      collectErrors(() =>
        loadConfig({ REQUEUE_CONFIG, AQ_WEBHOOK_SECRET: 's' }, { dev: false, role: 'gateway' }),
      ),
    ).toEqual([]);
    expect(collectErrors(() => loadConfig({ REQUEUE_CONFIG }, { dev: false, role: 'worker' }))).toContain(
      'REQUEUE_CONFIG: destinations[0].key refers to the variable EAST_KEY, which is not set.',
    );
  });

  it('returns the same for a role’s name as for its options', () => {
    expect(loadConfig({}, 'dev')).toEqual(loadConfig({}, { dev: true }));
    expect(collectErrors(() => loadConfig({}, 'worker'))).toEqual(
      collectErrors(() => loadConfig({}, { dev: false, role: 'worker' })),
    );
  });
});

describe('loadConfig with variables', () => {
  it('reads every documented variable', () => {
    const env = {
      HOST: 'localhost',
      PORT: '1',
      SANDBOX_PORT: '2',
      TEMPORAL_PORT: '3',
      TEMPORAL_UI_PORT: '4',
      METRICS_PORT: '5',
      MAX_BODY_BYTES: '6',
      APPROVAL_THRESHOLD: '0',
      CHUNK_LABELS: '500',
      CHUNKS_IN_FLIGHT: '100',
      REQUEUE_STORE: '/data',
      OPERATOR_TOKENS: 'ann:t1, bob:t:2',
      PUBLIC_URL: 'https://requeue.example',
      TEMPORAL_UI_URL: 'https://ui.example',
      LABELING_API_ENDPOINT: 'https://labels.example/graphql',
      LABELING_API_KEY: 'k',
    };
    expect(loadConfig(env, { dev: true })).toMatchObject({
      gateway: { host: 'localhost', port: 1, maxBodyBytes: 6, publicUrl: 'https://requeue.example' },
      operators: [
        { name: 'ann', token: 't1' },
        { name: 'bob', token: 't:2' },
      ],
      sandbox: { port: 2 },
      temporal: { port: 3, uiPort: 4, uiUrl: 'https://ui.example' },
      metricsPort: 5,
      storeFolder: '/data',
      destinations: [
        { address: 'https://labels.example/graphql', key: 'k', inFlight: 100, chunkLabels: 500 },
      ],
      routes: [{ approval: { above: 0 } }],
    });
  });

  it('builds links from the configured ports', () => {
    const { gateway, temporal } = loadConfig({ PORT: '81', TEMPORAL_UI_PORT: '82' }, { dev: true });
    expect([gateway.publicUrl, temporal.uiUrl]).toEqual(['http://127.0.0.1:81', 'http://127.0.0.1:82']);
  });

  it.each([
    ['CHUNK_LABELS', '0'],
    ['CHUNK_LABELS', '501'],
    ['CHUNKS_IN_FLIGHT', '101'],
    ['PORT', '65536'],
    ['PORT', '-1'],
    ['PORT', '80a'],
    ['MAX_BODY_BYTES', '1.5'],
    ['APPROVAL_THRESHOLD', '1e3'],
    ['PUBLIC_URL', 'requeue.example'],
    ['PUBLIC_URL', 'https://user:pass@requeue.example'],
    ['TEMPORAL_UI_URL', 'ftp://ui.example'],
  ])('refuses %s=%s and states the variable', (name, value) => {
    expect(collectErrors(() => loadConfig({ [name]: value }, { dev: true }))).toEqual([
      expect.stringMatching(new RegExp(`^${name} must be `)),
    ]);
  });

  it('reports all errors in one message', () => {
    const load = () =>
      loadConfig(
        { PORT: 'x', CHUNK_LABELS: '0', PUBLIC_URL: 'y', OPERATOR_TOKENS: 'ann' },
        { dev: false, role: 'gateway' },
      );
    expect(load).toThrow(/^The configuration has 5 errors:\n/);
    for (const name of ['PORT', 'CHUNK_LABELS', 'PUBLIC_URL', 'OPERATOR_TOKENS', 'AQ_WEBHOOK_SECRET'])
      expect(load).toThrow(new RegExp(`\\n {2}- ${name}`));
  });

  it('refuses operators without a name or token, duplicate names and duplicate tokens, and echoes no token', () => {
    const errors = collectErrors(() =>
      loadConfig({ OPERATOR_TOKENS: 'tok-none,:tok-a,ann:tok-b,ann:tok-c,bob:tok-b' }, { dev: true }),
    );
    expect(errors).toEqual([
      'OPERATOR_TOKENS: entry 1 is not name:token (a token has no spaces).',
      'OPERATOR_TOKENS: entry 2 is not name:token (a token has no spaces).',
      'OPERATOR_TOKENS: the name ann appears twice.',
      'OPERATOR_TOKENS: two names have the same token.',
    ]);
    expect(errors.join()).not.toContain('tok-');
  });
});

describe('loadConfig with a config file', () => {
  it('returns destinations and routes, with secrets from variables', () => {
    const { destinations, routes } = loadConfig(
      { REQUEUE_CONFIG: configFile(twoDestinations), ...twoKeys },
      { dev: false, role: 'worker' },
    );
    expect(destinations).toEqual([
      {
        name: 'east',
        adapter: 'labelbox',
        address: 'https://east.example/graphql',
        key: 'east-secret',
        rate: 2.5,
        inFlight: 3,
        chunkLabels: 50,
        timeoutMs: 30_000,
      },
      {
        name: 'west',
        adapter: 'labelbox',
        address: 'https://west.example/graphql',
        key: 'west-secret',
        inFlight: 8,
        chunkLabels: 100,
        timeoutMs: 60_000,
      },
    ]);
    expect(routes[0]).toEqual({
      project: 'roads',
      destination: 'east',
      destinationProject: 'p1',
      crops: 'all-in-frame',
      frames: 'all-labels',
      labelId: 'attributes.id',
      onInvalid: 'fail',
      resend: 'all',
      approval: { above: 5, expiresAfterMs: 604_800_000, remindEveryMs: 86_400_000 },
      signals: 'accept',
    });
    expect(routes[1]).toMatchObject({
      project: '*',
      destination: 'west',
      crops: 'matching',
      approval: { above: 1000 },
    });
  });

  it('sends every project to the only destination when there are no routes', () => {
    const text =
      "destinations:\n  - { name: only, adapter: labelbox, address: 'https://a.example', key: '${K}' }\n";
    expect(loadConfig({ REQUEUE_CONFIG: configFile(text), K: 'k' }, 'worker').routes).toMatchObject([
      { project: '*', destination: 'only' },
    ]);
  });

  it('refuses a literal key without echoing it', () => {
    const text =
      "destinations:\n  - { name: a, adapter: labelbox, address: 'https://a.example', key: hunter2 }\n";
    const errors = collectErrors(() => loadConfig({ REQUEUE_CONFIG: configFile(text) }, 'worker'));
    expect(errors).toContain(
      'REQUEUE_CONFIG: destinations[0].key: must be ${ENV_NAME}: the file must not contain secrets.',
    );
    expect(errors.join()).not.toContain('hunter2');
  });

  it('names each unknown key with its path', () => {
    const text =
      "extra: 1\ndestinations:\n  - { name: a, adapter: labelbox, address: 'https://a.example', key: '${K}', colour: red }\nroutes:\n  - { project: p, destination: a, approval: { over: 3 } }\n";
    const errors = collectErrors(() => loadConfig({ REQUEUE_CONFIG: configFile(text), K: 'k' }, 'client'));
    expect([...errors].sort()).toEqual([
      'REQUEUE_CONFIG: destinations[0].colour is not a known key.',
      'REQUEUE_CONFIG: extra is not a known key.',
      'REQUEUE_CONFIG: routes[0].approval.over is not a known key.',
    ]);
  });

  it('reports errors of the file and of the environment in one message', () => {
    const text = 'routes:\n  - { project: p, destination: nowhere, crops: some }\n';
    const errors = collectErrors(() => loadConfig({ REQUEUE_CONFIG: configFile(text), PORT: 'x' }, 'client'));
    expect(errors).toEqual([
      expect.stringMatching(/^PORT must be/),
      expect.stringMatching(/^REQUEUE_CONFIG: routes\[0\]\.crops: /),
      'REQUEUE_CONFIG: the route for p refers to the destination nowhere, which is not configured.',
    ]);
  });

  it('reports all errors in the file together, and no error that the file does not have', () => {
    const text = [
      'destinations:',
      "  - { name: main, adapter: labelbox, address: 'http://127.0.0.1:1/graphql', key: '${NO_SUCH_KEY}', rate: -1 }",
      '  - { name: other, adapter: labelbox }',
      'routes:',
      '  - { project: p, destination: zz }',
      '  - { project: q, destination: other, resend: never }',
      'notices: [{ name: team, form: fax }]',
      '',
    ].join('\n');
    const errors = collectErrors(() => loadConfig({ REQUEUE_CONFIG: configFile(text) }, 'worker'));
    expect(errors.filter((error) => !error.startsWith('REQUEUE_CONFIG: '))).toEqual([]);
    expect(errors.map((error) => error.slice('REQUEUE_CONFIG: '.length).split(/[: ]/)[0])).toEqual([
      'destinations[0].rate',
      'destinations[1].address',
      'destinations[1].key',
      'destinations[0].key',
      'routes[1].resend',
      'notices[0].address',
      'notices[0].form',
      'the',
    ]);
    expect(errors.at(-1)).toBe(
      'REQUEUE_CONFIG: the route for p refers to the destination zz, which is not configured.',
    );
  });

  it('refuses a route to a missing destination, and duplicate names', () => {
    const destination = "{ name: a, adapter: labelbox, address: 'https://a.example', key: '${K}' }";
    const text = `destinations:\n  - ${destination}\n  - ${destination}\nroutes:\n  - { project: p, destination: b }\n  - { project: p, destination: a }\n`;
    expect(collectErrors(() => loadConfig({ REQUEUE_CONFIG: configFile(text), K: 'k' }, 'client'))).toEqual([
      'REQUEUE_CONFIG: two destinations are called a.',
      'REQUEUE_CONFIG: two routes are for the project p.',
      'REQUEUE_CONFIG: the route for p refers to the destination b, which is not configured.',
    ]);
  });

  it('requires routes when there are several destinations', () => {
    const text = twoDestinations.slice(0, twoDestinations.indexOf('routes:'));
    expect(
      collectErrors(() => loadConfig({ REQUEUE_CONFIG: configFile(text), ...twoKeys }, 'worker')),
    ).toEqual([expect.stringContaining('several destinations need routes')]);
  });

  it('reports the line of invalid YAML, and a missing file', () => {
    expect(
      collectErrors(() => loadConfig({ REQUEUE_CONFIG: configFile('routes: []\nroutes: []\n') }, 'client')),
    ).toEqual([expect.stringMatching(/^REQUEUE_CONFIG: line 2 is not valid YAML: /)]);
    expect(collectErrors(() => loadConfig({ REQUEUE_CONFIG: '/no/such.yaml' }, 'client'))).toEqual([
      'REQUEUE_CONFIG: /no/such.yaml cannot be read (ENOENT).',
    ]);
  });
});
