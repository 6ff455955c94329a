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

export interface FileOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly defaults: {
    readonly chunkLabels: number;
    readonly inFlight: number;
    readonly approval: ApprovalPolicy;
    readonly timeoutMs: number;
  };
  /** Whether a variable named in the file must be set. */
  readonly needsKeys: boolean;
  fault(sentence: string): void;
}

/** `${ENV_NAME}`, the only way a secret stands in the file. */
const reference = /^\$\{(?<name>[A-Za-z_][A-Za-z0-9_]*)\}$/;

/** As Standard Webhooks say: 24 to 64 random bytes, base64. */
const signingSecret =
  /^(whsec_)?(?=[A-Za-z0-9+/]{32,88}={0,2}$)([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

const destinationSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,60}$/, 'must be 1 to 60 letters, digits, - or _: it names a task queue'),
  adapter: z.literal('labelbox'),
  address: z
    .string()
    .refine(
      (text) => reference.test(text) || isHttpUrl(text),
      'must be an http or https address without a user name or password, or ${ENV_NAME}',
    ),
  key: z.string().regex(reference, 'must be ${ENV_NAME}: a secret does not stand in the file'),
  mutation: z.string().min(1).optional(),
  rate: z.number().positive().optional(),
  inFlight: z.int().min(1).max(100).optional(),
  chunkLabels: z.int().min(1).max(500).optional(),
  timeout: duration('100ms', '5m', 'an activity has 10 minutes').optional(),
});

/** A time such as `30s`; milliseconds come out. */
function duration(least: string, most: string, why?: string) {
  return z.string().transform((text, context) => {
    const ms = parseDuration(text);
    const sentence =
      ms === undefined
        ? 'must be a time such as 30s, 24h or 7d'
        : `must be from ${least} to ${most}${why ? `: ${why}` : ''}`;
    if (ms !== undefined && ms >= (parseDuration(least) ?? 0) && ms <= (parseDuration(most) ?? 0)) return ms;
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
          [above, always, never].filter((given) => given !== undefined).length <= 1,
        'takes one of above, always and never',
      ),
  ],
  'must be always, never, or one of above: <labels>, always: true, never: true, with expiresAfter and remindEvery as times such as 7d and 24h',
);

