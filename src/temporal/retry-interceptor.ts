import { defaultGrpcRetryOptions, makeGrpcRetryInterceptor } from '@temporalio/client';

type Interceptor = ReturnType<typeof makeGrpcRetryInterceptor>;
type NextCall = Parameters<Interceptor>[1];
type Call = ReturnType<NextCall>;

/** gRPC's code for a call that was given up. */
const cancelled = 1;
/** gRPC's code for a server that is not there. */
const unavailable = 14;

/**
 * The SDK's own retries, but not while there is no connection: whoever calls is told at once and decides. A retry begins in a timer,
 * where "Channel has been shut down" would end the process when the connection was closed meanwhile: such a call ends as given up.
 */
export function retryInterceptor(): Interceptor {
  const usual = defaultGrpcRetryOptions();
  const retrying = makeGrpcRetryInterceptor({
    ...usual,
    retryableDecider: (attempt, status) => status.code !== unavailable && usual.retryableDecider(attempt, status),
  });
  return (options, nextCall) => retrying(options, endingWhenClosed(nextCall));
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
    start: (metadata, listener) => listener?.onReceiveStatus?.({ code: cancelled, details, metadata }),
    ...{ sendMessage: nothing, sendMessageWithContext: nothing, startRead: nothing, halfClose: nothing, cancelWithStatus: nothing },
    ...{ getPeer: () => '', getAuthContext: () => null },
  };
}
