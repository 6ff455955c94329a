import type { IncomingMessage, ServerResponse } from 'node:http';

const told = new WeakSet<IncomingMessage>();

/** Tells a sender that waits for it (`Expect: 100-continue`, as curl does with large bodies) to send the body. */
export function letBodyCome(request: IncomingMessage, response: ServerResponse): void {
  if (!holdsBodyBack(request)) return;
  told.add(request);
  response.writeContinue();
}

/** Whether the sender still waits for our word: a refusal then spares it the upload. */
export function holdsBodyBack(request: IncomingMessage): boolean {
  return request.headers.expect?.toLowerCase() === '100-continue' && !told.has(request);
}
