import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporalCli } from '../../src/dev/temporal/find-temporal-cli';
import { findHealthCommand, imageEnvironment, readComposeFile, readDockerfile, root } from './compose-file';

const file = readComposeFile();
const services = Object.entries(file.services);
const longRunning = services.filter(([, { restart }]) => restart !== 'no');

describe('docker-compose.yml', () => {
  it('has Temporal, sandbox, gateway and worker, and two services that end at once', () => {
    expect(longRunning.map(([name]) => name)).toEqual(['temporal', 'sandbox', 'gateway', 'worker']);
    expect(services.map(([name]) => name)).toEqual(expect.arrayContaining(['store', 'temporal-retention']));
  });

  it('publishes ports on 127.0.0.1 only', () => {
    const published = services.flatMap(([, { ports = [] }]) => ports);
    expect(published).toHaveLength(4);
    expect(published.filter((port) => !/^127\.0\.0\.1:\d+:\d+$/.test(port))).toEqual([]);
  });

  it('builds one image, and uses the version of Temporal that dev and the tests use', () => {
    expect(services.filter(([, { build }]) => build !== undefined).map(([name]) => name)).toEqual(['store']);
    expect(new Set(services.map(([, { image }]) => image))).toEqual(
      new Set(['requeue:local', `temporalio/temporal:${temporalCli.version}`]),
    );
  });

  it.each(longRunning)(
    'restarts %s, checks its health, and lets it stop in more time than it needs',
    (_, service) => {
      expect(service.restart).toBe('unless-stopped');
      expect(findHealthCommand(service)).toEqual(
        expect.arrayContaining([expect.stringMatching(/^(node|temporal)$/)]),
      );
      expect(Number.parseInt(service.stop_grace_period ?? '10s', 10)).toBeGreaterThan(7); // shutdownForceTime of the worker
    },
  );

  it('waits only for conditions that can be met', () => {
    for (const [, { depends_on = {} }] of services) {
      for (const [other, { condition }] of Object.entries(depends_on)) {
        const service = file.services[other];
        if (condition === 'service_healthy') expect(service && findHealthCommand(service)).toBeDefined();
        else
          expect([other, condition, service?.restart]).toEqual([
            other,
            'service_completed_successfully',
            'no',
          ]);
      }
    }
  });

  it('keeps everything in one volume, at the path of the image’s store', () => {
    expect(Object.keys(file.volumes)).toEqual(['store']);
    const mounts = new Set(services.flatMap(([, { volumes = [] }]) => volumes));
    expect([...mounts]).toEqual([`store:${imageEnvironment()['REQUEUE_STORE']}`]);
  });

  it('mounts a new volume in the image that creates its folder before it starts Temporal, under one user', () => {
    expect(file.services['temporal']?.depends_on).toHaveProperty('store');
    expect(file.services['temporal']?.user).toBe('1000:1000'); // node's, in the official images
  });

  it('drops all capabilities and extra rights of every service', () => {
    for (const [name, service] of services) {
      expect({ name, ...service }).toMatchObject({
        cap_drop: ['ALL'],
        security_opt: ['no-new-privileges:true'],
      });
      for (const right of ['privileged', 'cap_add', 'devices', 'network_mode', 'pid', 'ipc'])
        expect(service).not.toHaveProperty(right);
    }
  });

  it.each([
    ['AQ_WEBHOOK_SECRET', 'development-secret', ['gateway']],
    ['OPERATOR_TOKENS', 'operator:development-token', ['gateway']],
    ['LABELING_API_KEY', 'sandbox-key', ['sandbox', 'worker']],
  ])('has a development value for %s, which the variable replaces everywhere', (name, fallback, users) => {
    const collectValues = ({ services: all }: typeof file) =>
      Object.values(all).flatMap(({ environment }) => environment?.[name] ?? []);
    expect(collectValues(file)).toEqual(users.map(() => fallback));
    const replaced = readComposeFile({ [name]: 'ann:mine' });
    expect(collectValues(replaced)).toEqual(users.map(() => 'ann:mine'));
    expect(JSON.stringify(replaced)).not.toContain(fallback);
  });

  it('links to the ports that it publishes', () => {
    const published = services
      .flatMap(([, { ports = [] }]) => ports)
      .map((port) => `http://${port.replace(/:\d+$/, '')}`);
    const { PUBLIC_URL, TEMPORAL_UI_URL } = file.services['gateway']?.environment ?? {};
    expect(published).toEqual(expect.arrayContaining([PUBLIC_URL, TEMPORAL_UI_URL]));
  });
});

describe('Dockerfile', () => {
  const lines = readDockerfile();
  const findValue = (name: string) => lines.findLast((line) => line.name === name)?.value;

  it('needs no frontend image, and has two stages on one Debian', () => {
    expect(readFileSync(join(root, 'Dockerfile'), 'utf8')).not.toMatch(/^#\s*syntax=/im);
    expect(findValue('ARG')).toMatch(/^NODE_IMAGE=node:\d+-bookworm-slim$/);
    expect(lines.filter(({ name }) => name === 'FROM').map(({ value }) => value)).toEqual([
      '${NODE_IMAGE} AS build',
      '${NODE_IMAGE}',
    ]);
  });

  it('runs as node, not root, with an init that forwards signals', () => {
    expect(findValue('USER')).toBe('node');
    expect(findValue('STOPSIGNAL')).toBe('SIGTERM');
    expect(JSON.parse(findValue('ENTRYPOINT') ?? '')).toEqual(['/usr/bin/tini', '--']);
    expect(JSON.parse(findValue('CMD') ?? '')).toEqual(['requeue', 'gateway']); // a list: no shell between tini and node
    expect(findValue('HEALTHCHECK')).toMatch(/ CMD \["node", "scripts\/healthy.js"\]$/);
  });

  it('has exactly the files that it copies in its build context', () => {
    const ignore = readFileSync(join(root, '.dockerignore'), 'utf8').split('\n');
    expect(ignore).toContain('*');
    const kept = ignore.filter((line) => line.startsWith('!')).map((line) => line.slice(1));
    const copied = lines.flatMap(({ name, value }) =>
      name === 'COPY' && !value.startsWith('--') ? value.split(' ').slice(0, -1) : [],
    );
    expect(new Set(copied.map((path) => path.split('/')[0]))).toEqual(new Set(kept));
  });
});
