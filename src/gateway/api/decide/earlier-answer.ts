import type { Client } from '@temporalio/client';
import { decisionProofsFolder } from '../../../payloads/keys';
import type { PayloadStore } from '../../../payloads/payload-store';
import type { DecideResult } from '../../../workflows/messages';
import { askTemporal } from '../runs/ask-temporal';
import { isSameDecision } from './decision-proof-name';

/**
 * Finds the answer to an earlier try of the same decision. An operator who retries after a 503 gets that
 * answer instead of being refused as too late. Temporal keeps the answer under the update id.
 * @returns undefined unless an earlier try answered the question.
 */
export async function earlierAnswer(
  { client, store }: { client: Client; store: PayloadStore },
  {
    issueId,
    workflowId,
    record,
  }: { readonly issueId: string; readonly workflowId: string; readonly record: string },
): Promise<DecideResult | undefined> {
  const handle = client.workflow.getHandle(workflowId);
  const names = (await store.list(decisionProofsFolder(issueId))).map((name) => name.replace(/\.json$/, ''));
  for (const earlier of names.filter((name) => name !== record && isSameDecision(name, record))) {
    const answer = await askTemporal(client, () =>
      handle.getUpdateHandle<DecideResult>(earlier).result(),
    ).catch(() => undefined);
    if (answer?.result === 'answered') return answer;
  }
  return undefined;
}
