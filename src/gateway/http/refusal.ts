import { cutToUnits } from '../../text/cut';
import { printable } from '../../text/printable';
import { BodyError } from '../../export-body/body-error';
import { StoreFailure } from './store-failure';

/** Characters of a refusal's message, at most: a person reads it in a small box in Aquarium. */
const maxMessage = 300;

/** A request that the gateway does not carry out: its HTTP status and one sentence for the person who sent it. */
export class Refusal extends Error {
  override readonly name = 'Refusal';

  /**
   * @param code short kebab-case name, e.g. `secret-wrong`.
   * @param message one sentence, without secrets; echoed values may be anything: they are cut with it, and escaped to one printable line.
   * @param headers further headers of the answer.
   */
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
  }

  /** What the sender gets. Every status has the same prefix: Aquarium's users know it from the guide's handler. */
  get body(): { error: string; message: string } {
    return { error: this.code, message: cut(`Bad Request: ${printable(this.message)}`) };
  }
}

/** The one place that gives an error its HTTP status. */
export function toRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof BodyError) return new Refusal(error.status, error.code, error.message);
  if (error instanceof StoreFailure) return storeRefusal(error);
  if (isFileError(error)) return storeRefusal(new StoreFailure(error));
  return new Refusal(
    500,
    'internal-error',
    'Requeue failed on this request and kept nothing of it; its log says why. Try again, and tell its operator if that does not help.',
  );
}

/** An error of the file system that came through code which does not know the gateway, such as a replay's. */
function isFileError(error: unknown): boolean {
  const { code, syscall } = (error ?? {}) as NodeJS.ErrnoException;
  return typeof code === 'string' && typeof syscall === 'string';
}

const full: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT']);

function storeRefusal({ reason }: StoreFailure): Refusal {
  return full.has(reason)
    ? new Refusal(
        507,
        'store-full',
        'Requeue has no room left to keep this. Nothing was accepted; try again when its operator has made room.',
        {
          'Retry-After': '60', // seconds: a person has to make room
        },
      )
    : new Refusal(
        503,
        'store-unavailable',
        `Requeue’s store fails now (${reason}). Nothing was accepted; try again in a moment.`,
        {
          'Retry-After': '10', // seconds: most such faults pass (too many open files, a volume that is mounted again)
        },
      );
}

function cut(text: string): string {
  return text.length <= maxMessage ? text : `${cutToUnits(text, maxMessage - 1)}…`;
}
