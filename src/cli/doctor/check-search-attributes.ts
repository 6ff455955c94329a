import { searchAttributeTypes } from '../../domain/search-attributes';
import { listSearchAttributes } from '../../temporal/list-search-attributes';
import { askTemporal } from './ask-temporal';
import type { Finding } from './finding';
import type { Subject } from './subject';
import { temporalFlags } from './temporal-flags';

const part = 'search attributes';

/** Checks that every search attribute is registered with the right type. */
export async function checkSearchAttributes(subject: Subject): Promise<Finding[]> {
  const temporal = subject.temporal();
  const registered = await askTemporal(temporal, (api) => listSearchAttributes(api, temporal.namespace));
  const flags = temporalFlags(temporal);
  const findings = Object.entries(searchAttributeTypes).flatMap(([name, type]) =>
    attributeFindings(name, type, registered[name], flags),
  );
  const well: Finding = {
    part,
    state: 'well',
    says: `All ${Object.keys(searchAttributeTypes).length} are registered with the right type.`,
  };
  return findings.length > 0 ? findings : [well];
}

function attributeFindings(name: string, type: string, got: string | undefined, flags: string): Finding[] {
  if (got === type) return [];
  const create = `temporal operator search-attribute create --name ${name} --type ${type}${flags}`;
  if (got === undefined)
    return [{ part, state: 'wrong', says: `${name} is not registered, so workflows fail.`, todo: create }];
  const remove = `temporal operator search-attribute remove --name ${name}${flags}`;
  return [
    {
      part,
      state: 'wrong',
      says: `${name} has the wrong type: expected ${type}, got ${got}.`,
      todo: `${remove} && ${create}`,
    },
  ];
}
