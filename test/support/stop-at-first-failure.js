const { TestEnvironment } = require('jest-environment-node');

/** The mutant that a test has noticed, as Stryker names the one that is switched on. */
let noticed;

/**
 * Skips the tests that are left, in this file and in those after it, once one has noticed the mutant: one is enough, and Jest
 * itself has no such thing for runs that a program begins (https://github.com/jestjs/jest/issues/11766).
 */
module.exports = class StopAtFirstFailure extends TestEnvironment {
  handleTestEvent({ name, test }) {
    const mutant = process.env.__STRYKER_ACTIVE_MUTANT__;
    if (mutant === undefined) return;
    if (name === 'test_start' && mutant === noticed) test.mode = 'skip';
    if (name === 'test_done' && test.errors.length > 0) noticed = mutant;
  }
};
