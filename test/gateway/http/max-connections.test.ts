import { maxConnections } from '../../../src/gateway/http/max-connections';

describe('The limit of connections', () => {
  it.each([
    [1_048_576, 1000],
    [Infinity, 1000],
    [1024, 480],
    [256, 96],
    [64, 10],
  ])('The limit with %d open files leaves a temp file for each connection: %d', (files, connections) => {
    expect(maxConnections(files)).toBe(connections);
  });

  it('The limit is never more than this process can hold', () => {
    expect(maxConnections()).toBeGreaterThanOrEqual(10);
    expect(maxConnections()).toBeLessThanOrEqual(1000);
  });
});
