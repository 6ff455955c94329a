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

it('Capture returns the whole value, however it is split, also when the chunks share memory', () => {
  for (const size of [1, 2, 3, 5, 11, 12, 14]) expect(captured(size, 10)).toBe('0123456789');
});

it('Capture returns no value over its limit', () => {
  for (const limit of [9, 5, 1]) for (const size of [1, 3, 14]) expect(captured(size, limit)).toBeUndefined();
});

it('Capture returns a value that begins with the body and ends where a chunk ends', () => {
  const capture = new Capture();
  capture.begin(0, 12);
  capture.keep(whole.subarray(0, 12), 0);
  expect(capture.take(whole.subarray(12), 12, 12)?.toString()).toBe('..0123456789');
});

it('Capture holds 4 KiB for a short value, and for a long one at most its limit', () => {
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

it('Capture returns nothing before `begin`, and each value once', () => {
  const capture = new Capture();
  for (const end of [1, 3]) expect(capture.take(whole, 0, end)).toBeUndefined();
  capture.begin(0, 10);
  expect(capture.take(whole, 0, 3)?.toString()).toBe('..0');
  expect(capture.take(whole, 0, 3)).toBeUndefined();
});
