import { marked, type Token } from 'marked';

/** @returns all tokens of a Markdown text, also nested ones, from an independent parser. */
export function markdownTokens(markdown: string): Token[] {
  const all: Token[] = [];
  void marked.walkTokens(marked.lexer(markdown), (token) => void all.push(token));
  return all;
}
