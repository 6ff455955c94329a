/**
 * Tests with real parts meet a slow machine now and then. In CI one that fails is tried once more; its first failure is printed in
 * full, and `.ci/run` names every test that passed only then. Elsewhere a failure stays a failure.
 */
if (process.env['CI']) jest.retryTimes(1, { logErrorsBeforeRetry: true });
