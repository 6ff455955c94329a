import { maxConnections } from '../../src/gateway/http/max-connections';

describe('connections at once', () => {
  it.each([
    [1_048_576, 1000],
    [Infinity, 1000],
    [1024, 480],
    [256, 96],
    [64, 10],
  ])('with %d open files leave each of them its temp file: %d', (files, connections) => {
    expect(maxConnections(files)).toBe(connections);
  });

  it('are never more than this process can hold', () => {
    expect(maxConnections()).toBeGreaterThanOrEqual(10);
    expect(maxConnections()).toBeLessThanOrEqual(1000);
  });
});
