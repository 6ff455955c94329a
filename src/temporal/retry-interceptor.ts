import { GrpcStatus } from './grpc';
import { defaultGrpcRetryOptions, makeGrpcRetryInterceptor } from '@temporalio/client';

type Interceptor = ReturnType<typeof makeGrpcRetryInterceptor>;
type NextCall = Parameters<Interceptor>[1];
type Call = ReturnType<NextCall>;

/**
 * The SDK's own retries, but not while there is no connection: whoever calls is told at once and decides. Nor of a list with an error
 * of no kind: so Temporal answers a page that it never gave. A retry begins in a timer, where "Channel has been shut down" would end
 * the process when the connection was closed meanwhile: such a call ends as given up.
 */
export function retryInterceptor(): Interceptor {
  const usual = retryingUnless([GrpcStatus.UNAVAILABLE]);
  const ofLists = retryingUnless([GrpcStatus.UNAVAILABLE, GrpcStatus.UNKNOWN]);
  return (options, nextCall) => {
    const isList = options.method_definition.path.endsWith('/ListWorkflowExecutions');
    return (isList ? ofLists : usual)(options, endingWhenClosed(nextCall));
  };
}

function retryingUnless(statuses: readonly GrpcStatus[]): Interceptor {
  const usual = defaultGrpcRetryOptions();
  return makeGrpcRetryInterceptor({
    ...usual,
    retryableDecider: (attempt, status) =>
      !statuses.includes(status.code) && usual.retryableDecider(attempt, status),
  });
}

/** The first call throws to its caller, as ever; a later one has nobody to throw to. */
function endingWhenClosed(nextCall: NextCall): NextCall {
  let isRetry = false;
  return (options) => {
    try {
      return nextCall(options);
    } catch (error) {
      if (!isRetry) throw error;
      return endedCall(error);
    } finally {
      isRetry = true;
    }
  };
}

/** A call that ends as soon as it starts. */
function endedCall(error: unknown): Call {
  const details = error instanceof Error ? error.message : String(error);
  const nothing = () => undefined;
  return {
    start: (metadata, listener) =>
      listener?.onReceiveStatus?.({ code: GrpcStatus.CANCELLED, details, metadata }),
    ...{
      sendMessage: nothing,
      sendMessageWithContext: nothing,
      startRead: nothing,
      halfClose: nothing,
      cancelWithStatus: nothing,
    },
    getPeer: () => '',
    getAuthContext: () => null,
  };
}
