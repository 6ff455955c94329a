import { defined } from '../collections/defined';
import { maxIssueIdBytes } from '../domain/limits';
import { utf8Length } from '../text/cut';
import { formatNumber } from '../text/format-number';
import { hasControlCharacter } from '../text/printable';
import { BodyError } from './body-error';
import { type Fact, maxTextBytes } from './envelope-level';
import type { Envelope } from './envelope';
import type { JsonType } from './json-scanner';

/** What the reader found in a body's envelope, before the rules are checked. */
export interface EnvelopeFacts {
  readonly root: JsonType | undefined;
  readonly envelope: ReadonlyMap<string, Fact>;
  readonly issue: ReadonlyMap<string, Fact>;
  /** The issue's first duplicate key, truncated and quoted. */
  readonly issueKeyTwice: string | undefined;
  /** Number of elements in `issue.elements`. */
  readonly elements: number;
  readonly firstElement: ReadonlyMap<string, Fact>;
}

/** The accepted spellings of the key. The first one that has a value counts. */
const projectKeys = ['project', 'project_name', 'projectName'];

/** @throws {BodyError} at the first rule that the envelope breaks. */
export function buildEnvelope(facts: EnvelopeFacts): Envelope {
  if (facts.root !== 'object')
    throw new BodyError('not-an-object', 'invalid webhook payload format: expected a JSON object');
  const event = textFact(facts.envelope, 'event');
  if (!event)
    throw new BodyError(
      'no-event',
      'invalid webhook payload format: expected event to be a non-empty string',
    );
  return event === 'issue-exported' ? issueExported(event, facts) : otherEvent(event, facts);
}

function issueExported(event: string, facts: EnvelopeFacts): Envelope {
  const project = firstText(facts.envelope, projectKeys);
  if (!project) throw new BodyError('no-project', describeMissingProject(facts));
  const issue = facts.envelope.get('issue');
  if (!issue || issue.type === 'null')
    throw new BodyError('no-issue', 'webhook payload did not contain expected key: issue');
  if (issue.type !== 'object')
    throw new BodyError(
      'issue-not-an-object',
      `expected issue to be an object, got ${withArticle(issue.type)}`,
    );
  if (facts.issueKeyTwice !== undefined)
    throw new BodyError('key-twice', `the issue has the key ${facts.issueKeyTwice} twice`);
  const elements = facts.issue.get('elements');
  const id = checkedIssueId(facts.issue.get('id'));
  if (elements && elements.type !== 'array' && elements.type !== 'null') {
    throw new BodyError(
      'elements-not-an-array',
      `expected issue.elements to be an array, got ${withArticle(elements.type)}`,
    );
  }
  const name = findIssueName(facts);
  return { event, project, issue: { id, ...defined({ name }) }, elements: facts.elements };
}

function checkedIssueId(fact: Fact | undefined): string {
  if (!fact || fact.type === 'null')
    throw new BodyError('no-issue-id', 'webhook payload did not contain expected key: issue.id');
  if (fact.type !== 'string')
    throw new BodyError(
      'issue-id-not-a-string',
      `expected issue.id to be a string, got ${withArticle(fact.type)}`,
    );
  const id = fact.text;
  if (id === undefined) throw issueIdTooLong();
  if (id === '') throw new BodyError('no-issue-id', 'expected issue.id to be a non-empty string');
  if (hasControlCharacter(id))
    throw new BodyError('issue-id-control-character', 'issue.id contains a control character');
  if (!id.isWellFormed())
    throw new BodyError('issue-id-lone-surrogate', 'issue.id contains half of a surrogate pair');
  if (utf8Length(id) > maxIssueIdBytes) throw issueIdTooLong();
  return id;
}

function issueIdTooLong(): BodyError {
  return new BodyError('issue-id-too-long', `issue.id is longer than ${formatNumber(maxIssueIdBytes)} bytes`);
}

/** Requeue stores nothing from other events, so their project and issue may be anything. */
function otherEvent(event: string, { envelope }: EnvelopeFacts): Envelope {
  const project = projectKeys.map((key) => envelope.get(key)?.text).find(Boolean);
  return { event, ...defined({ project }), elements: 0 };
}

function describeMissingProject({ envelope }: EnvelopeFacts): string {
  const project = projectKeys.map((key) => envelope.get(key)).find((fact) => fact && fact.type !== 'null');
  if (!project) return 'webhook payload did not contain expected key: project';
  return project.type === 'string'
    ? 'expected project to be a non-empty string'
    : `expected project to be a string, got ${withArticle(project.type)}`;
}

/** @returns the issue's own name, or the issue name from its first element. */
function findIssueName(facts: EnvelopeFacts): string | undefined {
  return (
    firstText(facts.issue, ['name', 'issue_name', 'issueName']) ??
    firstText(facts.firstElement, ['issue_name', 'issueName'])
  );
}

function firstText(facts: ReadonlyMap<string, Fact>, keys: readonly string[]): string | undefined {
  for (const key of keys) {
    const text = textFact(facts, key);
    if (text) return text;
  }
  return undefined;
}

/** @throws {BodyError} when the string was over `maxTextBytes`, so the reader did not keep it. */
function textFact(facts: ReadonlyMap<string, Fact>, key: string): string | undefined {
  const fact = facts.get(key);
  if (fact?.type === 'string' && fact.text === undefined)
    throw new BodyError('too-long', `the value of ${key} is longer than ${formatNumber(maxTextBytes)} bytes`);
  return fact?.text;
}

function withArticle(type: JsonType): string {
  return type === 'array' || type === 'object'
    ? `an ${type}`
    : type === 'string' || type === 'number'
      ? `a ${type}`
      : type;
}
