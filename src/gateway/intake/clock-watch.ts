import type { Client } from '@temporalio/client';
import { delay } from '../../clock/clock';
import type { Logger } from '../../telemetry/logger';
import { readClockLead } from '../../temporal/read-clock';
import { describeLead } from '../../text/clock-lead';

/** In ms. A clock that is wrong stays wrong, and NTP repairs one within minutes. */
const everyMs = 5 * 60_000;
/** In ms. Until Temporal has answered. */
const retryMs = 30_000;
/** In ms. The reading takes two calls, which a healthy server answers immediately. */
const deadlineMs = 4000;

/**
 * Compares this gateway's clock with Temporal's every five minutes until `signal` aborts, and logs when it begins
 * to differ and when it agrees again. Says nothing while Temporal does not answer.
 * @param now returns ms since 1970.
 */
export async function watchClock(deps: {
  readonly client: Client;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  readonly now?: () => number;
}): Promise<void> {
  const { client, logger, signal, now } = deps;
  let known: string | undefined;
  while (!signal.aborted) {
    const lead = await readClockLead(client, deadlineMs, now).catch(() => undefined);
    const difference = lead ? describeLead(lead) : known;
    if (difference !== known) logDifference(logger, difference);
    known = difference;
    await delay(lead ? everyMs : retryMs, signal);
  }
}

function logDifference(logger: Logger, difference: string | undefined): void {
  if (difference === undefined) return logger.info('The clock of this gateway agrees with Temporal’s again.');
  logger.warn(
    { difference },
    `The clock of this gateway runs ${difference} Temporal’s. The times of its requests are wrong by as much; set the clock with NTP.`,
  );
}
