/**
 * The tests that `npm run mutants` asks: those of the pure modules, without the programs and the bundle that the others need.
 * `MUTANTS_TESTS=domain` asks those of one folder alone, `MUTANTS_TESTS=export-body/capture` those of one file: much faster.
 * @type {import('jest').Config}
 */
module.exports = {
  ...require('./jest.config.js'),
  testMatch: [
    `<rootDir>/test/${process.env.MUTANTS_TESTS ?? '{domain,export-body}'}{,/**/*}.test.ts`,
    '<rootDir>/test/activities/failures.test.ts',
  ],
  testPathIgnorePatterns: ['giant-bodies'], // they read what was built, not what is mutated
  globalSetup: undefined,
  testEnvironment: require.resolve('./test/support/stop-at-first-failure.js'),
};
