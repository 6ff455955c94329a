import { join, posix } from 'node:path';
import { acceptedIds } from '../support/hostile-names';
import {
  deliveryKey,
  inboxKey,
  issueFolder,
  issueKey,
  planKey,
  receiptKey,
  revisionFolder,
} from '../../src/payloads/keys';

describe('issueKey', () => {
  it.each([
    ['issue-1_a', 'issue-1_a'],
    ['Issue', '%49ssue'],
    ['ISSUE', '%49%53%53%55%45'],
    ['a.b', 'a%2eb'],
    ['.', '%2e'],
    ['..', '%2e%2e'],
    ['../../etc/passwd', '%2e%2e%2f%2e%2e%2fetc%2fpasswd'],
    ['a/b\\c', 'a%2fb%5cc'],
    ['%2e', '%252e'],
    ['a b', 'a%20b'],
    ['é', '%c3%a9'],
    ['con', 'con'],
  ])('writes %j as %j', (issueId, key) => {
    expect(issueKey(issueId)).toBe(key);
  });

  it('keeps ids apart that differ only in case, also on a file system that folds case', () => {
    const keys = ['abc', 'Abc', 'ABC', 'aBc'].map((id) => issueKey(id).toLowerCase());
    expect(new Set(keys).size).toBe(4);
  });

  it('hashes an id whose key would be over 200 bytes, so that no key is longer than a file name may be', () => {
    expect(issueKey('a'.repeat(200))).toBe('a'.repeat(200));
    expect(issueKey('a'.repeat(201))).toMatch(/^sha256-[0-9a-f]{64}$/);
    expect(issueKey('A'.repeat(66))).toHaveLength(198);
    expect(issueKey('A'.repeat(67))).toMatch(/^sha256-[0-9a-f]{64}$/);
    expect(issueKey('字'.repeat(600))).not.toBe(issueKey('字'.repeat(601)));
  });

  it('gives every accepted id a folder of its own, on a file system that folds case and composes letters too', () => {
    const keys = acceptedIds.map(issueKey);
    for (const key of keys) {
      expect(key).toMatch(/^[a-z0-9_%-]{1,200}$/); // no dot and no slash, so no way out of the store; a file name has at most 255 bytes
      expect(posix.normalize(join('exports', key))).toBe(`exports/${key}`);
    }
    expect(new Set(keys.map((key) => key.normalize('NFD').toLowerCase())).size).toBe(acceptedIds.length);
  });
});

describe('the keys of the payload store', () => {
  const ref = { issueId: 'a/../B', revision: '0123456789ab', attempt: 2 };

  it('puts an attempt below its issue and revision', () => {
    expect(issueFolder(ref.issueId)).toBe('exports/a%2f%2e%2e%2f%42/');
    expect(planKey(ref)).toBe('exports/a%2f%2e%2e%2f%42/0123456789ab/2/plan.json');
    expect(receiptKey(ref, { from: 0, to: 100 })).toBe(
      'exports/a%2f%2e%2e%2f%42/0123456789ab/2/receipts/0-100.json',
    );
  });

  it.each(['..', 'A'.repeat(64), 'a'.repeat(63), `${'a'.repeat(64)}\n`, ''])(
    'refuses %j as a sha256',
    (sha256) => {
      expect(() => deliveryKey(sha256)).toThrow(/^Expected a sha256 in lower-case hex, got /);
    },
  );

  it.each(['../x', 'a.b', '', 'a'.repeat(81)])('refuses %j as a request id', (requestId) => {
    expect(() => inboxKey(requestId)).toThrow(/^Expected a request id, got /);
  });

  it.each(['0123456789AB', '0123456789a', '../456789abc'])('refuses %j as a revision', (revision) => {
    expect(() => revisionFolder('issue', revision)).toThrow(/^Expected a revision of 12 hex digits, got /);
  });
});
