import type { Task } from '../temporal/history';
import { decode, signalsOf } from './decode';
import type { Invariant } from './invariant';

/** How long a question of an issue has been open without a pause. */
interface Question {
  /** Epoch ms; undefined while the export is paused or no question is open. */
  since: number | undefined;
  spentMs: number;
}

/**
 * Looks at signals only: an update counts when the gateway wrote its record in time. Relaxed after a reset, which moves
 * the time of a question.
 */
export const aLateDecisionDecidesNothing: Invariant = {
  name: 'a-late-decision-decides-nothing',
  promise: 'A signal that is heard at or after the deadline of a question decides nothing.',
  watch(facts, fail) {
    const questions = new Map<string, Question>();
    const late = new Set<string>();
    return {
      onTask({ workflowId }, task) {
        const question = questions.get(workflowId) ?? { since: undefined, spentMs: 0 };
        questions.set(workflowId, question);
        const spent = question.spentMs + (question.since === undefined ? 0 : task.startedAt - question.since);
        if (question.since !== undefined && spent >= facts.world.scenario.expiresAfterMs)
          for (const name of approversIn(task)) late.add(name);
        const stages = stagesIn(task);
        if (stages.length === 0) return;
        const isSame = stages.every((stage) => stage === 'paused' || stage === 'awaiting-approval');
        question.spentMs = isSame ? spent : 0;
        question.since = stages.at(-1) === 'awaiting-approval' ? task.startedAt : undefined;
      },
      onWrite(key, bytes) {
        if (!/\/\d+\/decisions\//.test(key) || facts.world.scenario.hasResets) return;
        const { who } = JSON.parse(bytes.toString('utf8')) as { who: string };
        const by = /person-\d+/.exec(who)?.[0];
        if (by !== undefined && late.has(by)) fail(`${key} is by ${who}, who was heard after the deadline.`);
      },
    };
  },
};

function approversIn(task: Task): string[] {
  return signalsOf(task).flatMap(({ name, argument }) => {
    const by = (argument as { by?: unknown } | undefined)?.by;
    return name === 'approve' && typeof by === 'string' ? [by] : [];
  });
}

/** The values of the search attribute `ExportStage`. A newer export may ask in the task in which an older one ends. */
function stagesIn(task: Task): string[] {
  const stages: string[] = [];
  for (const { upsertWorkflowSearchAttributes } of task.commands) {
    const { searchAttributes } = upsertWorkflowSearchAttributes ?? {};
    const fields = (searchAttributes as { indexedFields?: Record<string, unknown> } | undefined)
      ?.indexedFields;
    const payload = fields?.['ExportStage'];
    if (payload) stages.push(...([decode([payload])[0]].flat() as string[]));
  }
  return stages;
}
