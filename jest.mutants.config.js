/**
 * The tests for `npm run mutants`: those of the pure modules, without the programs and the bundle that other
 * tests need. `MUTANTS_TESTS=domain` runs the tests of one folder only, and
 * `MUTANTS_TESTS=export-body/capture` those of one file, which is much faster.
 * @type {import('jest').Config}
 */
module.exports = {
  ...require('./jest.config.js'),
  testMatch: [
    `<rootDir>/test/${process.env.MUTANTS_TESTS ?? '{domain,text,collections,decisions,export-body}'}{,/**/*}.test.ts`,
    '<rootDir>/test/activities/failures.test.ts',
  ],
  testPathIgnorePatterns: ['giant-bodies'], // they run the build, not the mutated source
  globalSetup: undefined,
  testEnvironment: require.resolve('./test/support/stop-at-first-failure.js'),
};
