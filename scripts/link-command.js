// Links node_modules/.bin/requeue to the built program. npx looks there first, so `npx requeue` in a checkout
// starts immediately. Without the link, npx installs the checkout into its cache and builds it a second time,
// which takes longer than the rest of a first start.
const { chmodSync, mkdirSync, rmSync, symlinkSync } = require('node:fs');
const { join } = require('node:path');

const root = join(__dirname, '..');
const link = join(root, 'node_modules', '.bin', 'requeue');

// Skipped on Windows, which needs a script instead of a link. There, npx works without the link.
if (process.platform !== 'win32') {
  chmodSync(join(root, 'dist', 'cli', 'main.js'), 0o755);
  mkdirSync(join(root, 'node_modules', '.bin'), { recursive: true });
  rmSync(link, { force: true });
  symlinkSync(join('..', '..', 'dist', 'cli', 'main.js'), link);
}
