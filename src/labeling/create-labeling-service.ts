import { defined } from '../collections/defined';
import type { Destination } from '../config/config';
import { createLabelbox } from './labelbox/labelbox';
import type { LabelingService } from './labeling-service';

/** Creates the adapter for a configured destination. A new adapter adds a case here. */
export function createLabelingService(destination: Destination): LabelingService {
  switch (destination.adapter) {
    case 'labelbox':
      return createLabelbox({
        address: destination.address,
        key: destination.key,
        timeoutMs: destination.timeoutMs,
        connections: destination.inFlight,
        ...defined({ mutation: destination.mutation }),
      });
  }
}
