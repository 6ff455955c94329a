import { STATUS_CODES } from 'node:http';
import { cutWithEllipsis } from '../../text/cut';
import { printable } from '../../text/printable';
import { BodyError } from '../../export-body/body-error';
import { type RefusalName, refusals, type RefusalValues } from './refusals';
import { PayloadIsFolder } from '../../payloads/payload-store';
import { StoreFailure } from './store-failure';

/** Maximum characters of a message, because Aquarium shows it in a small box. */
const maxMessage = 300;

/** Thrown when the gateway does not carry out a request. `refuse` and `toRefusal` create it. */
export class Refusal extends Error {
  override readonly name = 'Refusal';

  private constructor(
    readonly status: number,
    /** Short kebab-case name, e.g. `secret-wrong`. */
    readonly code: string,
    message: string,
    /** Additional headers of the answer. */
    readonly headers: Readonly<Record<string, string>>,
    /** The first words of the message. */
    private readonly phrase = STATUS_CODES[status] ?? String(status),
  ) {
    super(message);
  }

  static named<N extends RefusalName>(name: N, ...values: RefusalValues<N>): Refusal {
    const { status, sentence, headers = {}, phrase } = refusals[name] as Entry;
    return new Refusal(status, name, resolve(sentence, values), resolve(headers, values), phrase);
  }

  static fromBodyError({ status, code, message }: BodyError): Refusal {
    return new Refusal(status, code, message, {});
  }

  /** The body of the JSON answer. Its message is one printable line of at most 300 characters. */
  get body(): { error: string; message: string } {
    return {
      error: this.code,
      message: cutWithEllipsis(`${this.phrase}: ${printable(this.message)}`, maxMessage),
    };
  }

  /** The answer's message without the reason phrase, for pages. */
  get sentence(): string {
    return this.body.message.slice(`${this.phrase}: `.length);
  }
}

/**
 * @param values for the sentence. They may be untrusted text, which is escaped and truncated, but never
 *   secrets.
 */
export function refuse<N extends RefusalName>(name: N, ...values: RefusalValues<N>): Refusal {
  return Refusal.named(name, ...values);
}

/** The only place that maps an error to an HTTP status. */
export function toRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof BodyError) return Refusal.fromBodyError(error);
  if (error instanceof StoreFailure) return storeRefusal(error);
  if (isFileError(error) || error instanceof PayloadIsFolder) return storeRefusal(new StoreFailure(error));
  return refuse('internal-error');
}

type ValueOrFunction<T> = T | ((...values: readonly unknown[]) => T);

interface Entry {
  readonly status: number;
  readonly sentence: ValueOrFunction<string>;
  readonly headers?: ValueOrFunction<Readonly<Record<string, string>>>;
  readonly phrase?: string;
}

function resolve<T>(entry: ValueOrFunction<T>, values: readonly unknown[]): T {
  return typeof entry === 'function' ? (entry as (...values: readonly unknown[]) => T)(...values) : entry;
}

/**
 * Recognizes a file system error from code outside the gateway, which throws no `StoreFailure`. An example is
 * the inbox read of a replay.
 */
function isFileError(error: unknown): boolean {
  const { code, syscall } = (error ?? {}) as NodeJS.ErrnoException;
  return typeof code === 'string' && typeof syscall === 'string';
}

const diskFullCodes: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT']);

function storeRefusal({ reason }: StoreFailure): Refusal {
  return diskFullCodes.has(reason) ? refuse('store-full') : refuse('store-unavailable', { reason });
}
