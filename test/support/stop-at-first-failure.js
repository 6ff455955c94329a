const { TestEnvironment } = require('jest-environment-node');

/** Stryker's id of the mutant that a test has killed. */
let killed;

/**
 * Skips the remaining tests, in this file and the following ones, once a test has killed the mutant. Jest has
 * no such option for runs that another program starts (https://github.com/jestjs/jest/issues/11766).
 */
module.exports = class StopAtFirstFailure extends TestEnvironment {
  handleTestEvent({ name, test }) {
    const mutant = process.env.__STRYKER_ACTIVE_MUTANT__;
    if (mutant === undefined) return;
    if (name === 'test_start' && mutant === killed) test.mode = 'skip';
    if (name === 'test_done' && test.errors.length > 0) killed = mutant;
  }
};
