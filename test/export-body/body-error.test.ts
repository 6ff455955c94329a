import { BodyError } from '../../src/export-body/body-error';

it('BodyError cuts its message to 300 characters, never inside one', () => {
  const messageFor = (text: string) => new BodyError('no-body', text).message;
  expect(messageFor('x'.repeat(300))).toBe('x'.repeat(300));
  expect(messageFor('x'.repeat(301))).toBe(`${'x'.repeat(299)}…`);
  expect(messageFor('😀'.repeat(151))).toBe(`${'😀'.repeat(149)}…`);
  expect(messageFor(`a${'😀'.repeat(151)}`)).toBe(`a${'😀'.repeat(149)}…`);
});

it('BodyError has a name of its own, which a log prints before the message', () => {
  expect(String(new BodyError('no-body', 'A sentence.'))).toBe('BodyError: A sentence.');
});

it('BodyError escapes characters that move a cursor, reverse text, are invisible or are half a character', () => {
  expect(new BodyError('no-body', 'a\u001b[2J\n\u0085\u202eb\ud800').message).toBe(
    'a\\u001b[2J\\u000a\\u0085\\u202eb\\ud800',
  );
  expect(new BodyError('no-body', 'a\u00ad\u2028\u2060b').message).toBe('a\\u00ad\\u2028\\u2060b');
});
