import { BodyError } from '../../src/export-body/body-error';

test('a message is cut to 300 characters, never inside one', () => {
  const { message } = new BodyError(400, 'x', `a${'😀'.repeat(300)}`);
  expect(message.length).toBeLessThanOrEqual(300);
  expect(message).toMatch(/^a(😀)+…$/u);
});

test('what could move a cursor, turn text round or is half a character is escaped', () => {
  expect(new BodyError(400, 'x', 'a\u001b[2J\n\u0085\u202eb\ud800').message).toBe('a\\u001b[2J\\u000a\\u0085\\u202eb\\ud800');
});
