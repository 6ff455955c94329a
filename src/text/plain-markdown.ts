import { replaceUnprintable } from './printable';
/**
 * Turns untrusted text into a Markdown code span on one line. Temporal's Web UI then renders none of its
 * Markdown, and it can't reverse the direction of the text around it. Text without visible characters becomes
 * a dash.
 */
export function plainMarkdown(text: string): string {
  const oneLine = replaceUnprintable(text, () => ' ').replaceAll('`', "'");
  return /^[\s\u200C\u200D]*$/.test(oneLine) ? '–' : `\`${oneLine}\``;
}
