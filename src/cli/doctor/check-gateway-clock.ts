import { type ClockLead, readClockLead } from '../../temporal/read-clock';
import { describeLead } from '../../text/clock-lead';
import { askReadiness, gatewayBase } from './ask-gateway';
import type { Finding } from './finding';
import type { Subject } from './subject';

const part = 'gateway clock';
/** In ms. The reading takes two calls, which a healthy server answers immediately. */
const deadlineMs = 3000;
/** In ms. The header `Date` has whole seconds, and Node renews it once a second. */
const dateIsOldMs = 2000;

/**
 * Compares the gateway's clock, which its answers show, with Temporal's; with this machine's while Temporal does
 * not answer. Finds nothing while no gateway answers.
 */
export async function checkGatewayClock(subject: Subject): Promise<Finding[]> {
  const base = gatewayBase(subject);
  const [gateway, machine] = await Promise.all([leadOfGateway(base), leadOfMachine(subject)]);
  if (!gateway) return [];
  return [
    clockFinding(
      base,
      machine ? addLeads(gateway, machine) : gateway,
      machine ? 'Temporal’s' : 'this machine’s',
    ),
  ];
}

function clockFinding(base: string, lead: ClockLead, other: string): Finding {
  const difference = describeLead(lead);
  if (difference === undefined)
    return { part, state: 'well', says: `The clock of ${base} agrees with ${other}.` };
  return {
    part,
    state: 'wrong',
    says: `The clock of ${base} runs ${difference} ${other}; the times of its requests are wrong by as much.`,
    todo: 'set the clocks of all machines with NTP, for example with chrony',
  };
}

/** By how much the gateway's clock runs ahead of this machine's. Undefined when no answer shows a date. */
async function leadOfGateway(base: string): Promise<ClockLead | undefined> {
  const before = Date.now();
  const answer = await askReadiness(base).catch(() => undefined);
  const date = Date.parse(answer?.date ?? '');
  return Number.isNaN(date) ? undefined : { min: date - Date.now(), max: date + dateIsOldMs - before };
}

/** By how much this machine's clock runs ahead of Temporal's. Undefined when Temporal does not answer. */
async function leadOfMachine(subject: Subject): Promise<ClockLead | undefined> {
  try {
    return await readClockLead(subject.temporal().client, deadlineMs);
  } catch {
    return undefined;
  }
}

function addLeads(a: ClockLead, b: ClockLead): ClockLead {
  return { min: a.min + b.min, max: a.max + b.max };
}
