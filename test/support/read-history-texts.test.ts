import { gzipSync } from 'node:zlib';
import { collectTexts } from './read-history-texts';

it.each([
  ['plain', Buffer.from('{"id":"label-4711"}')],
  ['base64', Buffer.from(JSON.stringify({ data: Buffer.from('of label-4711, a crop').toString('base64') }))],
  ['compressed', gzipSync('label-4711')],
])('collectTexts finds an id in a payload that contains it %s', (_, data) => {
  expect(collectTexts({ events: [{ input: { payloads: [{ data }] } }] }).join('\n')).toContain('label-4711');
});
