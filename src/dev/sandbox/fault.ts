import { z } from 'zod';

/**
 * Without `times` the fault strikes every call until the faults are cleared. It waits `delayMs` before it
 * acts.
 */
const common = {
  times: z.int().positive().max(1_000_000_000).optional(),
  delayMs: z.int().nonnegative().max(600_000).default(0),
};
const extensions = { code: z.string().max(200).optional(), exceptionStatus: z.int().optional() };

/** A fault to inject with `POST /faults`. Faults strike mutations; `refuse-key` strikes queries too. */
const faultSchema = z.discriminatedUnion('kind', [
  /**
   * No effect: answers with `status` (3xx to 5xx), with Retry-After (seconds, or a text that is sent
   * unchanged), and with `extensions` when `code` is set.
   */
  z.strictObject({
    kind: z.literal('status'),
    ...common,
    ...extensions,
    status: z.int().min(300).max(599).default(503),
    retryAfter: z.union([z.int().nonnegative(), z.string().regex(/^[ -~]{1,100}$/)]).optional(),
  }),
  /**
   * No effect: answers `errors` with `extensions.code` and `extensions.exception.status`, under HTTP
   * `status`.
   */
  z.strictObject({
    kind: z.literal('graphql-error'),
    ...common,
    ...extensions,
    status: z.int().min(200).max(599).default(200),
  }),
  /** No effect: refuses every call with one of `labelIds`, and names the refused labels. */
  z.strictObject({
    kind: z.literal('poison'),
    ...common,
    ...extensions,
    status: z.int().min(200).max(599).default(400),
    labelIds: z.array(z.string()).min(1).max(100_000),
  }),
  /** No effect: answers 401, as if the key had changed. */
  z.strictObject({ kind: z.literal('refuse-key'), ...common }),
  /** No effect: cuts the connection (TCP reset). */
  z.strictObject({ kind: z.literal('reset-before'), ...common }),
  /** No effect: never answers. */
  z.strictObject({ kind: z.literal('hang'), ...common }),
  /** Has the effect, then cuts the connection. */
  z.strictObject({ kind: z.literal('reset-after'), ...common }),
  /** Has the effect and never answers. */
  z.strictObject({ kind: z.literal('hang-after'), ...common }),
  /** Has the effect and answers 200 with an HTML page, like some proxies. */
  z.strictObject({ kind: z.literal('not-json'), ...common }),
  /** Has the effect and cuts the connection in the middle of the answer. */
  z.strictObject({ kind: z.literal('half-answer'), ...common }),
  /** Has the effect and answers a count that is `by` too low. */
  z.strictObject({ kind: z.literal('undercount'), ...common, by: z.int().positive().default(1) }),
  /** Only waits `delayMs`, e.g. to kill a process in the middle of an export. */
  z.strictObject({
    kind: z.literal('slow'),
    ...common,
    delayMs: z.int().positive().max(600_000).default(1000),
  }),
]);

export type Fault = z.infer<typeof faultSchema>;
export type FaultOf<Kind extends Fault['kind']> = Extract<Fault, { kind: Kind }>;

/** The body of `POST /faults`: one fault or an array of faults. */
export const faultsSchema = z.preprocess(
  (body): unknown[] => (Array.isArray(body) ? (body as unknown[]) : [body]),
  z.array(faultSchema).max(1000),
);
