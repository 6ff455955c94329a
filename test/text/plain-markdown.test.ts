import { plainMarkdown } from '../../src/text/plain-markdown';

it('plainMarkdown makes untrusted text one code span that nothing inside can end', () => {
  expect(plainMarkdown('[a](b) **c** é 字 😀')).toBe('`[a](b) **c** é 字 😀`');
  expect(plainMarkdown('``a`` `b')).toBe("`''a'' 'b`");
});

it('plainMarkdown replaces line breaks, characters that reverse text and half characters by spaces', () => {
  expect(plainMarkdown('a\nb\u001bc\u202ed\ud800e\u2028f\u2029g')).toBe('`a b c d e f g`');
});

it('plainMarkdown makes a text without visible characters a dash', () => {
  for (const text of ['', ' ', '\n\u202e ']) expect(plainMarkdown(text)).toBe('–');
  expect(plainMarkdown(' a ')).toBe('` a `');
});
