import { GrpcStatus } from './grpc';
import { defaultGrpcRetryOptions, makeGrpcRetryInterceptor } from '@temporalio/client';

type Interceptor = ReturnType<typeof makeGrpcRetryInterceptor>;
type NextCall = Parameters<Interceptor>[1];
type Call = ReturnType<NextCall>;

/**
 * The SDK's own retries, with three exceptions:
 * - without a connection a call is not retried, so that its caller learns at once and decides;
 * - a list call with the status UNKNOWN is not retried, because Temporal answers UNKNOWN for a page token that
 *   it never issued;
 * - a retry starts in a timer, where an error of a closed connection ("Channel has been shut down") would end
 *   the process. Such a call ends as cancelled.
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

/** The first attempt throws to its caller. A retry has no caller that could catch. */
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

/** A call that ends with CANCELLED as soon as it starts. */
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
