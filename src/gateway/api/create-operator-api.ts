import type { Client } from '@temporalio/client';
import type { Config } from '../../config/config';
import { removeDestinationPause } from '../../payloads/destination-state';
import { createLabelIndex } from '../../payloads/label-index/label-index';
import type { PayloadStore } from '../../payloads/payload-store';
import type { Logger } from '../../telemetry/logger';
import type { Links } from '../links';
import { refuse } from '../http/refusal';
import { askAgain } from '../intake/ask-again';
import { replayDelivery } from '../intake/replay-delivery';
import type { Stamp } from '../intake/stamps';
import type { Dispatcher } from '../dispatch/dispatcher';
import { decideExport } from './decide/decide-export';
import { dropDelivery } from './decide/drop-delivery';
import { findLabel } from './show/find-label';
import { listExports } from './list/list-exports';
import type { OperatorApi } from './operator-api';
import { reportFile } from './show/report-file';
import { createReportIndex } from './list/report-index';
import { showExport } from './show/show-export';
import { pauseDestination } from './decide/pause-destination';
import { resumeDestination } from './decide/resume-destination';
import { steerExport } from './decide/steer-export';
import { createWorkerWarning } from './list/worker-warning';

export interface OperatorApiDeps {
  readonly store: PayloadStore;
  readonly client: Client;
  readonly dispatcher: Pick<Dispatcher, 'dispatch' | 'settle'>;
  readonly stamps: () => Promise<Stamp>;
  readonly links: Links;
  readonly destinations: Config['destinations'];
  readonly logger: Logger;
}

/**
 * Implements the operator API with Temporal and the store. Logs every request that changes something, with
 * the operator's name.
 */
export function createOperatorApi(deps: OperatorApiDeps): OperatorApi {
  const { store, dispatcher, stamps, destinations, logger } = deps;
  const reports = createReportIndex(store);
  const labelIndex = createLabelIndex(store, logger);
  const workerWarning = createWorkerWarning(deps.client);
  const checkDestination = (destination: string): void => {
    if (!destinations.some(({ name }) => name === destination))
      throw refuse('no-such-destination', { destinations: destinations.map(({ name }) => name) });
  };
  return {
    list: (filter) => listExports({ ...deps, reports, workerWarning }, filter),
    show: (issueId) => showExport(deps, issueId),
    async decide(request) {
      const decided = await decideExport(deps, request);
      const { decision, upTo, by, through } = request;
      logger.info({ ...decided, decision, upTo, by, through }, 'Accepted a decision.');
      return decided;
    },
    async steer(request) {
      const steered = await steerExport(deps, request);
      const { issueId, action, by, through } = request;
      logger.info({ issueId, action, by, through }, 'Sent a pause, resume or cancel to an export.');
      return steered;
    },
    async pauseDestination(request) {
      const { destination, by } = request;
      checkDestination(destination);
      const paused = await pauseDestination(deps, request);
      logger.info({ destination, by }, 'Paused a destination.');
      return paused;
    },
    async resumeDestination({ destination, by, through }) {
      checkDestination(destination);
      await removeDestinationPause(store, destination); // first: an export that is resumed reads it
      const resumed = await resumeDestination(deps, { destination, by, through });
      logger.info({ destination, resumed: resumed.length, by }, 'Resumed the exports of a destination.');
      return { resumed };
    },
    report: (request) => reportFile(store, request),
    find: (labelId) => findLabel({ ...deps, labelIndex }, labelId),
    async again(request) {
      const asked = await askAgain(deps, request);
      logger.info({ ...asked, all: request.all, by: request.by }, 'Asked again for an ended export.');
      return asked;
    },
    async replay({ sha256, force, by }) {
      const replayed = await replayDelivery({ store, dispatcher, stamps, sha256, force });
      logger.info({ ...replayed, sha256, force, by }, 'Replayed a delivery.');
      return replayed;
    },
    async drop(request) {
      const dropped = await dropDelivery(store, request);
      const { sha256, by } = request;
      const { issueId, requestIds } = dropped;
      logger.info({ issueId, requestIds, sha256, by }, 'Dropped held requests.');
      return dropped;
    },
  };
}
