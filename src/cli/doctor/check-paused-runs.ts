import type { Connection } from '@temporalio/client';
import type { TemporalClient } from '../../gateway/start-gateway';
import { workflowType } from '../../temporal/names';
import { openRuns } from '../../temporal/open-run';
import { unpauseActivityCommand, unpauseRunCommand } from '../../temporal/unpause-commands';
import { pluralize } from '../../text/pluralize';
import { askTemporal, TemporalFault } from './ask-temporal';
import type { Finding } from './finding';
import type { Subject } from './subject';
import { temporalFlags } from './temporal-flags';

const part = 'pauses in Temporal';
/** Runs described. Each is one call, and the check has 5 s. */
const maxRuns = 20;
/** Temporal's number of the status. */
const pausedStatus = 8;

/**
 * Lists the runs and activities that a person paused in Temporal itself, with the commands that unpause them.
 * Empty on a server that cannot pause.
 */
export async function checkPausedRuns(subject: Subject): Promise<Finding[]> {
  const temporal = subject.temporal();
  const { namespace } = temporal;
  const query = `WorkflowType = '${workflowType}' AND ${openRuns} AND TemporalPauseInfo IS NOT NULL`;
  const list = (api: Connection) =>
    api.workflowService.listWorkflowExecutions({ namespace, query, pageSize: maxRuns + 1 });
  const { executions } = await askTemporal(temporal, list).catch((error: unknown) => {
    const isOldServer = error instanceof TemporalFault && error.message.includes('TemporalPauseInfo');
    if (isOldServer) return { executions: [] };
    throw error;
  });
  const ids = executions.flatMap(({ execution }) => execution?.workflowId ?? []);
  const described = await Promise.all(ids.slice(0, maxRuns).map((id) => runFindings(temporal, id)));
  const findings = described.flat();
  if (ids.length <= maxRuns) return findings;
  const says = `More than ${pluralize(maxRuns, 'run')} have a pause; only the first ${maxRuns} are listed.`;
  return [...findings, { part, state: 'note', says, todo: `temporal workflow list --query "${query}"` }];
}

async function runFindings(temporal: TemporalClient, workflowId: string): Promise<Finding[]> {
  const { namespace } = temporal;
  const { workflowExecutionInfo, workflowExtendedInfo, pendingActivities } = await askTemporal(
    temporal,
    (api) => api.workflowService.describeWorkflowExecution({ namespace, execution: { workflowId } }),
  );
  const flags = temporalFlags(temporal);
  const about = { workflowId };
  const run: Finding = {
    part,
    state: 'wrong',
    says: `Temporal itself paused the run of ${workflowId}${senderOf(workflowExtendedInfo?.pauseInfo)}; it does nothing.`,
    todo: unpauseRunCommand(workflowId, flags),
    about,
  };
  const activities = (pendingActivities ?? []).filter(({ paused }) => paused === true);
  return [
    ...(workflowExecutionInfo?.status === pausedStatus ? [run] : []),
    ...activities.map(({ activityId, activityType, pauseInfo }): Finding => ({
      part,
      state: 'wrong',
      says: `The activity ${activityType?.name} of ${workflowId} is paused${senderOf(pauseInfo?.manual)}.`,
      todo: unpauseActivityCommand(workflowId, activityId ?? '', flags),
      about: { ...about, activityId: activityId ?? '' },
    })),
  ];
}

interface Sender {
  readonly identity?: string | null;
  readonly reason?: string | null;
}

function senderOf(sender: Sender | null | undefined): string {
  const { identity, reason } = sender ?? {};
  return `${identity ? ` by ${identity}` : ''}${reason ? ` (“${reason}”)` : ''}`;
}