const noticeSchema = z
  .strictObject({
    name: z
      .string()
      .regex(/^[A-Za-z0-9_-]{1,60}$/, 'must be 1 to 60 letters, digits, - or _')
      .optional(),
    address: z
      .string()
      .refine(
        (text) => reference.test(text) || isHttpUrl(text),
        'must be an http or https address without a user name or password, or ${ENV_NAME}',
      ),
    secrets: z
      .array(z.string().regex(reference, 'must be ${ENV_NAME}: a secret does not stand in the file'))
      .optional(),
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

/** The items are looked at one by one: a fault in one hides none in another. */
const fileSchema = z.strictObject({
  destinations: z.array(z.unknown()).min(1).optional(),
  routes: z.array(z.unknown()).min(1).optional(),
  notices: z.array(z.unknown()).optional(),
});

/** Reads the YAML file at `path`; its faults go to `options.fault`, and what is faulty is left out. */
export function readConfigFile(path: string, options: FileOptions): Partial<FileConfig> {
  const content = parse(path, options);
  if (content === undefined) return {};
  const { destinations, routes, notices } = readItem(fileSchema, content ?? {}, '', options) ?? {};
  return {
    ...(destinations && {
      destinations: readItems(destinationSchema, destinations, 'destinations', options).map(
        ({ at, item, given }) =>
          item ? toDestination(item, at, options) : unreadableDestination(given, options),
      ),
    }),
    ...(routes && {
      routes: readItems(routeSchema, routes, 'routes', options).flatMap(({ item }) =>
        item ? [toRoute(item, options.defaults.approval)] : [],
      ),
    }),
    ...(notices && {
      notices: readItems(noticeSchema, notices, 'notices', options).flatMap(({ item, at, index }) =>
        item ? [toNotice(item, index, at, options)] : [],
      ),
    }),
  };
}

function readItems<T>(schema: z.ZodType<T>, items: readonly unknown[], list: string, options: FileOptions) {
  return items.map((given, index) => {
    const at = `${list}[${index}]`;
    return { at, index, given, item: readItem(schema, given, at, options) };
  });
}

/** One part of the file, its faults told; what is wrong with it is left out, so that the rest is looked at too. */
function readItem<T>(
  schema: z.ZodType<T>,
  given: unknown,
  at: string,
  { fault }: FileOptions,
): T | undefined {
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const { issues } = parsed.error;
  for (const issue of issues)
    for (const sentence of issueSentences(issue, at)) fault(`REQUEUE_CONFIG: ${sentence}`);
  if (typeof given !== 'object' || given === null) return undefined;
  const wrong = new Set(
    issues.flatMap((issue) =>
      (issue.code === 'unrecognized_keys' ? issue.keys : []).concat(String(issue.path[0])),
    ),
  );
  return schema.safeParse(Object.fromEntries(Object.entries(given).filter(([key]) => !wrong.has(key)))).data;
}

/** Only its name is of use: routes may name it. The file is refused in any case. */
function unreadableDestination(given: unknown, { defaults }: FileOptions): Destination {
  const { name } = (given ?? {}) as { readonly name?: unknown };
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

function parse(path: string, { fault }: FileOptions): unknown {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    fault(
      `REQUEUE_CONFIG: ${path} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown reason'}).`,
    );
    return undefined;
  }
  const document = parseDocument(text, { prettyErrors: false });
  for (const { message, pos } of document.errors)
    fault(
      `REQUEUE_CONFIG: line ${text.slice(0, pos[0]).split('\n').length} is not valid YAML: ${message.split('\n')[0]}.`,
    );
  return document.errors.length > 0 ? undefined : (document.toJS() as unknown);
}

function issueSentences(issue: z.core.$ZodIssue, within: string): string[] {
  const at = `${within}${pathText(issue.path)}`.replace(/^\./, '');
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => `${at ? `${at}.` : ''}${key} is no known key.`);
  return [`${at || 'the file'}: ${issue.message}.`];
}

function pathText(path: readonly PropertyKey[]): string {
  return path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('');
}

function toDestination(
  given: z.output<typeof destinationSchema>,
  at: string,
  options: FileOptions,
): Destination {
  const address = resolved(given.address, `${at}.address`, options);
  if (address && !isHttpUrl(address))
    options.fault(`REQUEUE_CONFIG: ${at}.address: the variable holds no http or https address.`);
  return {
    name: given.name,
    adapter: given.adapter,
    address,
    key: resolved(given.key, `${at}.key`, options),
    inFlight: given.inFlight ?? options.defaults.inFlight,
    chunkLabels: given.chunkLabels ?? options.defaults.chunkLabels,
    timeoutMs: given.timeout ?? options.defaults.timeoutMs,
    ...defined({ mutation: given.mutation, rate: given.rate }),
  };
}

function resolved(text: string, at: string, { env, needsKeys, fault }: FileOptions): string {
  const name = reference.exec(text)?.groups?.['name'];
  if (name === undefined) return text;
  const value = env[name]?.trim();
  if (!value && needsKeys) fault(`REQUEUE_CONFIG: ${at} names the variable ${name}, which is not set.`);
  return value ?? '';
}

function toRoute(
  { destinationProject, approval, ...route }: z.output<typeof routeSchema>,
  usual: ApprovalPolicy,
): Route {
  return {
    ...route,
    ...defined({ destinationProject }),
    approval: toPolicy(approval ?? {}, usual),
  };
}

function toPolicy(given: z.output<typeof approvalSchema>, usual: ApprovalPolicy): ApprovalPolicy {
  if (given === 'always') return { ...usual, above: 0 };
  if (given === 'never') return { ...usual, above: neverAsk };
  const above = given.always ? 0 : given.never ? neverAsk : (given.above ?? usual.above);
  const { expiresAfter = usual.expiresAfterMs, remindEvery = usual.remindEveryMs } = given;
  return { above, expiresAfterMs: expiresAfter, remindEveryMs: remindEvery };
}

function toNotice(
  given: z.output<typeof noticeSchema>,
  index: number,
  at: string,
  options: FileOptions,
): Notice {
  const address = resolved(given.address, `${at}.address`, options);
  if (address && !isHttpUrl(address))
    options.fault(`REQUEUE_CONFIG: ${at}.address: the variable holds no http or https address.`);
  const secrets = (given.secrets ?? []).map((secret, place) =>
    resolved(secret, `${at}.secrets[${place}]`, options),
  );
  for (const [place, secret] of secrets.entries()) {
    if (secret && !signingSecret.test(secret))
      options.fault(
        `REQUEUE_CONFIG: ${at}.secrets[${place}]: the variable holds no signing secret: expected 24 to 64 bytes as base64, with or without whsec_ before it.`,
      );
  }
  return {
    name: given.name ?? `notice-${index + 1}`,
    address,
    secrets,
    events: given.events ?? noticeEvents,
    form: given.form,
  };
}
