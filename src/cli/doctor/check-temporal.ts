import type { TemporalClient } from '../../gateway/start-gateway';
import { askTemporal, TemporalFault } from './ask-temporal';
import type { Finding } from './finding';
import type { Subject } from './subject';

/** Checks that the server answers and has the namespace, and reports its version. */
export async function checkTemporal(subject: Subject): Promise<Finding[]> {
  let temporal: TemporalClient;
  try {
    temporal = subject.temporal();
  } catch (error) {
    return [wrong((error as Error).message, 'correct the TEMPORAL_* variables or the profile file')];
  }
  const { namespace, connection } = temporal;
  const { address } = connection.options;
  try {
    const { serverVersion } = await askTemporal(temporal, (api) => api.workflowService.getSystemInfo({}));
    await askTemporal(temporal, (api) => api.workflowService.describeNamespace({ namespace }));
    return [
      {
        part: 'Temporal',
        state: 'well',
        says: `Server ${serverVersion} answers at ${address}, namespace ${namespace}.`,
      },
    ];
  } catch (error) {
    return [faultFinding(error as TemporalFault, address, namespace, subject.mode)];
  }
}

function faultFinding(
  { kind, message }: TemporalFault,
  address: string,
  namespace: string,
  mode: Subject['mode'],
): Finding {
  switch (kind) {
    case 'unreachable':
      return wrong(
        `No Temporal server answers at ${address} (${message}); accepted deliveries wait in the store.`,
        mode === 'dev'
          ? 'start it with npm run dev, or set TEMPORAL_PORT to its port'
          : 'start it, or correct TEMPORAL_ADDRESS and TEMPORAL_TLS*',
      );
    case 'not-found':
      return wrong(
        `The Temporal server at ${address} has no namespace ${namespace}.`,
        `set TEMPORAL_NAMESPACE, or create it: temporal operator namespace create --namespace ${namespace} --address ${address}`,
      );
    case 'refused':
      return wrong(
        `The Temporal server at ${address} refuses the call: ${message}.`,
        'correct TEMPORAL_API_KEY, TEMPORAL_TLS* and TEMPORAL_NAMESPACE',
      );
  }
}

function wrong(says: string, todo: string): Finding {
  return { part: 'Temporal', state: 'wrong', says, todo };
}
