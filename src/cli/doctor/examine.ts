import { formatDuration } from '../../text/duration';
import { ConfigError } from '../../config/config';
import { TemporalFault } from './ask-temporal';
import { checkDamagedFiles } from './check-damaged-files';
import { checkDestinations } from './check-destinations';
import { checkGateway } from './check-gateway';
import { checkGatewayClock } from './check-gateway-clock';
import { checkInbox } from './check-inbox';
import { checkPausedRuns } from './check-paused-runs';
import { checkSearchAttributes } from './check-search-attributes';
import { checkSecrets } from './check-secrets';
import { checkStore } from './check-store';
import { checkStrayNames } from './check-stray-names';
import { checkTaskQueues } from './check-task-queues';
import { checkTemporal } from './check-temporal';
import type { Finding } from './finding';
import { type Subject, findSubject } from './subject';

/** Time limit for each check, in ms. A healthy check needs less; a hanging file system would block it. */
const checkMs = 5000;

/** In display order: a component comes before the components that depend on it. */
const checks: readonly (readonly [
  part: string,
  check: (subject: Subject) => Finding[] | Promise<Finding[]>,
])[] = [
  ['store', checkStore],
  ['Temporal', checkTemporal],
  ['search attributes', checkSearchAttributes],
  ['task queues', checkTaskQueues],
  ['pauses in Temporal', checkPausedRuns],
  ['destinations', checkDestinations],
  ['secrets', checkSecrets],
  ['gateway', checkGateway],
  ['gateway clock', checkGatewayClock],
  ['inbox', checkInbox],
  ['stray names', checkStrayNames],
  ['damaged files', checkDamagedFiles],
];

export interface Examination {
  /** Absent when the configuration has errors, because then nothing can be checked. */
  readonly subject?: Subject;
  readonly findings: readonly Finding[];
}

/** Runs all checks in parallel, each with a time limit. Never throws. */
export async function examine(env: NodeJS.ProcessEnv): Promise<Examination> {
  let subject: Subject;
  try {
    subject = await findSubject(env);
  } catch (error) {
    const faults = error instanceof ConfigError ? error.errors : [errorSentence(error)];
    return {
      findings: faults.map((says) => ({
        part: 'configuration',
        state: 'wrong',
        says,
        todo: 'correct it, then run doctor again: no other check ran',
      })),
    };
  }
  const found = await Promise.all(
    checks.map(([part, check]) => runWithTimeLimit(part, async () => check(subject))),
  );
  return { subject, findings: found.flat() };
}

async function runWithTimeLimit(part: string, check: () => Promise<Finding[]>): Promise<Finding[]> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<Finding[]>((resolve) => {
    timer = setTimeout(
      () =>
        resolve([unchecked(part, `The check did not finish within ${formatDuration(checkMs, 'seconds')}.`)]),
      checkMs,
    );
  });
  try {
    return await Promise.race([check(), timeout]);
  } catch (error) {
    return [unchecked(part, `The check could not run: ${errorSentence(error)}`)];
  } finally {
    clearTimeout(timer);
  }
}

function unchecked(part: string, says: string): Finding {
  return { part, state: 'unchecked', says };
}

function errorSentence(error: unknown): string {
  if (error instanceof TemporalFault) {
    return error.kind === 'unreachable'
      ? 'Temporal does not answer.'
      : `Temporal refuses the call (${error.message}).`;
  }
  return error instanceof Error ? error.message : String(error);
}
