import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import chromium from '@sparticuz/chromium';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { findTemporalCli } from '../../src/dev/temporal/find-temporal-cli';
import { findTestServer } from '../../src/dev/temporal/find-test-server';

/**
 * Once for all tests: finds or downloads Temporal's programs, unpacks the browser, and bundles the workflows
 * from source.
 */
export default async function globalSetup(): Promise<() => void> {
  process.env['GOGC'] ??= '400'; // small, short-lived servers: garbage collection took 10 % of their time
  const printLine = (line: string) => process.stderr.write(`${line}\n`);
  process.env['TEMPORAL_CLI'] = await findTemporalCli({ env: process.env, onProgress: printLine });
  process.env['TEMPORAL_TEST_SERVER'] = await findTestServer({ env: process.env, onProgress: printLine });
  // Unpacked here once: two test files must not unpack it concurrently.
  process.env['TEST_BROWSER'] = await chromium.executablePath();
  const folder = mkdtempSync(join(tmpdir(), 'requeue-bundle-'));
  const { code } = await bundleWorkflowCode({
    workflowsPath: resolve(__dirname, '../../src/workflows/index.ts'),
    payloadConverterPath: resolve(__dirname, '../../src/workflows/payload-converter.ts'),
    logger: new DefaultLogger('ERROR'),
  });
  process.env['TEST_WORKFLOW_BUNDLE'] = join(folder, 'workflows.js');
  writeFileSync(process.env['TEST_WORKFLOW_BUNDLE'], code);
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  return () => undefined;
}
