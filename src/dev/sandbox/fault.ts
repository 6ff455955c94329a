import { z } from 'zod';

/** How often and when: `times` absent means every call until the faults are cleared; `delayMs` is waited before the fault acts. */
const common = {
  times: z.int().positive().max(1_000_000_000).optional(),
  delayMs: z.int().nonnegative().max(600_000).default(0),
};
const extensions = { code: z.string().max(200).optional(), exceptionStatus: z.int().optional() };

/** A fault that somebody asks the sandbox for with `POST /faults`. Faults strike mutations; `refuse-key` strikes queries too. */
export const faultSchema = z.discriminatedUnion('kind', [
  /** No effect: answers with `status` (3xx to 5xx), Retry-After (seconds, or text as it stands) and a GraphQL error if `code` is given. */
  z.strictObject({
    kind: z.literal('status'),
    ...common,
    ...extensions,
    status: z.int().min(300).max(599).default(503),
    retryAfter: z.union([z.int().nonnegative(), z.string().regex(/^[ -~]{1,100}$/)]).optional(),
  }),
  /** No effect: answers `errors` with `extensions.code` and `extensions.exception.status`, under HTTP `status`. */
  z.strictObject({
    kind: z.literal('graphql-error'),
    ...common,
    ...extensions,
    status: z.int().min(200).max(599).default(200),
  }),
  /** No effect: refuses every call that names one of `labelIds`, and says which. */
  z.strictObject({
    kind: z.literal('poison'),
    ...common,
    ...extensions,
    status: z.int().min(200).max(599).default(400),
    labelIds: z.array(z.string()).min(1).max(100_000),
  }),
  /** No effect: 401, as if the key had been changed. */
  z.strictObject({ kind: z.literal('refuse-key'), ...common }),
  /** No effect: cuts the connection (TCP reset). */
  z.strictObject({ kind: z.literal('reset-before'), ...common }),
  /** No effect: never answers. */
  z.strictObject({ kind: z.literal('hang'), ...common }),
  /** Has the effect, then cuts the connection. */
  z.strictObject({ kind: z.literal('reset-after'), ...common }),
  /** Has the effect and never answers. */
  z.strictObject({ kind: z.literal('hang-after'), ...common }),
  /** Has the effect and answers 200 with a page of HTML, as a proxy in between may. */
  z.strictObject({ kind: z.literal('not-json'), ...common }),
  /** Has the effect and breaks off in the middle of the answer. */
  z.strictObject({ kind: z.literal('half-answer'), ...common }),
  /** Has the effect and counts `by` labels too few. */
  z.strictObject({ kind: z.literal('undercount'), ...common, by: z.int().positive().default(1) }),
  /** Nothing but its `delayMs`: room to kill something in the middle of an export. */
  z.strictObject({
    kind: z.literal('slow'),
    ...common,
    delayMs: z.int().positive().max(600_000).default(1000),
  }),
]);

export type Fault = z.infer<typeof faultSchema>;
export type FaultOf<Kind extends Fault['kind']> = Extract<Fault, { kind: Kind }>;

/** What `POST /faults` takes: one fault or an array of them. */
export const faultsSchema = z.preprocess(
  (asked): unknown[] => (Array.isArray(asked) ? (asked as unknown[]) : [asked]),
  z.array(faultSchema).max(1000),
);
