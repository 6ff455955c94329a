import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { type Browser, chromium } from 'playwright-core';

/** Prints where the browser is; the package is a module, which Jest cannot load. */
const ask = "import('@sparticuz/chromium').then(async ({ default: chromium }) => console.log(await chromium.executablePath()))";

/**
 * A real browser from `npm ci` alone. The package's own arguments are not used: they switch off what separates sites.
 *
 * @param args more arguments of its command line.
 */
export async function startBrowser(args: readonly string[] = []): Promise<Browser> {
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', ask]);
  return chromium.launch({
    executablePath: stdout.trim(),
    args: ['--no-sandbox', '--disable-gpu', ...args], // tests run as root in containers, where Chromium's sandbox does not start
    headless: true,
  });
}
