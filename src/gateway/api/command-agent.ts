/** The `User-Agent` of the `requeue` commands. The log of an export then says that a command sent a request. */
export const commandAgent = 'requeue';
