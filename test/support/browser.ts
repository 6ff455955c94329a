import { type Browser, chromium } from 'playwright-core';

/**
 * Starts the browser that `npm ci` installed. Does not use the package's own arguments, because they disable
 * the isolation between sites.
 *
 * @param args additional command-line arguments.
 */
export async function startBrowser(args: readonly string[] = []): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env['TEST_BROWSER'] ?? '', // set by test/support/global-setup.ts
    args: ['--no-sandbox', '--disable-gpu', ...args], // Chromium's sandbox does not start for root in a container
    headless: true,
  });
}
