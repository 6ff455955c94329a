/**
 * Turns untrusted text into a Markdown code span on one line. Temporal's Web UI then renders none of its
 * Markdown, and it can't reverse the direction of the text around it. Text without visible characters becomes
 * a dash.
 */
export function plainMarkdown(text: string): string {
  const oneLine = text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, ' ').replaceAll('`', "'");
  return oneLine.trim() === '' ? '–' : `\`${oneLine}\``;
}
