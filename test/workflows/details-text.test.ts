import type { Tokens } from 'marked';
import { detailsText } from '../../src/workflows/state/details-text';
import type { Progress } from '../../src/workflows/messages';
import { hostileNames } from '../support/hostile-names';
import { markdownTokens } from '../support/markdown-tokens';

/** Progress with `text` in every field that may hold untrusted text. */
function progressWith(text: string): Progress {
  return {
    issueId: text,
    issueName: text,
    project: text,
    revision: '0123456789ab',
    stage: 'paused',
    destination: text,
    labels: { planned: 1500, relabeled: 0, alreadyGone: 0, refused: 0, unconfirmed: 0, withheld: 0 },
    leftOut: { frame: 2 },
    chunks: { total: 15, done: 0 },
    approval: { needed: true, upTo: 0, expiresAt: '2026-12-01T00:00:00.000Z' },
    pausedBecause: text,
    queued: 1,
    log: [
      { at: '2026-11-24T00:00:00.000Z', text },
      { at: '2026-11-24T00:00:01.000Z', text: `Signal approve by "${text}"` },
    ],
  };
}

const question = (id: string) => ({
  from: 1,
  to: 1500,
  workflowId: `export-issue-${id}`,
  namespace: 'default',
  plan: {
    brief: { elements: 1600, frames: 800, seconds: 8 },
    asking: { expiresAfterMs: 1000, remindEveryMs: 1000, signals: 'accept' as const },
    labels: 1500,
    chunkLabels: 100,
    leftOut: { 'already-relabeled': 3 },
  },
});

const listTokenTypes = (markdown: string): string[] => markdownTokens(markdown).map(({ type }) => type);

describe.each(hostileNames)('Details with $what', ({ text, asIssueId }) => {
  const id = asIssueId === 'verbatim' ? text : 'issue-1';

  it('have the same markdown structure as those with ordinary names', () => {
    const ordinary = /^[\p{Cc}\p{Cf}\p{Cs}\p{Z}]*$/u.test(text) ? ' ' : 'plain'; // invisible text is replaced by a dash
    expect(listTokenTypes(detailsText(progressWith(text), question(id)))).toEqual(
      listTokenTypes(detailsText(progressWith(ordinary), question('issue-1'))),
    );
  });

  it('have only the headings, the list and the question of Requeue', () => {
    const tokens = markdownTokens(detailsText(progressWith(text), question(id)));
    expect(
      tokens.filter(({ type }) =>
        ['link', 'image', 'html', 'table', 'em', 'del', 'blockquote'].includes(type),
      ),
    ).toEqual([]);
    expect(
      tokens.filter(({ type }) => type === 'heading').map((token) => (token as Tokens.Heading).text),
    ).toEqual(['Send labels 1 to 1,500 back to labeling?', 'Log']);
    expect(tokens.filter(({ type }) => type === 'list_item')).toHaveLength(12);
    const commands = tokens
      .filter(({ type }) => type === 'code')
      .flatMap((token) => (token as Tokens.Code).text.split('\n'));
    expect(commands).toHaveLength(2);
    for (const command of commands)
      expect(command).toMatch(/^temporal workflow signal --namespace 'default' --workflow-id /);
  });
});

it('Details without an open question have no heading', () => {
  expect(detailsText({ ...progressWith('plain'), log: [] }, undefined)).not.toContain('#');
});

it('Details use singular words for one label, and show the remaining time to the second', () => {
  const { plan, ...about } = question('issue-1');
  const one = { ...about, plan: { ...plan, labels: 1, brief: { elements: 1, frames: 1, seconds: 8 } } };
  const paused = {
    ...progressWith('plain'),
    approval: { needed: true, upTo: 0, question: 1, remainingMs: 150_000 },
  };
  const text = detailsText(paused, one);
  expect(text).toContain('- 1 label of 1 element in 1 frame\n');
  expect(text).toContain('- 1 call, at least 8 seconds at the configured rate');
  expect(text).toContain(
    'The deadline is suspended while the export is paused; 2 minutes 30 seconds remain.',
  );
});
