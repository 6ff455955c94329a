/** Elements of one export, at most (contract of `POST /webhook`). */
export const maxElements = 2_000_000;
/** Bytes of one element, at most: a longer one would block the event loop while it is parsed. */
export const maxElementBytes = 4 * 1024 * 1024;
/** Nesting of a delivery, at most. */
export const maxDepth = 64;
/** Bytes of an issue id, at most. */
export const maxIssueIdBytes = 2048;
/** Issue ids up to this many bytes stand verbatim in the workflow id. */
export const maxVerbatimIssueIdBytes = 200;
/** Bytes of a name in a request and in a search attribute. */
export const nameBytes = 200;
