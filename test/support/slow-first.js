const { default: Sequencer } = require('@jest/test-sequencer');

/** These wait for servers and processes. */
const slow = /[\\/]test[\\/](end-to-end|compose)[\\/]|[\\/]cli[\\/]dev\.test/;

/** A fresh checkout knows of no test how long it takes, and would begin with the longest files: the slow tests would run at the end, alone. */
module.exports = class extends Sequencer {
  sort(tests) {
    const usual = super.sort(tests);
    return [...usual.filter(({ path }) => slow.test(path)), ...usual.filter(({ path }) => !slow.test(path))];
  }
};
