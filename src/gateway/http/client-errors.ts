import { type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { clock } from '../../clock/clock';
import type { Connections, Exchange } from './connections';
import { refuse, type Refusal } from './refusal';

/**
 * In ms. After the answer, the gateway reads and discards for this long. To close immediately would reset the
 * connection and lose the answer.
 */
const lingerMs = 2000;

/** Refusals by the code of Node's error. Every other code becomes `not-http`. */
const refusalsByCode: Readonly<Record<string, () => Refusal>> = {
  HPE_HEADER_OVERFLOW: () => refuse('headers-too-large'),
  ERR_HTTP_REQUEST_TIMEOUT: () => refuse('headers-stalled'),
  HPE_INVALID_EOF_STATE: () => refuse('cut-off'),
};
const notHttp = (): Refusal => refuse('not-http', 'syntax');

/**
 * Handles bytes that are not HTTP, and headers that stall. Node creates no request from them, so no other
 * code sees them. Complete requests that came before on the same connection are answered first, because an
 * accepted delivery must not get a refusal.
 */
export function createClientErrorHandler(
  connections: Connections,
): (error: NodeJS.ErrnoException, socket: Socket) => void {
  const handled = new WeakSet<Socket>(); // Node reports the error again with every further packet
  return (error, socket) => {
    if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
    if (handled.has(socket)) return;
    handled.add(socket);
    const refusal = (refusalsByCode[error.code ?? ''] ?? notHttp)();
    void refuseAfterPending(socket, connections.markBroken(socket), refusal);
  };
}

/** Answers 503 to a connection over the limit, and closes it. */
export function rejectConnection(socket: Socket): void {
  refuseAndClose(socket, refuse('too-many-connections'));
}

async function refuseAfterPending(
  socket: Socket,
  pending: readonly Exchange[],
  refusal: Refusal,
): Promise<void> {
  const complete = pending.filter(({ request }) => request.complete);
  await Promise.race([closed(socket), Promise.all(complete.map(({ response }) => closed(response)))]);
  const broken = pending.find(({ request }) => !request.complete); // the error is in its body
  if (broken?.response.headersSent || !socket.writable) socket.destroySoon();
  else refuseAndClose(socket, refusal);
}

async function closed(stream: Socket | ServerResponse): Promise<void> {
  if (!stream.closed) await new Promise<void>((resolve) => stream.once('close', () => resolve()));
}

function refuseAndClose(socket: Socket, { status, headers, body }: Refusal): void {
  const text = JSON.stringify(body);
  const fields = {
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': Buffer.byteLength(text),
    ...headers,
    Connection: 'close',
  };
  const head = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.on('error', () => undefined); // the sender may be gone
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${head.join('')}\r\n${text}`);
  const cancel = clock.after(lingerMs, () => socket.destroy());
  socket.once('close', cancel);
}
