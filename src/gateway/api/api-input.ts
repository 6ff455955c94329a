import { isShortRevision } from '../../domain/revision';
import { defined } from '../../collections/defined';
import type { ParsedUrlQuery } from 'node:querystring';
import { type InvalidDecision, parseDecisionStrictly, parseReason } from '../../decisions/parse-decision';
import { allStages, type Stage } from '../../domain/stage';
import { type Refusal, refuse } from '../http/refusal';
import type { RefusalWithGivenSentence } from '../http/refusals';
import type { DecisionRequest, ListFilter, ReportRequest } from './operator-api';

const stages: readonly string[] = allStages;
/** Rows per page when the query has no `limit`. */
export const defaultLimit = 50;

/** @throws {Refusal} 400 when a parameter is invalid. The other functions in this file throw likewise. */
export function parseListFilter(query: ParsedUrlQuery): ListFilter {
  const stage = singleValue(query, 'stage');
  if (stage !== undefined && !stages.includes(stage)) throw refuse('bad-stage', { stages });
  const limit = Number(singleValue(query, 'limit') ?? defaultLimit);
  if (!Number.isInteger(limit) || limit < 1 || limit > 100) throw refuse('bad-limit', { max: 100 });
  return {
    stage: stage as Stage | undefined,
    project: singleValue(query, 'project'),
    issue: singleValue(query, 'issue'),
    limit,
    page: singleValue(query, 'page'),
  };
}

export function parseDecision(
  body: Readonly<Record<string, unknown>>,
): Pick<DecisionRequest, 'decision' | 'revision' | 'reason' | 'upTo' | 'plan'> {
  const parsed = parseDecisionStrictly(body, 'api');
  if (parsed.kind === 'invalid') throw refuseField(parsed);
  const { decision, revision, reason, upTo, plan } = parsed;
  return { decision, revision, reason, ...defined({ upTo, plan }) };
}

export function parseReasonField(body: Readonly<Record<string, unknown>>): string | undefined {
  const reason = parseReason(body, 'api');
  if (typeof reason === 'object') throw refuseField(reason);
  return reason;
}

/** @param what must have a reason: a clause such as `the request is dropped`. */
export function requireReason(reason: string | undefined, what: string): string {
  if (reason !== undefined && reason.trim() !== '') return reason;
  throw refuse('bad-reason', `expected a reason: text that says why ${what}.`);
}

const refusalOfField: Readonly<Record<InvalidDecision['field'], RefusalWithGivenSentence>> = {
  key: 'bad-decision',
  decision: 'bad-decision',
  revision: 'bad-revision',
  reason: 'bad-reason',
  upTo: 'bad-up-to',
  plan: 'bad-plan',
  by: 'bad-decision',
  record: 'bad-decision',
};

function refuseField({ field, sentence }: InvalidDecision): Refusal {
  return refuse(refusalOfField[field], sentence);
}

export function parseReportQuery(
  issueId: string,
  form: 'json' | 'csv',
  query: ParsedUrlQuery,
): ReportRequest {
  const [revision, attempt] = [singleValue(query, 'revision'), singleValue(query, 'attempt')];
  const isValid =
    (revision === undefined || isShortRevision(revision)) &&
    (attempt === undefined || /^[1-9]\d{0,8}$/.test(attempt));
  if (!isValid)
    throw refuse(
      'bad-revision',
      'expected revision to be 12 hex digits and attempt to be a whole number from 1.',
    );
  const excel = singleValue(query, 'excel');
  if (excel !== undefined && excel !== 'true' && excel !== 'false')
    throw refuse('not-a-boolean', { field: 'excel' });
  return {
    issueId,
    form,
    revision,
    attempt: attempt === undefined ? undefined : Number(attempt),
    excel: excel === 'true',
  };
}

/** Reads a parameter that may occur once. An empty value counts as absent. */
function singleValue(query: ParsedUrlQuery, name: string): string | undefined {
  const value = query[name];
  if (Array.isArray(value)) throw refuse('twice', { what: name });
  return value === undefined || value === '' ? undefined : value;
}
