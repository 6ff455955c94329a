import { defined } from '../collections/defined';
import { readFileSync } from 'node:fs';
import { parseDocument } from 'yaml';
import { z } from 'zod';
import { noticeEvents } from '../domain/notice-event';
import { type ApprovalPolicy, neverAsk, type Route, routeDefaults } from '../domain/route';
import type { Destination, Notice } from './config';
import { parseDuration } from '../text/duration';
import { isHttpUrl } from './env-reader';

export interface FileConfig {
  readonly destinations: readonly Destination[];
  readonly routes: readonly Route[];
  readonly notices: readonly Notice[];
}

interface FileOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly defaults: {
    readonly chunkLabels: number;
    readonly inFlight: number;
    readonly approval: ApprovalPolicy;
    readonly timeoutMs: number;
  };
  /** Whether the variables that the file refers to must be set. */
  readonly needsKeys: boolean;
  addError(sentence: string): void;
}

/** `${ENV_NAME}`, the only way for the file to refer to a secret. */
const reference = /^\$\{(?<name>[A-Za-z_][A-Za-z0-9_]*)\}$/;
const secretSchema = z.string().regex(reference, 'must be ${ENV_NAME}: the file must not contain secrets');
const addressSchema = z
  .string()
  .refine(
    (text) => reference.test(text) || isHttpUrl(text),
    'must be an http or https address without a user name or password, or ${ENV_NAME}',
  );

