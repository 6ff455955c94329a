/** The approval or rejection of one revision. */
export interface Decision {
  readonly kind: 'approve' | 'reject';
  /** 12 or 64 lower-case hex digits; any other text from a signal matches no revision. */
  readonly revision?: string;
  /** The sender's name. It is only a claim unless `proven` is true. */
  readonly by?: string;
  /** True if the sender showed an operator token to the gateway. */
  readonly proven?: boolean;
  /** Absent if the decision came by signal. `update`: Temporal's update, from elsewhere than the gateway. */
  readonly through?: 'update' | Channel;
  readonly reason?: string;
  /**
   * Approves labels 1 to `upTo` of the plan, regardless of earlier approvals. Absent: approves all labels.
   */
  readonly upTo?: number;
  /** The plan that the sender saw: the first 12 hex digits, or all 64, of the sha256 of its labels. */
  readonly plan?: string;
}

/** How an operator reached the gateway. `command`: a `requeue` command. */
export type Channel = 'page' | 'command' | 'api';

/** How logs name the ways to the gateway. */
export const channelPhrases: Readonly<Record<Channel, string>> = {
  page: 'on the page',
  command: 'with a requeue command',
  api: 'through the API',
};

export function isChannel(value: unknown): value is Channel {
  return value === 'page' || value === 'command' || value === 'api';
}

/** Steers an open export without deciding its question. */
export type SteerAction = 'pause' | 'resume' | 'cancel';
export type OperatorAction = Decision['kind'] | SteerAction | 'again';
