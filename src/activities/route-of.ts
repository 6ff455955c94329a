import type { Config, Route } from '../config/config';

/** The route of an Aquarium project: the one that names it, else the first `*`; undefined when there is none. */
export function routeOf({ routes }: Pick<Config, 'routes'>, project: string): Route | undefined {
  return routes.find((route) => route.project === project) ?? routes.find((route) => route.project === '*');
}
