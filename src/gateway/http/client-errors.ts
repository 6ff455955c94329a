import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Connections, Turn } from './connections';

/** How long what still comes is read and forgotten after the sentence, in ms: closing at once would reset the connection, and the sentence with it. */
const lingerMs = 2000;

const answers: Readonly<Record<string, readonly [number, string, string, string]>> = {
  HPE_HEADER_OVERFLOW: [
    431,
    'Request Header Fields Too Large',
    'headers-too-large',
    'the headers are larger than 16 KiB.',
  ],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'Request Timeout', 'headers-stalled', 'the headers did not come in time.'],
  HPE_INVALID_EOF_STATE: [
    400,
    'Bad Request',
    'cut-off',
    'the request ended before its announced end. Send it again.',
  ],
};
const notHttp = [400, 'Bad Request', 'not-http', 'this is not a valid HTTP request.'] as const;
const full = [
  503,
  'Service Unavailable',
  'too-many-connections',
  'Requeue has too many connections at work. Send it again in a moment.',
] as const;

/** Seconds after which a connection is likely to be free: an upload that stalls is ended in 10. */
const retryAfter = 'Retry-After: 10\r\n';

/**
 * Answers what is no HTTP, or stalls in its headers, with a sentence too. It never becomes a request, so nothing else sees it. What came
 * whole before it on the same connection is answered first: a delivery that was kept must not be told that it was refused.
 */
export function createClientErrors(
  connections: Connections,
): (error: NodeJS.ErrnoException, socket: Socket) => void {
  const seen = new WeakSet<Socket>(); // Node reports every further packet again
  return (error, socket) => {
    if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
    if (seen.has(socket)) return;
    seen.add(socket);
    void answerInTurn(socket, connections.break(socket), answers[error.code ?? ''] ?? notHttp);
  };
}

/** Answers a connection over the bound. */
export function turnAway(socket: Socket): void {
  endWith(socket, full, retryAfter);
}

async function answerInTurn(
  socket: Socket,
  turns: readonly Turn[],
  answer: (typeof answers)[string],
): Promise<void> {
  const whole = turns.filter(({ request }) => request.complete);
  await Promise.race([closed(socket), Promise.all(whole.map(({ response }) => closed(response)))]);
  const broken = turns.find(({ request }) => !request.complete); // the fault is in its body
  if (broken?.response.headersSent || !socket.writable) socket.destroySoon();
  else endWith(socket, answer);
}

async function closed(one: Socket | ServerResponse): Promise<void> {
  if (!one.closed) await new Promise<void>((resolve) => one.once('close', () => resolve()));
}

function endWith(
  socket: Socket,
  [status, phrase, name, sentence]: (typeof answers)[string],
  more = '',
): void {
  const body = JSON.stringify({ error: name, message: `Bad Request: ${sentence}` });
  socket.on('error', () => undefined); // the sender may be gone
  socket.end(
    `HTTP/1.1 ${status} ${phrase}\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\n${more}Connection: close\r\n\r\n${body}`,
  );
  const lingering = setTimeout(() => socket.destroy(), lingerMs);
  socket.once('close', () => clearTimeout(lingering));
}
