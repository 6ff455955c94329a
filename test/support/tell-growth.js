/** For `node --require`: answers each message of the parent with the most memory that the process has had, in bytes. */
process.on('message', () => process.send({ mostBytes: process.resourceUsage().maxRSS * 1024 }));
process.channel.unref();
