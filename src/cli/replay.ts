import { readFile } from 'node:fs/promises';
import { request } from 'undici';
import type { Config } from '../config/config';
import { loadConfig } from '../config/load-config';
import { printable, printableJson } from '../domain/text';
import { answerOf, sentenceOf } from './answer-text';
import { operatorTokenFile } from './operator-token-file';

export interface ReplayOptions {
  readonly force?: true | undefined;
  readonly url?: string | undefined;
  readonly token?: string | undefined;
  readonly json?: true | undefined;
}

/** `requeue replay SHA256`, through the gateway. @throws an Error with one sentence. */
export async function replay(sha256: string, options: ReplayOptions): Promise<void> {
  const config = loadConfig(process.env, 'client');
  const base = (options.url ?? config.gateway.publicUrl).replace(/\/+$/, '');
  const token = options.token ?? process.env['REQUEUE_TOKEN'] ?? (await tokenOf(config));
  const response = await request(`${base}/api/deliveries/${encodeURIComponent(sha256)}/replay`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ force: options.force === true }),
  }).catch((error: NodeJS.ErrnoException) => {
    throw new Error(`No gateway answers at ${base} (${error.code ?? error.message}).`);
  });
  const text = await response.body.text();
  if (response.statusCode >= 300) throw new Error(`${response.statusCode} ${sentenceOf(text)}`);
  const answer = answerOf<Replayed>(text, base);
  process.stdout.write(`${options.json ? printableJson(JSON.stringify(answer)) : printable(summaryOf(answer))}\n`);
}

async function tokenOf(config: Config): Promise<string> {
  const [operator] = config.operators;
  const token = operator?.token ?? (await readFile(operatorTokenFile(config), 'utf8').catch(() => '')).trim();
  if (token === '') throw new Error('No operator token: give --token, or set REQUEUE_TOKEN or OPERATOR_TOKENS.');
  return token;
}

interface Replayed {
  readonly requestId: string;
  readonly released: boolean;
  readonly issueId: string;
  readonly revision: string;
}

function summaryOf({ requestId, released, issueId, revision }: Replayed): string {
  return `${released ? 'Released the held request' : 'Asked again as request'} ${requestId}: issue ${issueId}, revision ${revision}.`;
}
