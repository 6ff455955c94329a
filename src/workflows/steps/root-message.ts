/** The message of the error that Temporal wrapped, truncated to 200 characters to fit into a log entry. */
export function rootMessage(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error ? cause.message.slice(0, 200) : 'unknown failure';
}
