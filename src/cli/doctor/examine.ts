import { ConfigError } from '../../config/config';
import { TemporalFault } from './ask-temporal';
import { checkDestinations } from './check-destinations';
import { checkGateway } from './check-gateway';
import { checkInbox } from './check-inbox';
import { checkSearchAttributes } from './check-search-attributes';
import { checkSecrets } from './check-secrets';
import { checkStore } from './check-store';
import { checkTaskQueues } from './check-task-queues';
import { checkTemporal } from './check-temporal';
import type { Finding } from './finding';
import { type Subject, findSubject } from './subject';

/** No check needs longer; a file system that hangs is given up after this. */
const checkMs = 5000;

/** In the order in which they are shown: what others depend on comes first. */
const checks: readonly (readonly [
  part: string,
  check: (subject: Subject) => Finding[] | Promise<Finding[]>,
])[] = [
  ['store', checkStore],
  ['Temporal', checkTemporal],
  ['search attributes', checkSearchAttributes],
  ['task queues', checkTaskQueues],
  ['destinations', checkDestinations],
  ['secrets', checkSecrets],
  ['gateway', checkGateway],
  ['inbox', checkInbox],
];

export interface Examination {
  /** Absent when the configuration itself has faults: then nothing else can be looked at. */
  readonly subject?: Subject;
  readonly findings: readonly Finding[];
}

/** Looks at every part, side by side; takes a few seconds at most, whatever hangs. Never throws. */
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
        todo: 'correct it; nothing else was looked at',
      })),
    };
  }
  const found = await Promise.all(checks.map(([part, check]) => bounded(part, async () => check(subject))));
  return { subject, findings: found.flat() };
}

async function bounded(part: string, check: () => Promise<Finding[]>): Promise<Finding[]> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Finding[]>((resolve) => {
    timer = setTimeout(
      () => resolve([unchecked(part, `It could not be looked at within ${checkMs / 1000} s.`)]),
      checkMs,
    );
  });
  try {
    return await Promise.race([check(), late]);
  } catch (error) {
    return [unchecked(part, `It could not be looked at: ${errorSentence(error)}`)];
  } finally {
    clearTimeout(timer);
  }
}

function unchecked(part: string, says: string): Finding {
  return { part, state: 'unchecked', says };
}

function errorSentence(error: unknown): string {
  if (error instanceof TemporalFault) {
    return error.kind === 'away' ? 'Temporal does not answer.' : `Temporal refuses it (${error.message}).`;
  }
  return error instanceof Error ? error.message : String(error);
}
