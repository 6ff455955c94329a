import type { Config } from '../config/config';
import type { LabelingService } from '../labeling/labeling-service';
import { Semaphore } from '../collections/semaphore';
import type { PayloadStore } from '../payloads/payload-store';
import type { LabelingActivities, MainActivities } from './contracts';
import { createCheckDecision } from './decide/check-decision';
import { createKeepDecision } from './decide/keep-decision';
import { createRecordFailedNotice } from './notify/record-failed-notice';
import { createNotify } from './notify/notify';
import { PlanLabels } from './send/plan-labels';
import { createPrepareExport } from './plan/prepare-export';
import { createRelabelChunk } from './send/relabel-chunk';
import { RetryAfterGate } from './send/retry-after-gate';
import { createWriteReport } from './report/write-report';

export type { LabelingActivities, MainActivities } from './contracts';

export interface ActivitiesDeps {
  readonly config: Pick<Config, 'routes' | 'destinations' | 'notices'> & {
    readonly gateway: Pick<Config['gateway'], 'publicUrl'>;
    readonly temporal: Pick<Config['temporal'], 'uiUrl'>;
  };
  readonly store: PayloadStore;
  /** By destination name. */
  readonly services: ReadonlyMap<string, LabelingService>;
}

export interface Activities {
  /** For the task queue `requeue`. */
  readonly main: MainActivities;
  /** For the task queue of one destination. */
  labeling(destination: string): LabelingActivities;
}

/** Plans and reports read whole exports: disk and CPU, not waiting. */
const exportsAtOnce = 8;

/** All activities, with what they use. */
export function createActivities({ config, store, services }: ActivitiesDeps): Activities {
  const plans = new PlanLabels(store);
  const turns = new Semaphore(exportsAtOnce);
  const gates = new Map([...services.keys()].map((destination) => [destination, new RetryAfterGate()]));
  return {
    main: {
      prepareExport: createPrepareExport({ config, store, semaphore: turns }),
      writeReport: createWriteReport({ store, turns }),
      notify: createNotify({
        store,
        notices: config.notices,
        publicUrl: config.gateway.publicUrl,
        temporalUiUrl: config.temporal.uiUrl,
      }),
      noteNotice: createRecordFailedNotice({ store }),
      checkDecision: createCheckDecision({ store }),
      keepDecision: createKeepDecision({ store }),
    },
    labeling: (destination) => {
      const service = services.get(destination);
      const gate = gates.get(destination);
      const timeoutMs = config.destinations.find(({ name }) => name === destination)?.timeoutMs;
      if (!service || !gate || timeoutMs === undefined)
        throw new Error(`There is no labeling service for the destination ${destination}.`);
      return { relabelChunk: createRelabelChunk({ store, service, timeoutMs, plans, gate }) };
    },
  };
}
