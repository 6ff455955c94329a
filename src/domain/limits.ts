/** Maximum elements of one delivery. */
export const maxElements = 2_000_000;
/** Maximum bytes of one element: parsing a larger one would block the event loop. */
export const maxElementBytes = 4 * 1024 * 1024;
/** Maximum nesting depth of a delivery. */
export const maxDepth = 64;
/** Maximum bytes of an issue id. */
export const maxIssueIdBytes = 2048;
/** Maximum bytes of an issue id that the workflow id contains verbatim; longer ids are hashed. */
export const maxVerbatimIssueIdBytes = 200;
/** Maximum bytes of a name in a request and in a search attribute. */
export const nameBytes = 200;
