import { isRequestForIssue } from '../../src/domain/request';
import { aRequest } from '../support/requests';

const whole = aRequest({ issueId: 'issue-1' });
/** A sha256, valid or not, with its revision. */
const withRevision = (sha256: string) => ({ sha256, revision: sha256.slice(0, 12) });

it('The check accepts a whole request, with the longest texts and forced too', () => {
  for (const change of [
    {},
    { force: true },
    { requestId: 'a' },
    { requestId: '9'.repeat(80) },
    { issueName: 'x'.repeat(1000) },
    { project: '' },
  ])
    expect(isRequestForIssue('issue-1', { ...whole, ...change })).toBe(true);
});

it('The check refuses a request of another issue', () => {
  expect(isRequestForIssue('issue-2', whole)).toBe(false);
});

it.each([undefined, null, 7, 'issue-1', true, [], {}])(
  'The check refuses %p, which every client of Temporal can signal',
  (given) => {
    expect(isRequestForIssue('issue-1', given)).toBe(false);
  },
);

it.each<[string, object]>([
  ['no id', { requestId: undefined }],
  ['an empty id', { requestId: '' }],
  ['an id that is too long', { requestId: 'a'.repeat(81) }],
  ['an id that leaves its folder', { requestId: '../a' }],
  ['an id with a line end', { requestId: 'a\nb' }],
  ['an id with more behind it', { requestId: 'a/b' }],
  ['an id that is a number', { requestId: 7 }],
  ['no name', { issueName: undefined }],
  ['a name that is a list', { issueName: [] }],
  ['a name that is too long', { issueName: 'x'.repeat(1001) }],
  ['a project that is an object', { project: { length: 1 } }],
  ['a project that is too long', { project: 'x'.repeat(1001) }],
  ['a sha256 in capitals', withRevision(whole.sha256.toUpperCase())],
  ['a sha256 that is too short', withRevision(whole.sha256.slice(1))],
  ['a sha256 with more before it', withRevision(`x${whole.sha256}`)],
  ['a sha256 with more behind it', withRevision(`${whole.sha256}x`)],
  ['the revision of another body', { revision: 'ab'.repeat(6) }],
  ['a longer revision', { revision: whole.sha256 }],
  ['no revision', { revision: undefined }],
  ['a time without milliseconds', { receivedAt: '2026-11-24T00:11:22Z' }],
  ['a time with more before it', { receivedAt: `x${whole.receivedAt}` }],
  ['a time with more behind it', { receivedAt: `${whole.receivedAt}x` }],
  ['a time that does not exist', { receivedAt: '2026-13-24T00:11:22.333Z' }],
  ['a time that is a list', { receivedAt: [whole.receivedAt] }],
  ['no force', { force: undefined }],
  ['a force that is a text', { force: 'yes' }],
])('The check refuses a request with %s', (_, change) => {
  expect(isRequestForIssue('issue-1', { ...whole, ...change })).toBe(false);
});
