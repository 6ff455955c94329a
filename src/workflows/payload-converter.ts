import { DefaultPayloadConverter, type Payload, type PayloadConverter } from '@temporalio/common';
import { undecodableKey } from '../decisions/parse-decision';

/**
 * Replaces content that cannot be decoded with a marker. The default converter would throw instead. A single
 * signal with an unknown encoding would then fail every later workflow task of its run, and block the run.
 */
class LenientPayloadConverter implements PayloadConverter {
  private readonly inner = new DefaultPayloadConverter();

  toPayload<T>(value: T): Payload {
    return this.inner.toPayload(value) as Payload;
  }

  fromPayload<T>(payload: Payload): T {
    try {
      return this.inner.fromPayload(payload);
    } catch (error) {
      return { [undecodableKey]: String((error as Error).message).slice(0, 200) } as T;
    }
  }
}

export const payloadConverter = new LenientPayloadConverter();
