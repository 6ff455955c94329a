import type { GatewayMetrics } from '../../telemetry/metrics';
import { UploadAborted } from '../http/body-chunks';
import { toRefusal } from '../http/refusal';
import type { WebhookAnswer } from './webhook';

/** Counts a delivery by its result: the answer's status, the refusal's name, or `aborted`. */
export async function countDelivery(
  metrics: GatewayMetrics,
  pendingAnswer: Promise<WebhookAnswer>,
): Promise<WebhookAnswer> {
  try {
    const answer = await pendingAnswer;
    metrics.countDelivery(answer.body.status, answer.bytes);
    return answer;
  } catch (error) {
    metrics.countDelivery(error instanceof UploadAborted ? 'aborted' : toRefusal(error).code, 0);
    throw error;
  }
}
