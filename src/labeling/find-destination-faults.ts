import type { Destination } from '../config/config';
import { findMutationFaults } from './labelbox/labelbox-mutation';

/**
 * Returns a sentence for each fault that only the destination's adapter can find in its configuration. Makes
 * no call. A new adapter adds a case here.
 */
export function findDestinationFaults({ name, adapter, mutation }: Destination): string[] {
  switch (adapter) {
    case 'labelbox':
      return mutation === undefined
        ? []
        : findMutationFaults(mutation).map((fault) => `REQUEUE_CONFIG: destination ${name}: ${fault}`);
  }
}
