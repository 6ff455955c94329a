import type { GatewayMetrics } from '../../telemetry/metrics';
import { UploadAborted } from '../http/body-chunks';
import { toRefusal } from '../http/refusal';
import type { WebhookAnswer } from './webhook';

/** Counts a delivery by what became of it. */
export async function countDelivery(
  metrics: GatewayMetrics,
  answering: Promise<WebhookAnswer>,
): Promise<WebhookAnswer> {
  try {
    const answer = await answering;
    metrics.countDelivery(answer.body.status, answer.bytes);
    return answer;
  } catch (error) {
    metrics.countDelivery(error instanceof UploadAborted ? 'aborted' : toRefusal(error).code, 0);
    throw error;
  }
}
