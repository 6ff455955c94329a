import type { ParsedUrlQuery } from 'node:querystring';
import { maxWords, maxWordsBytes, wordsIn } from '../../domain/decision';
import { allStages, type Stage } from '../../domain/stage';
import { Refusal } from '../refusal';
import type { DecisionWish, ListFilter, ReportWanted } from './operator-api';

const stages: readonly string[] = allStages;
/** Rows of a page when nothing is said. */
export const usualLimit = 50;

/** @throws {Refusal} 400 with one sentence; the same for every function here. */
export function listFilterOf(query: ParsedUrlQuery): ListFilter {
  const stage = one(query, 'stage');
  if (stage !== undefined && !stages.includes(stage))
    throw new Refusal(400, 'bad-stage', `expected stage to be one of ${stages.join(', ')}.`);
  const limit = Number(one(query, 'limit') ?? usualLimit);
  if (!Number.isInteger(limit) || limit < 1 || limit > 100)
    throw new Refusal(400, 'bad-limit', 'expected limit to be a whole number from 1 to 100.');
  return { stage: stage as Stage | undefined, project: one(query, 'project'), issue: one(query, 'issue'), limit, page: one(query, 'page') };
}

export function decisionOf(body: Readonly<Record<string, unknown>>): Pick<DecisionWish, 'decision' | 'revision' | 'reason' | 'upTo'> {
  const { decision, revision, upTo } = body;
  if (decision !== 'approve' && decision !== 'reject')
    throw new Refusal(400, 'bad-decision', 'expected decision to be "approve" or "reject".');
  if (typeof revision !== 'string' || !/^([0-9a-f]{12}|[0-9a-f]{64})$/.test(revision))
    throw new Refusal(400, 'bad-revision', 'expected revision to be the 12 or 64 hex digits that the plan shows.');
  const reason = reasonOf(body);
  refuseAlmostUpTo(body);
  if (upTo === undefined || upTo === null) return { decision, revision, reason };
  if (decision !== 'approve' || typeof upTo !== 'number' || !Number.isSafeInteger(upTo) || upTo < 1)
    throw new Refusal(400, 'bad-up-to', 'expected upTo to be a whole number from 1 to the plan’s labels, and only with approve.');
  return { decision, revision, reason, upTo };
}

/** A slip of the pen must not approve all labels where a person meant the first few. */
function refuseAlmostUpTo(body: Readonly<Record<string, unknown>>): void {
  const almost = Object.keys(body).find((name) => name !== 'upTo' && name.toLowerCase().replace(/[^a-z]/g, '') === 'upto');
  if (almost === undefined) return;
  throw new Refusal(400, 'bad-up-to', `expected upTo, and not ${almost}: without it all labels would be approved.`);
}

export function reasonOf({ reason }: Readonly<Record<string, unknown>>): string | undefined {
  if (reason === undefined || reason === null || reason === '') return undefined;
  if (typeof reason !== 'string' || reason.length > maxWords)
    throw new Refusal(400, 'bad-reason', `expected reason to be a text of at most ${maxWords} characters.`);
  const words = wordsIn(reason);
  if ([...words].length < [...reason].length)
    throw new Refusal(400, 'bad-reason', `expected reason to be a text of at most ${maxWordsBytes} bytes in UTF-8.`);
  return words;
}

export function reportWantedOf(issueId: string, form: 'json' | 'csv', query: ParsedUrlQuery): ReportWanted {
  const [revision, attempt] = [one(query, 'revision'), one(query, 'attempt')];
  const isRight = (revision === undefined || /^[0-9a-f]{12}$/.test(revision)) && (attempt === undefined || /^[1-9]\d{0,8}$/.test(attempt));
  if (!isRight) throw new Refusal(400, 'bad-revision', 'expected revision to be 12 hex digits, and attempt a whole number from 1.');
  return { issueId, form, revision, attempt: attempt === undefined ? undefined : Number(attempt) };
}

/** A parameter that may stand once; an empty one is none. */
function one(query: ParsedUrlQuery, name: string): string | undefined {
  const value = query[name];
  if (Array.isArray(value)) throw new Refusal(400, 'twice', `expected ${name} once.`);
  return value === undefined || value === '' ? undefined : value;
}
