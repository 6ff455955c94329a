/** The message under Temporal's wrapping, cut to 200 characters: it becomes part of a log entry of 300. */
export function rootMessage(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error ? cause.message.slice(0, 200) : 'unknown failure';
}
