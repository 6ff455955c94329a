import { type Browser, chromium } from 'playwright-core';

/**
 * A real browser from `npm ci` alone. The package's own arguments are not used: they switch off what separates sites.
 *
 * @param args more arguments of its command line.
 */
export async function startBrowser(args: readonly string[] = []): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env['TEST_BROWSER'] ?? '', // unpacked by the tests' global set-up
    args: ['--no-sandbox', '--disable-gpu', ...args], // tests run as root in containers, where Chromium's sandbox does not start
    headless: true,
  });
}
