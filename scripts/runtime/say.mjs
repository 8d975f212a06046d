/** One plain line on stderr, so that standard output stays free for results. */
export const say = (line) => process.stderr.write(`kodo: ${line}\n`);
