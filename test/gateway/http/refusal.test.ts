import { maxVerbatimIssueIdBytes } from '../../../src/domain/limits';
import { exportWorkflowId } from '../../../src/temporal/names';
import { unpauseRunCommand } from '../../../src/temporal/unpause-commands';
import { STATUS_CODES } from 'node:http';
import { BodyError } from '../../../src/export-body/body-error';
import { refuse, toRefusal } from '../../../src/gateway/http/refusal';
import { refusals } from '../../../src/gateway/http/refusals';
import { StoreFailure } from '../../../src/gateway/http/store-failure';

describe('A refusal', () => {
  it('The message begins with the reason phrase of the status', () => {
    expect(refuse('store-full').body).toEqual({
      error: 'store-full',
      message: expect.stringMatching(/^Insufficient Storage: Requeue has no disk space left\./),
    });
    expect(refuse('not-found', { path: '/x' }).body.message).toBe(
      'Not Found: there is nothing at "/x". Deliveries go to POST /webhook.',
    );
    expect(toRefusal(new BodyError('too-many-elements', 'more than 2')).body.message).toBe(
      'Payload Too Large: more than 2',
    );
  });

  it('The messages about a wrong secret and an unknown event begin as in Aquarium’s guide', () => {
    expect(refuse('secret-wrong')).toMatchObject({
      status: 401,
      body: {
        message: expect.stringMatching(/^Bad Request: the secret in X-Aquarium-Secret is not the one/),
      },
    });
    expect(refuse('unknown-event', { event: 'model-trained' }).body.message).toBe(
      'Bad Request: endpoint not setup to handle model-trained events yet',
    );
  });

  it('The sentence is the message without its phrase', () => {
    expect(refuse('bad-stage', { stages: ['paused', 'sending'] }).sentence).toBe(
      'expected stage to be one of paused, sending.',
    );
  });

  it('The message is cut to 300 characters, never inside a character, and escaped to one line', () => {
    const { message } = refuse('bad-decision', 'Ω😀'.repeat(300)).body;
    expect(message.length).toBeLessThanOrEqual(300);
    expect(message).toMatch(/^Bad Request: (Ω😀)+Ω?…$/u);
    expect(refuse('bad-decision', 'a\nb').body.message).toBe('Bad Request: a\\u000ab');
  });

  it('The headers come from the table, fixed or from the values', () => {
    expect(refuse('store-unavailable', { reason: 'EIO' }).headers).toEqual({ 'Retry-After': '10' });
    expect(refuse('method-not-allowed', { method: 'PUT', allow: 'GET, HEAD' })).toMatchObject({
      headers: { Allow: 'GET, HEAD' },
      sentence: 'expected GET, HEAD, got PUT.',
    });
    expect(refuse('token-missing', 'api').headers).toHaveProperty('WWW-Authenticate');
    expect(refuse('token-missing', 'page').headers).toEqual({});
  });

  it('The name is kebab-case and the status an error of HTTP', () => {
    for (const [name, { status }] of Object.entries(refusals)) {
      expect(name).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
      expect([name, STATUS_CODES[status]]).toEqual([name, expect.any(String)]);
      expect(status).toBeGreaterThanOrEqual(400);
    }
  });
});

describe('toRefusal', () => {
  it('toRefusal keeps a refusal, and the status, name and sentence of a body’s fault', () => {
    const refusal = refuse('not-json', { type: '' });
    expect(toRefusal(refusal)).toBe(refusal);
    expect(toRefusal(new BodyError('too-many-elements', 'more than 2'))).toMatchObject({
      status: 413,
      body: { error: 'too-many-elements', message: 'Payload Too Large: more than 2' },
    });
  });

  it('toRefusal maps a file system error to one of the store, and any other error to an internal one', () => {
    expect(
      toRefusal(Object.assign(new Error('EIO: i/o error'), { code: 'EIO', syscall: 'read' })),
    ).toMatchObject({ status: 503 });
    expect(toRefusal(new StoreFailure(new TypeError('x')))).toMatchObject({
      status: 503,
      message: expect.stringContaining('TypeError'),
    });
    for (const odd of [undefined, null, 'text', new Error('x'), { code: 'EIO' }])
      expect(toRefusal(odd)).toMatchObject({ status: 500, code: 'internal-error' });
  });
});

it('The command that unpauses a run fits into the refusal with the longest workflow id of an issue', () => {
  const command = unpauseRunCommand(exportWorkflowId('x'.repeat(maxVerbatimIssueIdBytes)), '');
  expect(refuse('paused-in-temporal', command).body.message).toBe(
    `Conflict: Temporal itself paused this run. Unpause it: ${command}`,
  );
});
