import type { Config } from '../../config/config';
import type { Route } from '../../domain/route';

/** The route of the Aquarium project, or the first route `*` if the project has none. */
export function findRoute({ routes }: Pick<Config, 'routes'>, project: string): Route | undefined {
  return routes.find((route) => route.project === project) ?? routes.find((route) => route.project === '*');
}
