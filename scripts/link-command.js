// Lets `npx requeue` start at once in a checkout: npx looks into node_modules/.bin first. Without this link
// it installs the checkout into a cache of its own and builds it once more, which takes longer than
// everything else of the first minute.
const { chmodSync, mkdirSync, rmSync, symlinkSync } = require('node:fs');
const { join } = require('node:path');

const root = join(__dirname, '..');
const link = join(root, 'node_modules', '.bin', 'requeue');

// Windows needs a script there instead of a link; npx works without.
if (process.platform !== 'win32') {
  chmodSync(join(root, 'dist', 'cli', 'main.js'), 0o755);
  mkdirSync(join(root, 'node_modules', '.bin'), { recursive: true });
  rmSync(link, { force: true });
  symlinkSync(join('..', '..', 'dist', 'cli', 'main.js'), link);
}
