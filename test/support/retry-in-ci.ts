/**
 * Tests with real servers sometimes fail on a slow machine. In CI, a failed test is retried once. Its first
 * failure is printed in full, and `.ci/run` names every test that passed only after a retry. Elsewhere
 * nothing is retried.
 */
if (process.env['CI']) jest.retryTimes(1, { logErrorsBeforeRetry: true });
