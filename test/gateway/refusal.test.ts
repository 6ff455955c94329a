import { BodyError } from '../../src/export-body/body-error';
import { refuse, toRefusal } from '../../src/gateway/http/refusal';
import { StoreFailure } from '../../src/gateway/http/store-failure';

describe('refusalOf', () => {
  it('keeps a refusal, and the status, name and sentence of a body’s fault', () => {
    const refusal = refuse('not-json', { type: '' });
    expect(toRefusal(refusal)).toBe(refusal);
    expect(toRefusal(new BodyError(413, 'too-many-elements', 'more than 2'))).toMatchObject({
      status: 413,
      body: { error: 'too-many-elements', message: 'Payload Too Large: more than 2' },
    });
  });

  it('cuts a message to 300 characters, never inside one', () => {
    const { message } = refuse('bad-decision', 'Ω😀'.repeat(300)).body;
    expect(message.length).toBeLessThanOrEqual(300);
    expect(message).toMatch(/^Bad Request: (Ω😀)+Ω?…$/u);
  });

  it('takes a file system’s error for the store’s, and anything else for an internal one', () => {
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