/** Standard Webhooks: 24 to 64 random bytes in base64. */
const signingSecret =
  /^(whsec_)?(?=[A-Za-z0-9+/]{32,88}={0,2}$)([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

const destinationSchema = z.strictObject({
  name: z
    .string()
    .regex(
      /^[A-Za-z0-9_-]{1,60}$/,
      'must be 1 to 60 letters, digits, - or _: it is part of a task queue’s name',
    ),
  adapter: z.literal('labelbox'),
  address: addressSchema,
  key: secretSchema,
  mutation: z.string().min(1).optional(),
  rate: z.number().positive().optional(),
  inFlight: z.int().min(1).max(100).optional(),
  chunkLabels: z.int().min(1).max(500).optional(),
  timeout: duration('100ms', '5m', 'the activity times out after 10 minutes').optional(),
});

/** A schema that parses a duration such as `30s` into milliseconds. `why` is the reason for the bounds. */
function duration(min: string, max: string, why?: string) {
  return z.string().transform((text, context) => {
    const ms = parseDuration(text);
    const sentence =
      ms === undefined
        ? 'must be a duration such as 30s, 24h or 7d'
        : `must be from ${min} to ${max}${why ? `: ${why}` : ''}`;
    if (ms !== undefined && ms >= (parseDuration(min) ?? 0) && ms <= (parseDuration(max) ?? 0)) return ms;
    context.addIssue({ code: 'custom', message: sentence });
    return z.NEVER;
  });
}

const approvalSchema = z.union(
  [
    z.enum(['always', 'never']),
    z
      .strictObject({
        above: z.int().min(0).optional(),
        always: z.literal(true).optional(),
        never: z.literal(true).optional(),
        expiresAfter: duration('1m', '365d').optional(),
        remindEvery: duration('1m', '365d').optional(),
      })
      .refine(
        ({ above, always, never }) =>
          [above, always, never].filter((value) => value !== undefined).length <= 1,
        'must have at most one of above, always and never',
      ),
  ],
  'must be always, never, or a mapping of at most one of above: <labels>, always: true and never: true, and of the durations expiresAfter (such as 7d) and remindEvery (such as 24h)',
);

const noticeSchema = z
  .strictObject({
    name: z
      .string()
      .regex(/^[A-Za-z0-9_-]{1,60}$/, 'must be 1 to 60 letters, digits, - or _')
      .optional(),
    address: addressSchema,
    secrets: z.array(secretSchema).optional(),
    events: z.array(z.enum(noticeEvents)).min(1).optional(),
    form: z.enum(['standard', 'slack']).default('standard'),
  })
  .refine(
    ({ form, secrets }) => form === 'slack' || (secrets ?? []).length > 0,
    'needs secrets: a standard notice is signed',
  );

const routeSchema = z.strictObject({
  project: z.string().min(1),
  destination: z.string().min(1),
  destinationProject: z.string().min(1).optional(),
  crops: z.enum(['matching', 'all-in-frame']).default(routeDefaults.crops),
  frames: z.enum(['skip', 'all-labels']).default(routeDefaults.frames),
  labelId: z
    .string()
    .regex(/^(uuid|user__.+|attributes\..+)$/, 'must be uuid, user__<field> or attributes.<name>')
    .default(routeDefaults.labelId),
  onInvalid: z.enum(['skip', 'fail']).default(routeDefaults.onInvalid),
  resend: z.enum(['new', 'all']).default(routeDefaults.resend),
  approval: approvalSchema.optional(),
  signals: z.enum(['accept', 'ignore']).default(routeDefaults.signals),
});

/** The list items are validated separately, so that an error in one item does not hide another's errors. */
const fileSchema = z.strictObject({
  destinations: z.array(z.unknown()).min(1).optional(),
  routes: z.array(z.unknown()).min(1).optional(),
  notices: z.array(z.unknown()).optional(),
});

/** Reads the YAML file at `path`. Calls `options.addError` for each error, and leaves invalid items out. */
export function readConfigFile(path: string, options: FileOptions): Partial<FileConfig> {
  const content = parse(path, options);
  if (content === undefined) return {};
  const { destinations, routes, notices } = readItem(fileSchema, content ?? {}, '', options) ?? {};
  return defined({
    destinations:
      destinations &&
      readItems(destinationSchema, destinations, 'destinations', options).map(({ at, item, value }) =>
        item ? toDestination(item, at, options) : invalidDestination(value, options),
      ),
    routes:
      routes &&
      readItems(routeSchema, routes, 'routes', options).flatMap(({ item }) =>
        item ? [toRoute(item, options.defaults.approval)] : [],
      ),
    notices:
      notices &&
      readItems(noticeSchema, notices, 'notices', options).flatMap(({ item, at, index }) =>
        item ? [toNotice(item, index, at, options)] : [],
      ),
  });
}

function readItems<T>(schema: z.ZodType<T>, items: readonly unknown[], list: string, options: FileOptions) {
  return items.map((value, index) => {
    const at = `${list}[${index}]`;
    return { at, index, value, item: readItem(schema, value, at, options) };
  });
}

/**
 * Validates one part of the file. If it is invalid, drops the invalid keys and tries once more, so that later
 * checks see the other keys.
 */
function readItem<T>(
  schema: z.ZodType<T>,
  value: unknown,
  at: string,
  { addError }: FileOptions,
): T | undefined {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const { issues } = parsed.error;
  for (const issue of issues)
    for (const sentence of describeIssue(issue, at)) addError(`REQUEUE_CONFIG: ${sentence}`);
  if (typeof value !== 'object' || value === null) return undefined;
  const invalidKeys = new Set(
    issues.flatMap((issue) =>
      (issue.code === 'unrecognized_keys' ? issue.keys : []).concat(String(issue.path[0])),
    ),
  );
  const validEntries = Object.entries(value).filter(([key]) => !invalidKeys.has(key));
  return schema.safeParse(Object.fromEntries(validEntries)).data;
}

/**
 * Keeps the name of an invalid destination, so that its routes cause no further errors. The file is refused
 * anyway.
 */
function invalidDestination(value: unknown, { defaults }: FileOptions): Destination {
  const { name } = (value ?? {}) as { readonly name?: unknown };
  const { inFlight, chunkLabels, timeoutMs } = defaults;
  return {
    name: typeof name === 'string' ? name : '',
    adapter: 'labelbox',
    address: '',
    key: '',
    inFlight,
    chunkLabels,
    timeoutMs,
  };
}

function parse(path: string, { addError }: FileOptions): unknown {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    addError(
      `REQUEUE_CONFIG: ${path} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown reason'}).`,
    );
    return undefined;
  }
  const document = parseDocument(text, { prettyErrors: false });
  for (const { message, pos } of document.errors)
    addError(
      `REQUEUE_CONFIG: line ${text.slice(0, pos[0]).split('\n').length} is not valid YAML: ${message.split('\n')[0]}.`,
    );
  return document.errors.length > 0 ? undefined : (document.toJS() as unknown);
}

function describeIssue(issue: z.core.$ZodIssue, parent: string): string[] {
  const at = `${parent}${formatPath(issue.path)}`.replace(/^\./, '');
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => `${at ? `${at}.` : ''}${key} is not a known key.`);
  return [`${at || 'the file'}: ${issue.message}.`];
}

