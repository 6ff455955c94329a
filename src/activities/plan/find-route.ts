import type { Config } from '../../config/config';
import type { Route } from '../../domain/route';

/**
 * The route of an Aquarium project: the one that names it, else the first `*`; undefined when there is none.
 */
export function findRoute({ routes }: Pick<Config, 'routes'>, project: string): Route | undefined {
  return routes.find((route) => route.project === project) ?? routes.find((route) => route.project === '*');
}
