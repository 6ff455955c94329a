import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';

/** A notice that arrived, with the status of the answer. */
export interface GotNotice {
  /** Last part of the address. */
  readonly target: string;
  readonly id: string | undefined;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Secrets of the receiver whose signature is valid. */
  readonly verified: readonly string[];
  readonly status: number;
}

/** A receiver of notices on its own port. */
export class NoticeReceiver {
  /** In order of arrival. */
  readonly got: GotNotice[] = [];
  /**
   * Returns the status of the answer, 204 by default. `count` is how often the same body has arrived, from 1.
   */
  answer: (notice: Omit<GotNotice, 'status'>, count: number) => number = () => 204;
  private readonly server = createServer((request, response) => {
    void readBody(request).then((body) =>
      response.writeHead(this.take(request, body)).end('words of the receiver'),
    );
  });

  private constructor(private readonly secrets: readonly string[]) {}

  static async start(secrets: readonly string[]): Promise<NoticeReceiver> {
    const receiver = new NoticeReceiver(secrets);
    await new Promise<void>((listening) => receiver.server.listen(0, '127.0.0.1', listening));
    return receiver;
  }

  address(path: string): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/${path}`;
  }

  /** Notices that were answered with 2xx. */
  taken(): GotNotice[] {
    return this.got.filter(({ status }) => status < 300);
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((closed) => this.server.close(closed));
  }

  private take({ url = '', headers: rawHeaders }: IncomingMessage, body: string): number {
    const headers = rawHeaders as Record<string, string>;
    const target = url.slice(url.lastIndexOf('/') + 1);
    const verified = this.secrets.filter((secret) => isSigned(secret, body, headers));
    const notice = { target, id: headers['webhook-id'], body, headers, verified };
    const count = this.got.filter((other) => other.target === target && other.body === body).length + 1;
    const status = this.answer(notice, count);
    this.got.push({ ...notice, status });
    return status;
  }
}

function isSigned(secret: string, body: string, headers: Record<string, string>): boolean {
  try {
    new Webhook(secret).verify(body, headers);
    return true;
  } catch {
    return false;
  }
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
