import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';

export const root = resolve(__dirname, '../..');

export type Condition = 'service_started' | 'service_healthy' | 'service_completed_successfully';

/** A service in Requeue's docker-compose.yml. */
export interface Service {
  readonly image: string;
  readonly build?: string;
  readonly command: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly user?: string;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly restart: string;
  readonly stop_grace_period?: string;
  readonly healthcheck?: { readonly test: readonly string[] } | { readonly disable: true };
  readonly depends_on?: Readonly<Record<string, { readonly condition: Condition }>>;
}

export interface ComposeFile {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}

/** Reads docker-compose.yml like compose: replaces `${NAME:-default}` and resolves merge keys. */
export function readComposeFile(env: Readonly<Record<string, string>> = {}): ComposeFile {
  const text = readFileSync(join(root, 'docker-compose.yml'), 'utf8');
  const withValues = text.replace(
    /\$\{(\w+):-([^}]*)\}/g,
    (_, name: string, fallback: string) => env[name] || fallback,
  );
  return parse(withValues, { merge: true }) as ComposeFile;
}

/** @returns the command of a service's health check without `CMD`; undefined when it has no health check. */
export function findHealthCommand({ healthcheck }: Service): readonly string[] | undefined {
  return healthcheck && 'test' in healthcheck ? healthcheck.test.slice(1) : undefined;
}

/** The Dockerfile's instructions in order, with continued lines joined. */
export function readDockerfile(): readonly { readonly name: string; readonly value: string }[] {
  const text = readFileSync(join(root, 'Dockerfile'), 'utf8').replace(/^\s*#.*\n/gm, '');
  return text
    .replace(/\\\n\s*/g, '')
    .split('\n')
    .flatMap((line) => {
      const [, name, value] = /^([A-Z]+)\s+(.+)$/.exec(line) ?? [];
      return name && value ? [{ name, value }] : [];
    });
}

/** The variables that the image sets. */
export function imageEnvironment(): Record<string, string> {
  const pairs = readDockerfile().flatMap(({ name, value }) => (name === 'ENV' ? value.split(' ') : []));
  return Object.fromEntries(pairs.map((pair) => pair.split('=') as [string, string]));
}
