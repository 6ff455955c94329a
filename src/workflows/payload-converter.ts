import { DefaultPayloadConverter, type Payload, type PayloadConverter } from '@temporalio/common';
import { undecodableKey } from '../decisions/parse-decision';

/**
 * Turns content that cannot be decoded into a marker. The default converter throws: then one signal with an
 * unknown encoding makes every later workflow task of its run fail, and the run is stuck.
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
