import { plainMarkdown } from '../../src/text/plain-markdown';

it('a stranger’s text is one code span, which nothing in it ends', () => {
  expect(plainMarkdown('[a](b) **c** é 字 😀')).toBe('`[a](b) **c** é 字 😀`');
  expect(plainMarkdown('``a`` `b')).toBe("`''a'' 'b`");
});

it('what breaks a line, turns text round or is half a character becomes a space', () => {
  expect(plainMarkdown('a\nb\u001bc\u202ed\ud800e\u2028f\u2029g')).toBe('`a b c d e f g`');
});

it('a text of which nothing can be seen is a dash', () => {
  for (const text of ['', ' ', '\n\u202e ']) expect(plainMarkdown(text)).toBe('–');
  expect(plainMarkdown(' a ')).toBe('` a `');
});
