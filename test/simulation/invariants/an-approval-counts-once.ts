import { folderOf } from '../facts';
import type { Invariant } from './invariant';

/** Relaxed after a reset: Temporal gives the signals after it to the run again. */
export const anApprovalCountsOnce: Invariant = {
  name: 'an-approval-counts-once',
  promise:
    'An applied approval was sent by the person whom it names, about this revision, and answers one attempt.',
  watch(facts, fail) {
    const usedFor = new Map<string, string>();
    return {
      onWrite(key, bytes) {
        if (!/^exports\/[^/]+\/[0-9a-f]{12}\/\d+\/decisions\//.test(key)) return;
        const { who, kind, upTo } = JSON.parse(bytes.toString('utf8')) as {
          who: string;
          kind?: string;
          upTo: number;
        };
        if (kind === 'reject') return;
        const by = /person-\d+/.exec(who)?.[0];
        const attempt = folderOf(key.replace(/decisions\/[^/]*$/, ''));
        const approval = facts.approvals.find((sent) => sent.by === by);
        if (by === undefined) return; // a bare yes has no name
        if (!approval || !attempt.startsWith(facts.folderOfIssue(approval.issueId)))
          return fail(`${key} is an approval of ${who}, who sent none for this issue.`);
        if (approval.revision !== undefined && !attempt.includes(`/${approval.revision}/`))
          fail(`${key} is an approval of ${who}, who approved revision ${approval.revision}.`);
        if (upTo > approval.upTo)
          fail(`${key} approves ${upTo} labels, and ${who} approved ${approval.upTo}.`);
        const earlier = usedFor.get(by) ?? attempt;
        usedFor.set(by, earlier);
        if (earlier !== attempt && !facts.world.scenario.hasResets)
          fail(`${key} is an approval of ${who} that already counted in ${earlier}.`);
      },
    };
  },
};
