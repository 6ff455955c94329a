/** An approve or a reject of one revision. */
export interface Decision {
  readonly kind: 'approve' | 'reject';
  /** 12 or 64 lower-case hex digits; any other text from a signal matches no revision. */
  readonly revision?: string;
  /** A claim of the sender, unless it is proven. */
  readonly by?: string;
  /** `by` showed an operator's token to the gateway. */
  readonly proven?: boolean;
  /** Absent: it came by a signal. */
  readonly through?: 'update';
  readonly reason?: string;
  /** Approves labels 1 to `upTo` of the plan, whatever was approved before; absent: all. */
  readonly upTo?: number;
}

/** Changes the course of an open export without deciding its question. */
export type SteerAction = 'pause' | 'resume' | 'cancel';
export type OperatorAction = Decision['kind'] | SteerAction;

/** A revision is written as 12 or 64 lower-case hex digits. */
export function isRevision(value: unknown): value is string {
  return typeof value === 'string' && /^([0-9a-f]{12}|[0-9a-f]{64})$/.test(value);
}

/** A decision that names `revision` is about the body with this sha256. */
export function isAbout(revision: string, sha256: string): boolean {
  return isRevision(revision) && sha256.startsWith(revision);
}