function formatPath(path: readonly PropertyKey[]): string {
  return path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('');
}

function toDestination(
  item: z.output<typeof destinationSchema>,
  at: string,
  options: FileOptions,
): Destination {
  return {
    name: item.name,
    adapter: item.adapter,
    address: resolveAddress(item.address, `${at}.address`, options),
    key: resolve(item.key, `${at}.key`, options),
    inFlight: item.inFlight ?? options.defaults.inFlight,
    chunkLabels: item.chunkLabels ?? options.defaults.chunkLabels,
    timeoutMs: item.timeout ?? options.defaults.timeoutMs,
    ...defined({ mutation: item.mutation, rate: item.rate }),
  };
}

function resolveAddress(text: string, at: string, options: FileOptions): string {
  const address = resolve(text, at, options);
  if (address && !isHttpUrl(address))
    options.addError(`REQUEUE_CONFIG: ${at}: the variable's value is not an http or https address.`);
  return address;
}

function resolve(text: string, at: string, { env, needsKeys, addError }: FileOptions): string {
  const name = reference.exec(text)?.groups?.['name'];
  if (name === undefined) return text;
  const value = env[name]?.trim();
  if (!value && needsKeys)
    addError(`REQUEUE_CONFIG: ${at} refers to the variable ${name}, which is not set.`);
  return value ?? '';
}

function toRoute(
  { destinationProject, approval, ...route }: z.output<typeof routeSchema>,
  defaults: ApprovalPolicy,
): Route {
  return {
    ...route,
    ...defined({ destinationProject }),
    approval: toPolicy(approval ?? {}, defaults),
  };
}

function toPolicy(approval: z.output<typeof approvalSchema>, defaults: ApprovalPolicy): ApprovalPolicy {
  if (approval === 'always') return { ...defaults, above: 0 };
  if (approval === 'never') return { ...defaults, above: neverAsk };
  const above = approval.always ? 0 : approval.never ? neverAsk : (approval.above ?? defaults.above);
  const { expiresAfter = defaults.expiresAfterMs, remindEvery = defaults.remindEveryMs } = approval;
  return { above, expiresAfterMs: expiresAfter, remindEveryMs: remindEvery };
}

function toNotice(
  item: z.output<typeof noticeSchema>,
  index: number,
  at: string,
  options: FileOptions,
): Notice {
  const address = resolveAddress(item.address, `${at}.address`, options);
  const secrets = (item.secrets ?? []).map((secret, secretIndex) =>
    resolve(secret, `${at}.secrets[${secretIndex}]`, options),
  );
  for (const [secretIndex, secret] of secrets.entries()) {
    if (secret && !signingSecret.test(secret))
      options.addError(
        `REQUEUE_CONFIG: ${at}.secrets[${secretIndex}]: the variable's value is not a signing secret: expected 24 to 64 bytes in base64, with or without the prefix whsec_.`,
      );
  }
  return {
    name: item.name ?? `notice-${index + 1}`,
    address,
    secrets,
    events: item.events ?? noticeEvents,
    form: item.form,
  };
}
