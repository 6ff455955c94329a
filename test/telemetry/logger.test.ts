import { createLogger } from '../../src/telemetry/logger';
import { hostileNames, unprintable } from '../support/hostile-names';

function logged(log: (logger: ReturnType<typeof createLogger>) => void): string {
  let written = '';
  log(createLogger({ name: 'test', destination: { write: (text) => void (written += text) } }));
  return written;
}

it.each(hostileNames)(
  'The logger writes $what as one complete line that a terminal does not obey',
  ({ text }) => {
    const line = logged((logger) =>
      logger.child({ child: text }).warn({ text, inside: [text], err: new Error(text) }, text),
    );
    expect(line.endsWith('}\n')).toBe(true);
    expect(line.slice(0, -1)).not.toMatch(unprintable);
    expect(JSON.parse(line)).toMatchObject({
      child: text,
      text,
      inside: [text],
      err: { message: text },
      msg: text,
    });
  },
);

it('The logger redacts secrets', () => {
  const line = logged((logger) =>
    logger.info(
      { call: { authorization: 'canary', apiKey: 'canary', secret: 'canary' }, headers: 'canary' },
      'x',
    ),
  );
  expect(line).not.toContain('canary');
});
