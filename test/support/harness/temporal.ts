import { Connection } from '@temporalio/client';
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { bundleWorkflowCode, DefaultLogger, Runtime, type WorkflowBundleOption } from '@temporalio/worker';
import { searchAttributeTypes } from '../../../src/domain/search-attributes';

/**
 * Starts a Temporal dev server in memory. Without `attributes` its namespace lacks Requeue's search
 * attributes.
 * @param settings dynamic configuration, e.g. `frontend.WorkflowPauseEnabled=true`.
 */
export async function startTemporal({
  attributes = true,
  settings = [],
}: {
  readonly attributes?: boolean;
  readonly settings?: readonly string[];
} = {}): Promise<TestWorkflowEnvironment> {
  quiet();
  return TestWorkflowEnvironment.createLocal({
    server: {
      executable: { type: 'existing-path', path: required('TEMPORAL_CLI') },
      searchAttributes: Object.entries(attributes ? searchAttributeTypes : {}).map(([name, type]) =>
        type === 'Int'
          ? defineSearchAttributeKey(name, SearchAttributeType.INT)
          : defineSearchAttributeKey(name, SearchAttributeType.KEYWORD),
      ),
      log: { format: 'pretty', level: 'error' },
      extraArgs: settings.flatMap((setting) => ['--dynamic-config-value', setting]),
    },
  });
}

/** Starts Temporal's time-skipping test server, with Requeue's search attributes. */
export async function startTimeSkipping(): Promise<TestWorkflowEnvironment> {
  quiet();
  const env = await TestWorkflowEnvironment.createTimeSkipping({
    server: { executable: { type: 'existing-path', path: required('TEMPORAL_TEST_SERVER') } },
  });
  await (env.connection as Connection).operatorService.addSearchAttributes({
    namespace: 'default',
    searchAttributes: Object.fromEntries(
      Object.entries(searchAttributeTypes).map(([name, type]) => [name, type === 'Int' ? 3 : 2]),
    ),
  });
  return env;
}

/** The workflow bundle from the global set-up. */
export function workflowBundle(): { readonly codePath: string } {
  return { codePath: required('TEST_WORKFLOW_BUNDLE') };
}

/** Bundles another entry, e.g. a changed workflow that must not replay. */
export async function bundleWorkflow(workflowsPath: string): Promise<WorkflowBundleOption> {
  return bundleWorkflowCode({
    workflowsPath,
    payloadConverterPath: require.resolve('../../../src/workflows/payload-converter'),
    logger: new DefaultLogger('ERROR'),
  });
}

let installed = false;

/** Silences the SDK; call it before the first worker. */
export function quiet(): void {
  if (installed) return;
  installed = true;
  Runtime.install({
    logger: new DefaultLogger('ERROR'),
    telemetryOptions: { logging: { filter: { core: 'ERROR', other: 'ERROR' }, forward: {} } },
  });
}

function required(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: test/support/global-setup.ts must have run.`);
  return value;
}
