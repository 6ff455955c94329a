import { DefaultPayloadConverter, type Payload, type PayloadConverter } from '@temporalio/common';
import { undecodableKey } from '../decisions/parse-decision';

/**
 * Content that cannot be decoded becomes a marker instead of an error: with the default converter one signal with an unknown
 * encoding fails every workflow task of its run, for ever.
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
