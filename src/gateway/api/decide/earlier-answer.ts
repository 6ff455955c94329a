import type { Client } from '@temporalio/client';
import { decisionProofsFolder } from '../../../payloads/keys';
import type { PayloadStore } from '../../../payloads/payload-store';
import { exportWorkflowId } from '../../../temporal/names';
import type { DecideResult } from '../../../workflows/messages';
import { askTemporal } from '../runs/ask-temporal';
import { isSameDecision } from './decision-proof-name';

/**
 * What an earlier try of the same decision was answered, when it answered the question: whoever tries again after a 503 is told
 * what came of it, rather than that they are too late. Temporal keeps the answer under the update id.
 */
export async function earlierAnswer(
  { client, store }: { client: Client; store: PayloadStore },
  issueId: string,
  record: string,
): Promise<DecideResult | undefined> {
  const handle = client.workflow.getHandle(exportWorkflowId(issueId));
  const names = (await store.list(decisionProofsFolder(issueId))).map((name) => name.replace(/\.json$/, ''));
  for (const earlier of names.filter((name) => name !== record && isSameDecision(name, record))) {
    const told = await askTemporal(client, () =>
      handle.getUpdateHandle<DecideResult>(earlier).result(),
    ).catch(() => undefined);
    if (told?.result === 'answered') return told;
  }
  return undefined;
}
