import type { Config } from '../../config/config';
import type { Route } from '../../domain/route';

/** The route that names an Aquarium project, otherwise the first route `*`. */
export function findRoute({ routes }: Pick<Config, 'routes'>, project: string): Route | undefined {
  return routes.find((route) => route.project === project) ?? routes.find((route) => route.project === '*');
}
