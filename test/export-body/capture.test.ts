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

it('a value is whole however the chunks lie, also when their memory is used again', () => {
  for (const size of [1, 2, 3, 5, 11, 12, 14]) expect(captured(size, 10)).toBe('0123456789');
});

it('a value over its limit is not read', () => {
  for (const limit of [9, 5, 1]) for (const size of [1, 3, 14]) expect(captured(size, limit)).toBeUndefined();
});

it('a value may begin with the body, and end where a chunk ends, which only the next one tells', () => {
  const capture = new Capture();
  capture.begin(0, 12);
  capture.keep(whole.subarray(0, 12), 0);
  expect(capture.take(whole.subarray(12), 12, 12)?.toString()).toBe('..0123456789');
});

it('holds little of a short value and of a long one no more than its limit', () => {
  const capture = new Capture();
  const value = Buffer.from(Array.from({ length: 9000 }, (_, at) => at % 251));
  const pieces = (length: number, size: number) => {
    capture.begin(0, 9000);
    let at = 0;
    for (; at + size < length; at += size) capture.keep(value.subarray(at, at + size), at);
    return capture.take(value.subarray(at), at, length)!;
  };
  const short = pieces(10, 6);
  expect([short.equals(value.subarray(0, 10)), short.buffer.byteLength]).toEqual([true, 4096]);
  const long = pieces(9000, 5000);
  expect([long.equals(value), long.buffer.byteLength]).toEqual([true, 9000]);
});

it('nothing is read that was not begun, nor twice', () => {
  const capture = new Capture();
  for (const end of [1, 3]) expect(capture.take(whole, 0, end)).toBeUndefined();
  capture.begin(0, 10);
  expect(capture.take(whole, 0, 3)?.toString()).toBe('..0');
  expect(capture.take(whole, 0, 3)).toBeUndefined();
});
