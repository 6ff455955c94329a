import type { IncomingMessage, ServerResponse } from 'node:http';

const continued = new WeakSet<IncomingMessage>();

/**
 * Answers 100 to a sender that waits for it before it sends the body (`Expect: 100-continue`; curl sends it
 * with large bodies).
 */
export function sendContinue(request: IncomingMessage, response: ServerResponse): void {
  if (!waitsForContinue(request)) return;
  continued.add(request);
  response.writeContinue();
}

/** Whether the sender is still waiting for 100. If so, a refusal saves it the upload. */
export function waitsForContinue(request: IncomingMessage): boolean {
  return request.headers.expect?.toLowerCase() === '100-continue' && !continued.has(request);
}
