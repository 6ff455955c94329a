import { defaultPayloadConverter } from '@temporalio/common';

/** The values of Temporal's payloads, e.g. the arguments of an activity or a signal. */
export function decodePayloads(payloads: unknown): unknown[] {
  return ((payloads ?? []) as never[]).map((payload) => defaultPayloadConverter.fromPayload(payload));
}
