/**
 * Makes untrusted text a Markdown code span of one line: Temporal's Web UI renders no part of it, and it
 * can't reverse the direction of the text around it. Text with nothing visible becomes a dash.
 */
export function plainMarkdown(text: string): string {
  const oneLine = text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, ' ').replaceAll('`', "'");
  return oneLine.trim() === '' ? '–' : `\`${oneLine}\``;
}
