import { Capture } from '../../src/export-body/capture';

const whole = Buffer.from('..0123456789..');

function captured(size: number, limit: number): string | undefined {
  const capture = new Capture();
  capture.begin(2, limit);
  const reused = Buffer.alloc(size);
  for (let at = 0; ; at += size) {
    const chunk = reused.subarray(0, whole.copy(reused, 0, at, at + size));
    if (at + size >= 12) return capture.take(chunk, at, 12)?.toString();
    if (at + size > 2) capture.keep(chunk, at);
  }
}

test('a value is whole however the chunks lie, also when their memory is used again', () => {
  for (const size of [1, 2, 3, 5, 11, 12, 14]) expect(captured(size, 10)).toBe('0123456789');
});

test('a value over its limit is not read', () => {
  for (const size of [1, 3, 14]) expect(captured(size, 9)).toBeUndefined();
});

test('nothing is read that was not begun, nor twice', () => {
  const capture = new Capture();
  expect(capture.take(whole, 0, 3)).toBeUndefined();
  capture.begin(0, 10);
  expect(capture.take(whole, 0, 3)?.toString()).toBe('..0');
  expect(capture.take(whole, 0, 3)).toBeUndefined();
});
