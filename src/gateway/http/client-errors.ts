import { type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Connections, Turn } from './connections';
import { type Refusal, refuse } from './refusal';

/** How long what still comes is read and forgotten after the sentence, in ms: closing at once would reset the connection, and the sentence with it. */
const lingerMs = 2000;

/** Refusals by the code of Node's error; every other code is `not-http`. */
const refusalsOfErrors: Readonly<Record<string, () => Refusal>> = {
  HPE_HEADER_OVERFLOW: () => refuse('headers-too-large'),
  ERR_HTTP_REQUEST_TIMEOUT: () => refuse('headers-stalled'),
  HPE_INVALID_EOF_STATE: () => refuse('cut-off'),
};
const notHttp = (): Refusal => refuse('not-http', 'syntax');

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
    void answerInTurn(socket, connections.break(socket), (refusalsOfErrors[error.code ?? ''] ?? notHttp)());
  };
}

/** Answers a connection over the bound. */
export function turnAway(socket: Socket): void {
  endWith(socket, refuse('too-many-connections'));
}

async function answerInTurn(socket: Socket, turns: readonly Turn[], refusal: Refusal): Promise<void> {
  const whole = turns.filter(({ request }) => request.complete);
  await Promise.race([closed(socket), Promise.all(whole.map(({ response }) => closed(response)))]);
  const broken = turns.find(({ request }) => !request.complete); // the fault is in its body
  if (broken?.response.headersSent || !socket.writable) socket.destroySoon();
  else endWith(socket, refusal);
}

async function closed(one: Socket | ServerResponse): Promise<void> {
  if (!one.closed) await new Promise<void>((resolve) => one.once('close', () => resolve()));
}

function endWith(socket: Socket, { status, headers, body }: Refusal): void {
  const text = JSON.stringify(body);
  const lines = {
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': Buffer.byteLength(text),
    ...headers,
    Connection: 'close',
  };
  socket.on('error', () => undefined); // the sender may be gone
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${Object.entries(lines)
      .map(([name, value]) => `${name}: ${value}\r\n`)
      .join('')}\r\n${text}`,
  );
  const lingering = setTimeout(() => socket.destroy(), lingerMs);
  socket.once('close', () => clearTimeout(lingering));
}
