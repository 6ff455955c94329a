import { cutToUnits } from '../../text/cut';
import { printable } from '../../text/printable';
import { BodyError } from '../../export-body/body-error';
import { type RefusalName, refusals, type RefusalValues } from './refusals';
import { StoreFailure } from './store-failure';

/** Characters of a refusal's message, at most: a person reads it in a small box in Aquarium. */
const maxMessage = 300;
const prefix = 'Bad Request: ';

/** A request that the gateway does not carry out. `refuse` makes it from the table of refusals, `toRefusal` from another error. */
export class Refusal extends Error {
  override readonly name = 'Refusal';

  private constructor(
    readonly status: number,
    /** Short kebab-case name, e.g. `secret-wrong`. */
    readonly code: string,
    message: string,
    /** Further headers of the answer. */
    readonly headers: Readonly<Record<string, string>>,
  ) {
    super(message);
  }

  static named<N extends RefusalName>(name: N, ...values: RefusalValues<N>): Refusal {
    const { status, sentence, headers = {} } = refusals[name] as Entry;
    return new Refusal(status, name, resolve(sentence, values), resolve(headers, values));
  }

  static ofBody({ status, code, message }: BodyError): Refusal {
    return new Refusal(status, code, message, {});
  }

  /** What the sender gets: one printable line of at most 300 characters. */
  get body(): { error: string; message: string } {
    return { error: this.code, message: cut(`${prefix}${printable(this.message)}`) };
  }

  /** The message without its prefix. */
  get sentence(): string {
    return this.body.message.slice(prefix.length);
  }
}

/** The refusal of that name. @param values what its sentence shows: anything; it is escaped, and cut with the sentence. */
export function refuse<N extends RefusalName>(name: N, ...values: RefusalValues<N>): Refusal {
  return Refusal.named(name, ...values);
}

/** The one place that gives an error its HTTP status. */
export function toRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof BodyError) return Refusal.ofBody(error);
  if (error instanceof StoreFailure) return storeRefusal(error);
  if (isFileError(error)) return storeRefusal(new StoreFailure(error));
  return refuse('internal-error');
}

type OrFunction<T> = T | ((...values: readonly unknown[]) => T);

interface Entry {
  readonly status: number;
  readonly sentence: OrFunction<string>;
  readonly headers?: OrFunction<Readonly<Record<string, string>>>;
}

function resolve<T>(given: OrFunction<T>, values: readonly unknown[]): T {
  return typeof given === 'function' ? (given as (...values: readonly unknown[]) => T)(...values) : given;
}

/** An error of the file system that came through code which does not know the gateway, such as a replay's. */
function isFileError(error: unknown): boolean {
  const { code, syscall } = (error ?? {}) as NodeJS.ErrnoException;
  return typeof code === 'string' && typeof syscall === 'string';
}

const full: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT']);

function storeRefusal({ reason }: StoreFailure): Refusal {
  return full.has(reason) ? refuse('store-full') : refuse('store-unavailable', { reason });
}

function cut(text: string): string {
  return text.length <= maxMessage ? text : `${cutToUnits(text, maxMessage - 1)}…`;
}
