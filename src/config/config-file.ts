import { readFileSync } from 'node:fs';
import { parseDocument } from 'yaml';
import { z } from 'zod';
import type { Destination, Route } from './config';
import { isHttpUrl } from './read-env';

export interface FileConfig {
  readonly destinations: readonly Destination[];
  readonly routes: readonly Route[];
}

export interface FileOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly defaults: {
    readonly chunkLabels: number;
    readonly inFlight: number;
    readonly approvalAbove: number;
    readonly timeoutMs: number;
  };
  /** Whether a variable named in the file must be set. */
  readonly needsKeys: boolean;
  fault(sentence: string): void;
}

/** `${ENV_NAME}`, the only way a secret stands in the file. */
const reference = /^\$\{(?<name>[A-Za-z_][A-Za-z0-9_]*)\}$/;

const destinationSchema = z.strictObject({
  name: z.string().regex(/^[A-Za-z0-9_-]{1,60}$/, 'must be 1 to 60 letters, digits, - or _: it names a task queue'),
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
  timeout: z
    .string()
    .regex(/^\d+(ms|s|m)$/, 'must be a time such as 30s')
    .refine((text) => msOf(text) >= 100 && msOf(text) <= 300_000, 'must be from 100ms to 5m: an activity has 10 minutes')
    .optional(),
});

const routeSchema = z.strictObject({
  project: z.string().min(1),
  destination: z.string().min(1),
  destinationProject: z.string().min(1).optional(),
  crops: z.enum(['matching', 'all-in-frame']).default('matching'),
  frames: z.enum(['skip', 'all-labels']).default('skip'),
  labelId: z
    .string()
    .regex(/^(uuid|user__.+|attributes\..+)$/, 'must be uuid, user__<field> or attributes.<name>')
    .default('uuid'),
  onInvalid: z.enum(['skip', 'fail']).default('skip'),
  resend: z.enum(['new', 'all']).default('new'),
  approval: z.strictObject({ above: z.int().min(0).optional() }).optional(),
});

const fileSchema = z.strictObject({
  destinations: z.array(destinationSchema).min(1).optional(),
  routes: z.array(routeSchema).min(1).optional(),
});

/** Reads the YAML file at `path`; its faults go to `options.fault`, and what is faulty is left out. */
export function readConfigFile(path: string, options: FileOptions): Partial<FileConfig> {
  const content = parse(path, options);
  if (content === undefined) return {};
  const parsed = fileSchema.safeParse(content ?? {});
  if (!parsed.success) {
    for (const issue of parsed.error.issues) for (const sentence of sentencesOf(issue)) options.fault(`REQUEUE_CONFIG: ${sentence}`);
    return {};
  }
  const { destinations, routes } = parsed.data;
  return {
    ...(destinations && {
      destinations: destinations.map((destination, index) => toDestination(destination, `destinations[${index}]`, options)),
    }),
    ...(routes && { routes: routes.map((route) => toRoute(route, options.defaults.approvalAbove)) }),
  };
}

function parse(path: string, { fault }: FileOptions): unknown {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    fault(`REQUEUE_CONFIG: ${path} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown reason'}).`);
    return undefined;
  }
  const document = parseDocument(text, { prettyErrors: false });
  for (const { message, pos } of document.errors)
    fault(`REQUEUE_CONFIG: line ${text.slice(0, pos[0]).split('\n').length} is not valid YAML: ${message.split('\n')[0]}.`);
  return document.errors.length > 0 ? undefined : (document.toJS() as unknown);
}

function sentencesOf(issue: z.core.$ZodIssue): string[] {
  const at = whereOf(issue.path);
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => `${at ? `${at}.` : ''}${key} is no known key.`);
  return [`${at || 'the file'}: ${issue.message}.`];
}

function whereOf(path: readonly PropertyKey[]): string {
  return path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./, '');
}

function toDestination(given: z.output<typeof destinationSchema>, at: string, options: FileOptions): Destination {
  const address = resolved(given.address, `${at}.address`, options);
  if (address && !isHttpUrl(address)) options.fault(`REQUEUE_CONFIG: ${at}.address: the variable holds no http or https address.`);
  return {
    name: given.name,
    adapter: given.adapter,
    address,
    key: resolved(given.key, `${at}.key`, options),
    inFlight: given.inFlight ?? options.defaults.inFlight,
    chunkLabels: given.chunkLabels ?? options.defaults.chunkLabels,
    timeoutMs: given.timeout === undefined ? options.defaults.timeoutMs : msOf(given.timeout),
    ...(given.mutation === undefined ? {} : { mutation: given.mutation }),
    ...(given.rate === undefined ? {} : { rate: given.rate }),
  };
}

function resolved(text: string, at: string, { env, needsKeys, fault }: FileOptions): string {
  const name = reference.exec(text)?.groups?.['name'];
  if (name === undefined) return text;
  const value = env[name]?.trim();
  if (!value && needsKeys) fault(`REQUEUE_CONFIG: ${at} names the variable ${name}, which is not set.`);
  return value ?? '';
}

function toRoute({ destinationProject, approval, ...route }: z.output<typeof routeSchema>, above: number): Route {
  return { ...route, ...(destinationProject === undefined ? {} : { destinationProject }), approval: { above: approval?.above ?? above } };
}

function msOf(text: string): number {
  const { count, unit } = /^(?<count>\d+)(?<unit>ms|s|m)$/.exec(text)?.groups ?? {};
  return Number(count) * (unit === 'ms' ? 1 : unit === 's' ? 1000 : 60_000);
}
