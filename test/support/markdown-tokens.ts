import { marked, type Token } from 'marked';

/** Every token of a markdown text, inner ones too, as a parser of its own reads it. */
export function markdownTokens(markdown: string): Token[] {
  const all: Token[] = [];
  void marked.walkTokens(marked.lexer(markdown), (token) => void all.push(token));
  return all;
}
