import { maxIssueIdBytes } from '../domain/limits';
import { hasControlCharacter, hasLoneSurrogate, utf8Length } from '../domain/text';
import { BodyError } from './body-error';
import type { Envelope } from './export-body';
import type { JsonType } from './json-scanner';

/** One value of the envelope; `text` of a string. */
export interface Fact {
  readonly type: JsonType;
  readonly text?: string;
}

/** What a body's envelope says, before any rule is applied. */
export interface EnvelopeFacts {
  root?: JsonType;
  readonly envelope: Map<string, Fact>;
  readonly issue: Map<string, Fact>;
  issueKeyTwice?: string;
  /** Elements in `issue.elements`. */
  elements: number;
  firstElement?: Uint8Array;
}

/** The envelope, when it keeps the rules. @throws {BodyError} */
export function envelopeOf(facts: EnvelopeFacts): Envelope {
  if (facts.root !== 'object') throw fault('not-an-object', 'invalid webhook payload format: expected a JSON object');
  const event = facts.envelope.get('event')?.text;
  if (!event) throw fault('no-event', 'invalid webhook payload format: expected a key event with a text');
  return event === 'issue-exported' ? issueExported(event, facts) : { event, ...optionalProject(facts), elements: 0 };
}

function issueExported(event: string, facts: EnvelopeFacts): Envelope {
  const project = projectOf(facts);
  if (!project) throw fault('no-project', 'webhook payload did not contain expected key: project');
  const issue = facts.envelope.get('issue');
  if (!issue || issue.type === 'null') throw fault('no-issue', 'webhook payload did not contain expected key: issue');
  if (issue.type !== 'object') throw fault('issue-not-an-object', `expected issue to be an object, got ${article(issue.type)}`);
  if (facts.issueKeyTwice !== undefined)
    throw fault('key-twice', `the issue has the key ${JSON.stringify(facts.issueKeyTwice.slice(0, 60))} twice`);
  const elements = facts.issue.get('elements');
  const id = issueIdOf(facts.issue.get('id'));
  if (elements && elements.type !== 'array' && elements.type !== 'null') {
    throw fault('elements-not-an-array', `expected issue.elements to be an array, got ${article(elements.type)}`);
  }
  const name = nameOf(facts);
  return { event, project, issue: { id, ...(name === undefined ? {} : { name }) }, elements: facts.elements };
}

function issueIdOf(fact: Fact | undefined): string {
  if (!fact || fact.type === 'null') throw fault('no-issue-id', 'webhook payload did not contain expected key: issue.id');
  const id = fact.text;
  if (id === undefined) throw fault('issue-id-not-a-string', `expected issue.id to be a string, got ${article(fact.type)}`);
  if (id === '') throw fault('no-issue-id', 'expected issue.id to be a string that is not empty');
  if (hasControlCharacter(id)) throw fault('issue-id-control-character', 'issue.id contains a control character');
  if (hasLoneSurrogate(id)) throw fault('issue-id-lone-surrogate', 'issue.id contains half of a surrogate pair');
  if (utf8Length(id) > maxIssueIdBytes) throw fault('issue-id-too-long', `issue.id is longer than ${maxIssueIdBytes} bytes`);
  return id;
}

function optionalProject(facts: EnvelopeFacts): { project?: string } {
  const project = projectOf(facts);
  return project === undefined ? {} : { project };
}

function projectOf(facts: EnvelopeFacts): string | undefined {
  return firstText(facts.envelope, ['project', 'project_name', 'projectName']);
}

/** The issue's own name, else that of the first element. */
function nameOf(facts: EnvelopeFacts): string | undefined {
  return firstText(facts.issue, ['name', 'issue_name', 'issueName']) ?? nameInElement(facts.firstElement);
}

function nameInElement(bytes: Uint8Array | undefined): string | undefined {
  if (!bytes) return undefined;
  const element = JSON.parse(Buffer.from(bytes).toString('utf8')) as { issue_name?: unknown; issueName?: unknown } | null;
  const name = element?.issue_name ?? element?.issueName;
  return typeof name === 'string' && name !== '' ? name : undefined;
}

function firstText(facts: Map<string, Fact>, keys: readonly string[]): string | undefined {
  for (const key of keys) {
    const text = facts.get(key)?.text;
    if (text) return text;
  }
  return undefined;
}

function article(type: JsonType): string {
  return type === 'array' || type === 'object' ? `an ${type}` : type === 'string' || type === 'number' ? `a ${type}` : type;
}

function fault(code: string, message: string): BodyError {
  return new BodyError(400, code, message);
}
