import type { IncomingMessage } from 'node:http';
import { nameBytes } from '../../domain/limits';
import { cutToBytes } from '../../text/cut';
import type { Envelope } from '../../export-body/envelope';
import type { PayloadStore } from '../../payloads/payload-store';
import type { Logger } from '../../telemetry/logger';
import { exportWorkflowId } from '../../temporal/names';
import type { ExportRequest } from '../../domain/request';
import { checkContent } from './check-content';
import { duplicateOf } from './duplicate-of';
import { storeDelivery } from './store-delivery';
import type { Links } from '../links';
import { bodyChunks } from '../http/body-chunks';
import { refuse } from '../http/refusal';
import type { Stamp } from './stamps';
import { SlowUploads } from '../http/slow-uploads';
import type { Dispatcher } from '../dispatch/dispatcher';
import type { UploadRate } from '../http/upload-rate';
import { createSecretCheck } from './webhook-secret';

export interface WebhookDeps {
  readonly secrets: readonly string[];
  readonly maxBodyBytes: number;
  readonly uploadRate: UploadRate;
  readonly store: PayloadStore;
  readonly dispatcher: Pick<Dispatcher, 'dispatch'>;
  readonly stamps: () => Promise<Stamp>;
  readonly links: Links;
  readonly logger: Logger;
}

export interface WebhookAnswer {
  readonly status: 200 | 202;
  readonly body: Readonly<Record<string, unknown>> & { readonly status: 'accepted' | 'test' | 'ignored' };
  /** Size of the delivery. */
  readonly bytes: number;
}

/**
 * Aquarium's other events. Requeue ignores them with a 202, because Aquarium would show a refusal as a
 * failure.
 */
const ignoredEvents: ReadonlySet<string> = new Set([
  'dataset-complete',
  'dataset-failed',
  'issues-created',
  'issue-update',
]);

/**
 * Creates the handler of `POST /webhook`: it verifies the headers, stores and parses the body, then answers.
 * It throws errors that `toRefusal` maps to refusals.
 */
export function createWebhook(
  deps: WebhookDeps,
): (incoming: IncomingMessage, beforeBody: () => void) => Promise<WebhookAnswer> {
  const checkSecret = createSecretCheck(deps.secrets);
  const limits = { maxBytes: deps.maxBodyBytes, rate: deps.uploadRate, slowUploads: new SlowUploads() };
  return async (incoming, beforeBody) => {
    checkSecret(incoming);
    // stamped on arrival: the export that was sent later is the newer one, however long its upload takes
    const stamp = await deps.stamps();
    checkContent(incoming, deps.maxBodyBytes);
    beforeBody();
    const body = bodyChunks(incoming, limits);
    const { envelope, bytes, request } = await storeDelivery(body, { store: deps.store, stamp });
    return request
      ? await accept(deps, request, envelope.elements, bytes)
      : answerWithoutExport(deps.logger, envelope, bytes);
  };
}

async function accept(
  deps: WebhookDeps,
  request: ExportRequest,
  elements: number,
  bytes: number,
): Promise<WebhookAnswer> {
  const { requestId, issueId, project, revision } = request;
  const workflowId = exportWorkflowId(issueId);
  const repeated = await duplicateOf(deps.store, request);
  deps.logger.info(
    { requestId, issueId, project, revision, elements, bytes, ...repeated },
    'Accepted a delivery.',
  );
  deps.dispatcher.dispatch(request);
  const links = { self: deps.links.self(issueId), temporal: deps.links.temporal(workflowId) };
  return {
    status: 202,
    body: { status: 'accepted', issueId, revision, requestId, workflowId, elements, ...repeated, links },
    bytes,
  };
}

function answerWithoutExport(logger: Logger, envelope: Envelope, bytes: number): WebhookAnswer {
  const { event } = envelope;
  const project = envelope.project === undefined ? undefined : cutToBytes(envelope.project, nameBytes);
  if (event === 'issue-exported') {
    logger.info({ event, project, bytes }, 'Answered a test delivery.');
    return {
      status: 200,
      body: {
        status: 'test',
        message: 'Requeue received this issue-exported event. It has no elements, so nothing was started.',
      },
      bytes,
    };
  }
  if (!ignoredEvents.has(event)) throw refuse('unknown-event', { event });
  logger.info({ event, project, bytes }, 'Ignored a delivery.');
  return {
    status: 202,
    body: {
      status: 'ignored',
      message: `Requeue received this ${event} event. It acts only on issue-exported, so nothing was started.`,
    },
    bytes,
  };
}
