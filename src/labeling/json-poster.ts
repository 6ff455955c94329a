import { Agent, type Dispatcher, request } from 'undici';
import { clock } from '../clock/clock';

/**
 * Maximum bytes of a reply. A count and a list of errors are small. A longer reply is not from a GraphQL
 * service, and must not fill the memory.
 */
const maxReplyBytes = 1024 * 1024;

/**
 * Time-out of connecting, in ms: longer than a handshake across the world, shorter than the default time-out
 * of a call. No byte of the request is sent while connecting.
 */
const connectTimeoutMs = 10_000;

/**
 * Time until an idle socket is closed, in ms. Node servers close an idle socket after 5 s. Closing it earlier
 * keeps a call from being sent on a socket that the server is closing.
 */
const keepAliveMs = 4_000;

export interface JsonPosterOptions {
  readonly address: string;
  readonly key: string;
  /** In ms, from the call to the last byte of its reply, including the wait for a socket. */
  readonly timeoutMs: number;
  /** Maximum sockets to the address. Further calls wait for one. */
  readonly connections: number;
}

export interface HttpReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Undefined when the reply broke off, is compressed, or is longer than 1 MiB. */
  readonly text: string | undefined;
  /** True: the reply did not arrive completely, so the next one may. */
  readonly isBrokenOff: boolean;
}

export class NoReply extends Error {
  override readonly name = 'NoReply';
  constructor(
    /** Whether the request may have been written. If not, it had no effect. */
    readonly sent: boolean,
    /** `timeout`, `aborted`, or the code of the network error, e.g. `ECONNREFUSED`. */
    readonly code: string,
    cause: unknown,
  ) {
    super(`No reply: ${code}`, { cause });
  }
}

export interface JsonPoster {
  /** @throws {NoReply} when no status line arrives. */
  post(body: object, signal: AbortSignal): Promise<HttpReply>;
  /** Waits for running calls, then closes the sockets. */
  close(): Promise<void>;
}

/**
 * POSTs JSON with a bearer key through one keep-alive pool. It follows no redirect, because the key must not
 * reach another server. It decodes no compressed reply, because Node 20's Brotli decoder no longer gets
 * patches. It never retries a call.
 */
export function createJsonPoster(options: JsonPosterOptions): JsonPoster {
  const agent = new Agent({
    connections: options.connections,
    pipelining: 1, // a reset must not fail calls that are queued on the same socket
    keepAliveTimeout: keepAliveMs,
    maxResponseSize: maxReplyBytes,
    connect: { timeout: connectTimeoutMs },
    headersTimeout: options.timeoutMs,
    bodyTimeout: options.timeoutMs,
  });
  let closing: Promise<void> | undefined; // undici throws when a closed agent is closed again
  return {
    post: (body, signal) => post(agent, options, body, signal),
    close: () => (closing ??= agent.close()),
  };
}

async function post(
  agent: Agent,
  options: JsonPosterOptions,
  body: object,
  signal: AbortSignal,
): Promise<HttpReply> {
  const progress = { sent: false };
  const deadline = startDeadline(signal, options.timeoutMs);
  try {
    const responding = request(options.address, {
      method: 'POST',
      dispatcher: agent.compose(recordStart(progress, deadline.signal)),
      headers: {
        'content-type': 'application/json',
        accept: 'application/json',
        'accept-encoding': 'identity',
        authorization: `Bearer ${options.key}`,
      },
      body: JSON.stringify(body),
      signal: deadline.signal,
    });
    const response = await Promise.race([responding, deadline.passed]);
    return { status: response.statusCode, headers: response.headers, ...(await readText(response)) };
  } catch (error) {
    throw new NoReply(progress.sent, deadline.endedBy() ?? errorCode(error), error);
  } finally {
    deadline.clear();
  }
}

/**
 * Combines the caller's signal and the time-out. undici's own time-outs are coarse: one of 500 ms fired after
 * 1 s. On Node 20, an `AbortSignal.any` with a time-out can be garbage-collected before it fires.
 * @returns `passed` rejects immediately. undici alone would let an aborted call wait until it got a socket.
 */
function startDeadline(signal: AbortSignal, timeoutMs: number) {
  const controller = new AbortController();
  const passed = new Promise<never>((_resolve, reject) =>
    controller.signal.addEventListener('abort', () => reject(controller.signal.reason as Error)),
  );
  passed.catch(() => {}); // no unhandled rejection if the call has already ended
  let endedBy: 'timeout' | 'aborted' | undefined;
  const end = (by: 'timeout' | 'aborted'): void => {
    endedBy ??= by;
    controller.abort();
  };
  const onAbort = (): void => end('aborted');
  const cancel = clock.after(timeoutMs, () => end('timeout'));
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort, { once: true });
  return {
    signal: controller.signal,
    passed,
    endedBy: () => endedBy,
    clear: () => {
      cancel();
      signal.removeEventListener('abort', onAbort);
    },
  };
}

/**
 * Records that a request is about to be written: undici calls `onRequestStart` only once a socket is
 * connected. If `signal` is aborted by then, undici drops the request without writing a byte.
 */
function recordStart(
  progress: { sent: boolean },
  signal: AbortSignal,
): Dispatcher.DispatcherComposeInterceptor {
  return (dispatch) => (options, handler) =>
    dispatch(options, {
      onRequestStart: (controller, context) => {
        progress.sent ||= !signal.aborted;
        handler.onRequestStart?.(controller, context);
      },
      onRequestUpgrade: (...event) => handler.onRequestUpgrade?.(...event),
      onResponseStart: (...event) => handler.onResponseStart?.(...event),
      onResponseData: (...event) => handler.onResponseData?.(...event),
      onResponseEnd: (...event) => handler.onResponseEnd?.(...event),
      onResponseError: (...event) => handler.onResponseError?.(...event),
    });
}

async function readText(response: Dispatcher.ResponseData): Promise<Pick<HttpReply, 'text' | 'isBrokenOff'>> {
  const encoding = response.headers['content-encoding'];
  try {
    const text = await response.body.text();
    const isPlain = encoding === undefined || encoding === 'identity';
    return { text: isPlain ? text : undefined, isBrokenOff: false };
  } catch (error) {
    // broken off, too long or timed out: only the status is known
    return { text: undefined, isBrokenOff: errorCode(error) !== 'UND_ERR_RES_EXCEEDED_MAX_SIZE' };
  }
}

function errorCode(error: unknown): string {
  const { code, name } = error as { code?: unknown; name?: unknown };
  return typeof code === 'string' ? code : String(name);
}
