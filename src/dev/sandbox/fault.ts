import { z } from 'zod';

const labelIdsSchema = z.array(z.string()).min(1).max(100_000);
/**
 * Without `times`, the fault applies to every call until the faults are cleared. It waits `delayMs` before it
 * takes effect.
 */
const ofAnyCall = {
  times: z.int().positive().max(1_000_000_000).optional(),
  delayMs: z.int().nonnegative().max(600_000).default(0),
};
/** With `labelIds`, the fault applies only to mutations that contain any of them. */
const common = { ...ofAnyCall, labelIds: labelIdsSchema.optional() };
const extensions = { code: z.string().max(200).optional(), exceptionStatus: z.int().optional() };

/** A fault to inject with `POST /faults`. Faults apply to mutations; `refuse-key` also applies to queries. */
const faultSchema = z.discriminatedUnion('kind', [
  /**
   * Doesn't execute the mutation. Answers with `status` (3xx to 5xx), with Retry-After if `retryAfter` is set
   * (seconds, or a string that is sent unchanged), and with `extensions` if `code` is set.
   */
  z.strictObject({
    kind: z.literal('status'),
    ...common,
    ...extensions,
    status: z.int().min(300).max(599).default(503),
    retryAfter: z.union([z.int().nonnegative(), z.string().regex(/^[ -~]{1,100}$/)]).optional(),
  }),
  /**
   * Doesn't execute the mutation. Answers with HTTP status `status` and with `errors` that contain `message`,
   * `path`, `extensions.code` and `extensions.exception.status`.
   */
  z.strictObject({
    kind: z.literal('graphql-error'),
    ...common,
    ...extensions,
    message: z.string().max(2000).default('Injected sandbox fault: GraphQL error.'),
    path: z
      .array(z.union([z.string(), z.int()]))
      .max(16)
      .optional(),
    status: z.int().min(200).max(599).default(200),
  }),
  /**
   * Doesn't execute the mutation if it contains any of `labelIds`. Answers with an error that lists those of
   * `labelIds` that the mutation contains, at most 10.
   */
  z.strictObject({
    kind: z.literal('poison'),
    ...common,
    ...extensions,
    status: z.int().min(200).max(599).default(400),
    labelIds: labelIdsSchema,
  }),
  /** Doesn't execute the call. Answers 401, as if the key had changed. */
  z.strictObject({ kind: z.literal('refuse-key'), ...ofAnyCall }),
  /** Doesn't execute the mutation. Resets the connection (TCP reset). */
  z.strictObject({ kind: z.literal('reset-before'), ...common }),
  /** Doesn't execute the mutation. Never answers. */
  z.strictObject({ kind: z.literal('hang'), ...common }),
  /** Executes the mutation, then answers with `status`, like a service or a proxy that fails after the work. */
  z.strictObject({
    kind: z.literal('status-after'),
    ...common,
    status: z.int().min(300).max(599).default(500),
  }),
  /** Executes the mutation, then resets the connection (TCP reset). */
  z.strictObject({ kind: z.literal('reset-after'), ...common }),
  /** Executes the mutation, but never answers. */
  z.strictObject({ kind: z.literal('hang-after'), ...common }),
  /** Executes the mutation, then answers 200 with an HTML page, like some proxies. */
  z.strictObject({ kind: z.literal('not-json'), ...common }),
  /** Executes the mutation, then closes the connection in the middle of the answer. */
  z.strictObject({ kind: z.literal('half-answer'), ...common }),
  /** Executes the mutation, then answers 200 with `data`, like a service that a custom mutation is written for. */
  z.strictObject({ kind: z.literal('answer'), ...common, data: z.record(z.string(), z.unknown()) }),
  /** Executes the mutation, then answers with a count that is too low by `by`. */
  z.strictObject({ kind: z.literal('undercount'), ...common, by: z.int().positive().default(1) }),
  /** Only waits `delayMs`, e.g. so that a test can kill a process in the middle of an export. */
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
