/** Text of strangers as a code span of one line: nothing in it is markdown, nothing turns the direction of what stands around it. */
export function plainMarkdown(text: string): string {
  const oneLine = text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, ' ').replaceAll('`', "'");
  return oneLine.trim() === '' ? '–' : `\`${oneLine}\``;
}
