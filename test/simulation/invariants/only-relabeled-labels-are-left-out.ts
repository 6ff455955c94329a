import type { Invariant } from './invariant';

export const onlyRelabeledLabelsAreLeftOut: Invariant = {
  name: 'only-relabeled-labels-are-left-out',
  promise:
    'A label that is left out as already relabeled was relabeled in the same project, or the service said that it does not have it.',
  watch: (facts, fail) => ({
    atEnd() {
      const { relabeled, saidUnknown } = facts.world.labeling;
      for (const { key, project, leftOut } of facts.readReports())
        for (const { labelId = '', reason } of leftOut)
          if (
            reason === 'already-relabeled' &&
            !relabeled.has(`${project} ${labelId}`) &&
            !saidUnknown.has(labelId)
          )
            fail(`${key} leaves out label ${labelId}, which ${project} has not relabeled.`);
    },
  }),
};
