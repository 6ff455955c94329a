import type { Browser } from 'playwright-core';
import { signalExport } from '../../src/gateway/dispatch/signal-export';
import { createLinks } from '../../src/gateway/links';
import { exportWorkflowId } from '../../src/temporal/names';
import { startBrowser } from '../support/browser';
import { Stack } from '../support/harness/stack';
import { aRequest } from '../support/requests';

let stack: Stack;
let browser: Browser;

beforeAll(async () => {
  stack = await Stack.create();
  await stack.startTemporal();
  browser = await startBrowser();
}, 60_000);

afterAll(async () => {
  await browser?.close();
  await stack?.stop();
});

it.each(['100%', '%2e', 'a%2Fb', '%252e%252e', 'a/b?c#d&e', ' "a" '.replaceAll('"', "'"), '..'])(
  'The link of the issue %p opens its workflow in the Temporal Web UI',
  async (issueId) => {
    const { uiUrl } = stack.config.temporal;
    const links = createLinks({ publicUrl: 'https://requeue.example', uiUrl, namespace: 'default' });
    const workflowId = exportWorkflowId(issueId);
    const started = await signalExport(stack.client(), aRequest({ issueId }), 10_000);
    const page = await browser.newPage();
    const described = page.waitForResponse((response) =>
      /\/api\/v1\/namespaces\/default\/workflows\/[^/]+\?execution\.runId=/.test(response.url()),
    );
    await page.goto(links.temporal(workflowId));
    const response = await described;
    expect(response.status()).toBe(200);
    expect(await response.json()).toMatchObject({
      workflowExecutionInfo: {
        execution: { workflowId, runId: started.kind === 'signalled' && started.runId },
      },
    });
    await page.close();
  },
  30_000,
);
