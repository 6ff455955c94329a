import { GrpcStatus } from './grpc';
import { defaultGrpcRetryOptions, makeGrpcRetryInterceptor } from '@temporalio/client';

type Interceptor = ReturnType<typeof makeGrpcRetryInterceptor>;
type NextCall = Parameters<Interceptor>[1];
type Call = ReturnType<NextCall>;

/**
 * The SDK's own retries, with three changes:
 * - UNAVAILABLE is not retried: without a connection, the call fails immediately, and its caller decides what
 *   to do.
 * - UNKNOWN is not retried for list calls, because Temporal answers UNKNOWN to a page token that it never
 *   issued.
 * - A retry on a closed connection ends as cancelled. The SDK starts retries in a timer, where the error
 *   "Channel has been shut down" would crash the process.
 */
export function retryInterceptor(): Interceptor {
  const forMostCalls = retryExcept([GrpcStatus.UNAVAILABLE]);
  const forLists = retryExcept([GrpcStatus.UNAVAILABLE, GrpcStatus.UNKNOWN]);
  return (options, nextCall) => {
    const isList = options.method_definition.path.endsWith('/ListWorkflowExecutions');
    return (isList ? forLists : forMostCalls)(options, cancelRetryWhenClosed(nextCall));
  };
}

function retryExcept(statuses: readonly GrpcStatus[]): Interceptor {
  const defaults = defaultGrpcRetryOptions();
  return makeGrpcRetryInterceptor({
    ...defaults,
    retryableDecider: (attempt, status) =>
      !statuses.includes(status.code) && defaults.retryableDecider(attempt, status),
  });
}

/** An error in the first attempt reaches its caller. A retry has no caller that could catch the error. */
function cancelRetryWhenClosed(nextCall: NextCall): NextCall {
  let isRetry = false;
  return (options) => {
    try {
      return nextCall(options);
    } catch (error) {
      if (!isRetry) throw error;
      return cancelledCall(error);
    } finally {
      isRetry = true;
    }
  };
}

/** @returns a call that ends with CANCELLED as soon as it starts. */
function cancelledCall(error: unknown): Call {
  const details = error instanceof Error ? error.message : String(error);
  const noop = () => undefined;
  return {
    start: (metadata, listener) =>
      listener?.onReceiveStatus?.({ code: GrpcStatus.CANCELLED, details, metadata }),
    sendMessage: noop,
    sendMessageWithContext: noop,
    startRead: noop,
    halfClose: noop,
    cancelWithStatus: noop,
    getPeer: () => '',
    getAuthContext: () => null,
  };
}
