import { defined } from '../../collections/defined';
import { readFile } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { type Dispatcher, getGlobalDispatcher } from 'undici';
import type { Config } from '../../config/config';
import { loadConfig } from '../../config/load-config';
import { isHttpUrl } from '../../config/env-reader';
import { commandAgent } from '../../gateway/api/command-agent';
import { printable } from '../../text/printable';
import { parseAnswer, answerSentence } from './parse-answer';
import { operatorTokenFile } from './operator-token-file';
import { WrongUsage } from '../wrong-usage';

/** Options of every command that calls the gateway. */
export interface GatewayOptions {
  readonly url?: string | undefined;
  readonly token?: string | undefined;
}

/**
 * The gateway's operator API, called with one operator's token. Every method throws a `GatewayError` for a
 * refusal, and `NoGateway` when no gateway answers.
 */
export interface GatewayClient {
  get<T>(path: string): Promise<T>;
  post<T>(path: string, body: object): Promise<T>;
  /** Streams the bytes of an answer, without a size limit. */
  stream(path: string): Promise<Readable>;
}

/** A refusal: its status and the gateway's own sentence. */
export class GatewayError extends Error {
  override readonly name = 'GatewayError';
  constructor(
    readonly status: number,
    sentence: string,
  ) {
    super(`${status} ${sentence}`);
  }
}

/** No gateway answers in time. */
export class NoGateway extends Error {
  override readonly name = 'NoGateway';
}

/** In ms. A gateway answers or refuses within 5 s. Only `find` may take longer: it reads every report if the index of labels is missing. */
const timeoutMs = 300_000;

/**
 * Finds the gateway and a token. The gateway: `--url`, then PUBLIC_URL, then PORT on this machine. The token:
 * `--token`, then REQUEUE_TOKEN, then the first of OPERATOR_TOKENS, then the token that `dev` created.
 *
 * @throws {WrongUsage} when the address is not an HTTP address.
 * @throws {Error} when there is no token.
 */
export async function createGatewayClient(options: GatewayOptions): Promise<GatewayClient> {
  const config = loadConfig(process.env, 'client');
  const base = options.url ?? config.gateway.publicUrl;
  if (!isHttpUrl(base))
    throw new WrongUsage('--url must be an http or https address without a user name or password.');
  const token = checkToken(options.token ?? process.env['REQUEUE_TOKEN'] ?? (await findToken(config)));
  const call = (method: 'GET' | 'POST', path: string, body?: object) =>
    request({ base, token, method, path, body });
  return {
    get: async <T>(path: string) => parseAnswer<T>(await readText(base, await call('GET', path)), base),
    post: async <T>(path: string, body: object) =>
      parseAnswer<T>(await readText(base, await call('POST', path, body)), base),
    stream: async (path) => (await call('GET', path)).body,
  };
}

/** `/api/exports/<issue>/decision` from `['exports', issue, 'decision']`; each part is escaped. */
export function apiPath(
  parts: readonly string[],
  query: Readonly<Record<string, string | number | undefined>> = {},
): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) search.set(name, String(value));
  return `/api/${parts.map((part) => encodeURIComponent(part)).join('/')}${search.size > 0 ? `?${search.toString()}` : ''}`;
}

async function findToken(config: Config): Promise<string> {
  const [operator] = config.operators;
  const token = operator?.token ?? (await readFile(operatorTokenFile(config), 'utf8').catch(() => '')).trim();
  if (token === '')
    throw new Error('No operator token: pass --token, or set REQUEUE_TOKEN or OPERATOR_TOKENS.');
  return token;
}

/** Checked here, because the HTTP library's error could show the token. */
function checkToken(token: string): string {
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  throw new Error(
    'The operator token has a space or another invalid character: expected visible ASCII characters.',
  );
}

interface Call {
  readonly base: string;
  readonly token: string;
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body: object | undefined;
}

/**
 * Uses undici's dispatcher. Its `request` function would parse the path as a URL, in which an issue id `..`
 * changes the address.
 */
async function request({ base, token, method, path, body }: Call): Promise<Dispatcher.ResponseData> {
  const { origin, pathname } = new URL(base);
  const response = await getGlobalDispatcher()
    .request({
      origin,
      method,
      path: `${pathname.replace(/\/+$/, '')}${path}`,
      headersTimeout: timeoutMs,
      headers: {
        authorization: `Bearer ${token}`,
        'user-agent': commandAgent,
        ...defined({ 'content-type': body ? 'application/json' : undefined }),
      },
      ...defined({ body: body ? JSON.stringify(body) : undefined }),
    })
    .catch((error: unknown) => {
      throw noGateway(base, error);
    });
  if (response.statusCode < 300) return response;
  throw new GatewayError(response.statusCode, answerSentence(await readText(base, response)));
}

async function readText(base: string, { body }: Dispatcher.ResponseData): Promise<string> {
  return body.text().catch((error: unknown) => {
    throw noGateway(base, error);
  });
}

function noGateway(base: string, error: unknown): NoGateway {
  const { code, message } = error as NodeJS.ErrnoException;
  return new NoGateway(
    `No gateway answers at ${printable(base.replace(/\/+$/, ''))} (${printable(code ?? message)}).`,
  );
}
