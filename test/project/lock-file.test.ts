import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = resolve(__dirname, '../..');
/** In ms. A process starts within a second or two, but takes longer while other tests use the processors. */
const timeoutMs = 120_000;

interface LockEntry {
  readonly version?: string;
  readonly resolved?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
  packages: Record<string, LockEntry>;
};
const folder = mkdtempSync(join(tmpdir(), 'requeue-lock-'));

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('package-lock.json', () => {
  it('holds every optional package of every platform, so that npm ci passes everywhere', () => {
    const check = lockPlatforms('--check');
    expect({ status: check.status, output: check.stderr || check.stdout }).toEqual({
      status: 0,
      output: 'package-lock.json contains every platform.\n',
    });
  });

  it('names no registry, so that npm uses the configured one', () => {
    const addresses = Object.values(lock.packages).flatMap(({ resolved }) =>
      /^https?:/.test(resolved ?? '') ? [resolved] : [],
    );
    expect(addresses).toEqual([]);
  });

  it('has one copy of protobufjs 8, at the top level, so that stored histories can be replayed', () => {
    const copies = Object.entries(lock.packages).filter(
      ([place, { version }]) => place.endsWith('node_modules/protobufjs') && version?.startsWith('8.'),
    );
    expect(copies.map(([place, { version }]) => [place, version])).toEqual([
      ['node_modules/protobufjs', '8.8.1'],
    ]);
  });

  it('has every @temporalio package once, at 1.24.0', () => {
    const versions = Object.entries(lock.packages).filter(([place]) =>
      /(^|\/)node_modules\/@temporalio\//.test(place),
    );
    expect(versions.length).toBeGreaterThan(8);
    expect(
      versions.filter(
        ([place, { version }]) => place.startsWith('node_modules/@temporalio/') && version === '1.24.0',
      ),
    ).toEqual(versions);
  });
});

describe('scripts/lock-platforms.mjs', () => {
  const file = join(folder, 'package-lock.json');

  beforeEach(() => copyFileSync(join(root, 'package-lock.json'), file));

  it(
    'restores the packages that npm left out, and changes nothing the second time',
    () => {
      const whole = readFileSync(file, 'utf8');
      writeLock(file, (packages) => {
        for (const name of [
          '@oxlint/binding-darwin-arm64',
          '@oxlint/binding-win32-x64-msvc',
          '@swc/core-linux-arm-gnueabihf',
        ])
          delete packages[`node_modules/${name}`];
      });
      expect(lockPlatforms('--check', '--file', file)).toMatchObject({
        status: 1,
        stderr: expect.stringContaining('3 optional packages added'),
      });
      expect(lockPlatforms('--file', file).status).toBe(0);
      expect(readFileSync(file, 'utf8')).toBe(whole);
      expect(lockPlatforms('--check', '--file', file).status).toBe(0);
    },
    timeoutMs,
  );

  it(
    'takes system, processor and C library from the package’s name',
    () => {
      writeLock(file, (packages) => {
        packages['node_modules/tool'] = {
          version: '1.2.3',
          optionalDependencies: {
            'tool-linux-arm64-musl': '1.2.3',
            '@tool/linux-x64-gnu': '1.2.3',
            '@tool/darwin-arm64': '1.2.3',
            '@tool/linux-arm-musleabihf': '1.2.3',
          },
        };
      });
      lockPlatforms('--file', file);
      const { packages } = JSON.parse(readFileSync(file, 'utf8')) as typeof lock;
      expect(packages).toMatchObject({
        'node_modules/tool-linux-arm64-musl': {
          version: '1.2.3',
          os: ['linux'],
          cpu: ['arm64'],
          libc: ['musl'],
          optional: true,
        },
        'node_modules/@tool/linux-x64-gnu': { os: ['linux'], cpu: ['x64'], libc: ['glibc'] },
        'node_modules/@tool/darwin-arm64': { os: ['darwin'], cpu: ['arm64'] },
        'node_modules/@tool/linux-arm-musleabihf': { os: ['linux'], cpu: ['arm'], libc: ['musl'] },
      });
      expect(packages['node_modules/@tool/darwin-arm64']).not.toHaveProperty('libc');
    },
    timeoutMs,
  );

  it(
    'drops a registry’s address',
    () => {
      writeLock(file, (packages) => {
        packages['node_modules/koa'] = {
          ...packages['node_modules/koa'],
          resolved: 'https://packages.example/koa.tgz',
        };
      });
      expect(lockPlatforms('--file', file).stdout).toBe('package-lock.json: 1 registry addresses dropped.\n');
      expect(readFileSync(file, 'utf8')).not.toContain('packages.example');
    },
    timeoutMs,
  );
});

describe('durations of the Temporal SDK', () => {
  beforeAll(() => {
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction');
    const files = ['right.ts', 'wrong.ts', join(root, 'src/types/ms.d.ts')];
    writeFileSync(
      join(folder, 'tsconfig.json'),
      JSON.stringify({
        extends: join(root, 'tsconfig.json'),
        compilerOptions: { types: [] },
        files,
        include: [],
      }),
    );
    writeFileSync(
      join(folder, 'right.ts'),
      "import { sleep } from '@temporalio/workflow';\nexport const waited = sleep('5 minutes');\n",
    );
    writeFileSync(
      join(folder, 'wrong.ts'),
      "import { sleep } from '@temporalio/workflow';\nexport const waited = sleep('5 mintes');\n",
    );
  });

  it(
    'are checked by the compiler: a misspelt duration does not compile',
    () => {
      const tsc = spawnSync(
        process.execPath,
        [join(root, 'node_modules/typescript/bin/tsc'), '-p', folder, '--pretty', 'false'],
        {
          encoding: 'utf8',
        },
      );
      const errors = tsc.stdout.split('\n').filter((line) => line.includes('error TS'));
      expect(errors).toEqual([expect.stringMatching(/wrong\.ts.*5 mintes/)]);
    },
    timeoutMs,
  );
});

function lockPlatforms(...options: string[]) {
  return spawnSync(process.execPath, [join(root, 'scripts/lock-platforms.mjs'), ...options], {
    encoding: 'utf8',
  });
}

function writeLock(file: string, change: (packages: Record<string, LockEntry>) => void): void {
  const changed = JSON.parse(readFileSync(file, 'utf8')) as typeof lock;
  change(changed.packages);
  writeFileSync(file, `${JSON.stringify(changed, undefined, 2)}\n`);
}
