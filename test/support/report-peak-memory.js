/**
 * For `node --require`: answers each message of the parent process with the peak memory of this process, in
 * bytes.
 */
process.on('message', () => process.send({ mostBytes: process.resourceUsage().maxRSS * 1024 }));
process.channel.unref();
