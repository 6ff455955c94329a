import type { Config, Destination, Route } from '../config/config';

/** The route of an Aquarium project: the one that names it, else the first `*`; undefined when there is none. */
export function routeOf(config: Pick<Config, 'routes'>, project: string): Route | undefined {
  return config.routes.find((route) => route.project === project) ?? config.routes.find((route) => route.project === '*');
}

/** The destination called `name`. @throws when there is none: `loadConfig` lets no route name a missing one. */
export function destinationOf(config: Pick<Config, 'destinations'>, name: string): Destination {
  const found = config.destinations.find((destination) => destination.name === name);
  if (!found) throw new Error(`No destination is called ${name}.`);
  return found;
}
