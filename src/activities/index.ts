import type { Config } from '../config/config';
import type { LabelingService } from '../labeling/labeling-service';
import { Semaphore } from '../collections/semaphore';
import type { PayloadStore } from '../payloads/payload-store';
import type { LabelingActivities, MainActivities } from './contracts';
import { createCheckDecision } from './decide/check-decision';
import { createKeepDecision } from './decide/keep-decision';
import { createRecordFailedNotice } from './notify/record-failed-notice';
import { createNotify } from './notify/notify';
import { createAwaitDestination } from './send/await-destination';
import { PlanLabels } from './send/plan-labels';
import { createPrepareExport } from './plan/prepare-export';
import { createRelabelChunk } from './send/relabel-chunk';
import { RetryAfterGate } from './send/retry-after-gate';
import { createWriteReport } from './report/write-report';

export interface ActivitiesDeps {
  readonly config: Pick<Config, 'routes' | 'destinations' | 'notices'> & {
    readonly gateway: Pick<Config['gateway'], 'publicUrl'>;
    readonly temporal: Pick<Config['temporal'], 'uiUrl'>;
  };
  readonly store: PayloadStore;
  /** Key: destination name. */
  readonly services: ReadonlyMap<string, LabelingService>;
}

export interface Activities {
  /** For the task queue `requeue`. */
  readonly main: MainActivities;
  /** For the task queue of a destination. @throws {Error} when it has no labeling service. */
  labeling(destination: string): LabelingActivities;
}

/** Maximum plans and reports made concurrently. Each reads an entire export, which costs disk and CPU. */
const maxConcurrentReads = 8;

export function createActivities({ config, store, services }: ActivitiesDeps): Activities {
  const plans = new PlanLabels(store);
  const semaphore = new Semaphore(maxConcurrentReads);
  const gates = new Map([...services.keys()].map((destination) => [destination, new RetryAfterGate()]));
  return {
    main: {
      prepareExport: createPrepareExport({ config, store, semaphore }),
      writeReport: createWriteReport({ store, semaphore }),
      notify: createNotify({
        store,
        notices: config.notices,
        publicUrl: config.gateway.publicUrl,
        temporalUiUrl: config.temporal.uiUrl,
      }),
      noteNotice: createRecordFailedNotice({ store }),
      checkDecision: createCheckDecision({ store }),
      keepDecision: createKeepDecision({ store }),
      awaitDestination: createAwaitDestination({ store }),
    },
    labeling: (destination) => {
      const service = services.get(destination);
      const gate = gates.get(destination);
      const timeoutMs = config.destinations.find(({ name }) => name === destination)?.timeoutMs;
      if (!service || !gate || timeoutMs === undefined)
        throw new Error(`The destination ${destination} has no labeling service.`);
      return { relabelChunk: createRelabelChunk({ store, destination, service, timeoutMs, plans, gate }) };
    },
  };
}
