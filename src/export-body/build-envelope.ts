import { defined } from '../collections/defined';
import { maxIssueIdBytes } from '../domain/limits';
import { utf8Length } from '../text/cut';
import { hasControlCharacter, hasLoneSurrogate } from '../text/printable';
import { BodyError } from './body-error';
import { type Fact, maxTextBytes } from './envelope-level';
import type { Envelope } from './envelope';
import type { JsonType } from './json-scanner';

/** What a body's envelope says, before any rule is applied. */
export interface EnvelopeFacts {
  readonly root: JsonType | undefined;
  readonly envelope: ReadonlyMap<string, Fact>;
  readonly issue: ReadonlyMap<string, Fact>;
  /** The first key that the issue has twice, quoted and cut. */
  readonly issueKeyTwice: string | undefined;
  /** Elements in `issue.elements`. */
  readonly elements: number;
  /** What the first of them says. */
  readonly firstElement: ReadonlyMap<string, Fact>;
}

/** Spellings of the project's name; the first that is given counts. */
const projectKeys = ['project', 'project_name', 'projectName'];

/** The envelope, when it keeps the rules. @throws {BodyError} */
export function buildEnvelope(facts: EnvelopeFacts): Envelope {
  if (facts.root !== 'object')
    throw fault('not-an-object', 'invalid webhook payload format: expected a JSON object');
  const event = textFact(facts.envelope, 'event');
  if (!event) throw fault('no-event', 'invalid webhook payload format: expected a key event with a text');
  return event === 'issue-exported' ? issueExported(event, facts) : otherEvent(event, facts);
}

function issueExported(event: string, facts: EnvelopeFacts): Envelope {
  const project = checkedProject(facts);
  if (!project) throw fault('no-project', projectFault(facts));
  const issue = facts.envelope.get('issue');
  if (!issue || issue.type === 'null')
    throw fault('no-issue', 'webhook payload did not contain expected key: issue');
  if (issue.type !== 'object')
    throw fault('issue-not-an-object', `expected issue to be an object, got ${article(issue.type)}`);
  if (facts.issueKeyTwice !== undefined)
    throw fault('key-twice', `the issue has the key ${facts.issueKeyTwice} twice`);
  const elements = facts.issue.get('elements');
  const id = checkedIssueId(facts.issue.get('id'));
  if (elements && elements.type !== 'array' && elements.type !== 'null') {
    throw fault(
      'elements-not-an-array',
      `expected issue.elements to be an array, got ${article(elements.type)}`,
    );
  }
  const name = checkedName(facts);
  return { event, project, issue: { id, ...defined({ name }) }, elements: facts.elements };
}

function checkedIssueId(fact: Fact | undefined): string {
  if (!fact || fact.type === 'null')
    throw fault('no-issue-id', 'webhook payload did not contain expected key: issue.id');
  if (fact.type !== 'string')
    throw fault('issue-id-not-a-string', `expected issue.id to be a string, got ${article(fact.type)}`);
  const id = fact.text;
  if (id === undefined) throw fault('issue-id-too-long', `issue.id is longer than ${maxIssueIdBytes} bytes`);
  if (id === '') throw fault('no-issue-id', 'expected issue.id to be a string that is not empty');
  if (hasControlCharacter(id))
    throw fault('issue-id-control-character', 'issue.id contains a control character');
  if (hasLoneSurrogate(id))
    throw fault('issue-id-lone-surrogate', 'issue.id contains half of a surrogate pair');
  if (utf8Length(id) > maxIssueIdBytes)
    throw fault('issue-id-too-long', `issue.id is longer than ${maxIssueIdBytes} bytes`);
  return id;
}

/** Nothing is kept of another event: its project and issue may be anything. */
function otherEvent(event: string, { envelope }: EnvelopeFacts): Envelope {
  const project = projectKeys.map((key) => envelope.get(key)?.text).find(Boolean);
  return { event, ...defined({ project }), elements: 0 };
}

function projectFault({ envelope }: EnvelopeFacts): string {
  const given = projectKeys.map((key) => envelope.get(key)).find((fact) => fact && fact.type !== 'null');
  if (!given) return 'webhook payload did not contain expected key: project';
  return given.type === 'string'
    ? 'expected project to be a string that is not empty'
    : `expected project to be a string, got ${article(given.type)}`;
}

function checkedProject(facts: EnvelopeFacts): string | undefined {
  return firstText(facts.envelope, projectKeys);
}

/** The issue's own name, else that of the first element. */
function checkedName(facts: EnvelopeFacts): string | undefined {
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

/** @throws {BodyError} when the text is too long to have been read. */
function textFact(facts: ReadonlyMap<string, Fact>, key: string): string | undefined {
  const fact = facts.get(key);
  if (fact?.type === 'string' && fact.text === undefined)
    throw fault('too-long', `the value of ${key} is longer than ${maxTextBytes} bytes`);
  return fact?.text;
}

function article(type: JsonType): string {
  return type === 'array' || type === 'object'
    ? `an ${type}`
    : type === 'string' || type === 'number'
      ? `a ${type}`
      : type;
}

function fault(code: string, message: string): BodyError {
  return new BodyError(400, code, message);
}
