import { pausePromise } from '../../text/sentences';
import { steerMessages } from '../api/decide/steer-messages';

/** The messages that a page shows once, after a form was accepted. */
const messages = {
  approved: 'Approved.',
  'approved-part': 'Approved in part. The remaining labels need another decision.',
  rejected: 'Rejected. Nothing more is sent.',
  early: 'Decision saved. It applies to the next question about this revision.',
  done: 'These labels were already approved. Nothing changed.',
  ...steerMessages,
  replayed: 'Delivery replayed.',
  again: 'Asked again. The plan is being made.',
  dropped: 'Request dropped. It is not exported.',
  'destination-paused': `The destination is paused: ${pausePromise}.`,
  'destination-resumed': 'The destination is resumed. Exports that an operator paused stay paused.',
  'signed-out': 'You are signed out of this browser.',
} as const;

export type FlashName = keyof typeof messages;

/**
 * Looks up a message by the name in the page's address. The address contains a name, never the message
 * itself, so that no link can put its own words on the page.
 * @returns undefined for any other name.
 */
export function flashMessage(name: unknown): string | undefined {
  return typeof name === 'string' && Object.hasOwn(messages, name) ? messages[name as FlashName] : undefined;
}
