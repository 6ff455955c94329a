import type { EnteredRequest, Facts } from '../facts';
import { signalsOf } from './decode';
import type { Invariant } from './invariant';

/**
 * Relaxed as docs/decisions/025-a-receipt-in-the-future-is-clamped.md has it: a request of a gateway whose clock is behind
 * looks older, and one whose clock is ahead counts as received when it is first heard. If a later run hears it again when
 * its time has passed, nothing tells that the clock was ahead. Relaxed after a reset, too.
 */
export const theNewestRequestWins: Invariant = {
  name: 'the-newest-request-wins',
  promise: 'The newest request of an issue and project is never superseded by an older one.',
  watch(facts, fail) {
    const heard: string[] = [];
    const believed = new Set<string>();
    return {
      onTask(_run, task) {
        for (const { name, argument } of signalsOf(task)) {
          const { requestId } = (argument ?? {}) as { requestId?: string };
          if (name !== 'exportRequested' || requestId === undefined) continue;
          if (!heard.includes(requestId)) heard.push(requestId);
          const { at, skewMs } = facts.requests.get(requestId) ?? { at: 0, skewMs: 0 };
          if (task.startedAt >= at + skewMs) believed.add(requestId);
        }
      },
      atEnd() {
        const { hasResets } = facts.world.scenario;
        if (hasResets) return;
        const superseded = facts.readReports().filter(({ outcome }) => outcome === 'superseded');
        for (const { key, requests, issueId, reason = '' } of superseded)
          for (const requestId of requests) {
            const request = facts.requests.get(requestId);
            if (!request || facts.isDamaged(facts.folderOfIssue(issueId))) continue;
            if (Math.abs(request.skewMs) > clickMs) continue;
            const winners = others(facts, request).filter(({ revision }) => reason.includes(revision));
            const isOlder = (other: EnteredRequest) => other.at + clickMs < request.at;
            const isKnownToBeOlder = ({ requestId: id, skewMs }: EnteredRequest) =>
              skewMs <= clickMs || (!believed.has(id) && heard.indexOf(id) < heard.indexOf(requestId));
            if (winners.length > 0 && winners.every((other) => isOlder(other) && isKnownToBeOlder(other)))
              fail(`${key} has request ${requestId}, which an older one superseded: ${reason}`);
          }
      },
    };
  },
};

/** In ms. Between the stamp of a request and its entry; requests this close to each other have no order. */
const clickMs = 3000;

function others({ requests }: Facts, request: EnteredRequest): EnteredRequest[] {
  return [...requests.values()].filter(
    ({ requestId, issueId, project }) =>
      issueId === request.issueId && project === request.project && requestId !== request.requestId,
  );
}
