import { BodyError } from '../../src/export-body/body-error';

it('a message is cut to 300 characters, never inside one', () => {
  const messageOf = (text: string) => new BodyError(400, 'x', text).message;
  expect(messageOf('x'.repeat(300))).toBe('x'.repeat(300));
  expect(messageOf('x'.repeat(301))).toBe(`${'x'.repeat(299)}…`);
  expect(messageOf('😀'.repeat(151))).toBe(`${'😀'.repeat(149)}…`);
  expect(messageOf(`a${'😀'.repeat(151)}`)).toBe(`a${'😀'.repeat(149)}…`);
});

it('is told apart by its name, which stands before its message in a log', () => {
  expect(String(new BodyError(400, 'x', 'A sentence.'))).toBe('BodyError: A sentence.');
});

it('what could move a cursor, turn text round or is half a character is escaped', () => {
  expect(new BodyError(400, 'x', 'a\u001b[2J\n\u0085\u202eb\ud800').message).toBe(
    'a\\u001b[2J\\u000a\\u0085\\u202eb\\ud800',
  );
});
