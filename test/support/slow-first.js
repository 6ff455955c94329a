const { default: Sequencer } = require('@jest/test-sequencer');

/** These tests wait for servers and processes. */
const slow = /[\\/]test[\\/](end-to-end|compose)[\\/]|[\\/]cli[\\/]commands[\\/]dev\.test/;

/**
 * In a fresh checkout jest has no durations yet and starts with the largest files, so the slow tests would
 * run last, alone.
 */
module.exports = class extends Sequencer {
  sort(tests) {
    const sorted = super.sort(tests);
    return [
      ...sorted.filter(({ path }) => slow.test(path)),
      ...sorted.filter(({ path }) => !slow.test(path)),
    ];
  }
};
