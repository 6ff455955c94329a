/** What a person said about an export. `by` is a claim, unless it is proven. */
export interface Decision {
  readonly kind: 'approve' | 'reject';
  /** 12 or 64 lower-case hex digits, or whatever else was given: then it matches nothing. */
  readonly revision?: string;
  readonly by?: string;
  /** `by` showed an operator's token to the gateway. */
  readonly proven?: boolean;
  /** How it came; absent: a signal. */
  readonly through?: 'update';
  readonly reason?: string;
  /** Absolute: approves labels 1 to `upTo` of the plan. */
  readonly upTo?: number;
}

/** What steers an export that is open. */
export type SteerAction = 'pause' | 'resume' | 'cancel';
/** Everything that an operator may want of an export. */
export type OperatorAction = Decision['kind'] | SteerAction;

/** Whether a text can name a revision: 12 or 64 lower-case hex digits. */
export function isRevision(given: unknown): given is string {
  return typeof given === 'string' && /^([0-9a-f]{12}|[0-9a-f]{64})$/.test(given);
}

/** Whether a decision that names `revision` is about the body with this sha256. */
export function isAbout(revision: string, sha256: string): boolean {
  return isRevision(revision) && sha256.startsWith(revision);
}
