/**
 * RO-Crate 1.1 and the Process Run Crate 0.5 (https://w3id.org/ro/wfrun/process/0.5): every MUST of both that a metadata file
 * alone can keep or break, and those SHOULDs that cairn means to keep.
 */

type Entity = { readonly '@id': string; readonly '@type': string; readonly [property: string]: unknown };

function listOf(value: unknown): unknown[] {
  return value === undefined ? [] : Array.isArray(value) ? value : [value];
}

/** Terms that the contexts define, as far as cairn uses them. */
const terms = new Set([
  '@id',
  '@type',
  'about',
  'actionStatus',
  'agent',
  'alternateName',
  'author',
  'codeRepository',
  'conformsTo',
  'contentSize',
  'datePublished',
  'description',
  'email',
  'endTime',
  'error',
  'hasPart',
  'identifier',
  'instrument',
  'license',
  'mentions',
  'name',
  'object',
  'result',
  'softwareVersion',
  'startTime',
  'url',
  'value',
  'version',
]);
const tools = ['SoftwareApplication', 'SoftwareSourceCode', 'ComputationalWorkflow'];

/** What is wrong with the metadata; empty when nothing is. */
export function crateFaults(crate: { readonly [key: string]: unknown }): string[] {
  const faults: string[] = [];
  const graph = crate['@graph'] as readonly Entity[];
  const [context, ...extensions] = listOf(crate['@context']);
  if (context !== 'https://w3id.org/ro/crate/1.1/context') faults.push('the context is not that of RO-Crate 1.1');
  const defined = new Set([...terms, ...extensions.flatMap((extension) => Object.keys(extension as object))]);
  const entities = new Map<string, Entity>();
  for (const entity of graph) {
    if (entities.has(entity['@id'])) faults.push(`${entity['@id']} stands twice`);
    entities.set(entity['@id'], entity);
    for (const property of Object.keys(entity)) if (!defined.has(property)) faults.push(`no term ${property}`);
  }
  const linked = (entity: Entity | undefined, property: string): (Entity | undefined)[] =>
    listOf(entity?.[property]).map((one) => {
      const id = (one as Entity)['@id'];
      const isOutside = property === 'conformsTo' && id === 'https://w3id.org/ro/crate/1.1';
      if (!entities.has(id) && !isOutside)
        faults.push(`${entity?.['@id']}: ${property} names ${id}, which is not described`);
      return entities.get(id);
    });

  const descriptor = entities.get('ro-crate-metadata.json');
  if (descriptor?.['@type'] !== 'CreativeWork') faults.push('the descriptor is no CreativeWork');
  const [root] = linked(descriptor, 'about');
  linked(descriptor, 'conformsTo');
  if (root?.['@id'] !== './' || root['@type'] !== 'Dataset') faults.push('the root is no Dataset');
  for (const property of ['name', 'description', 'datePublished']) {
    if (typeof root?.[property] !== 'string') faults.push(`the root has no ${property}`);
  }
  if (!/^\d{4}-\d\d-\d\dT/.test(String(root?.['datePublished']))) faults.push('datePublished is no date');
  const profiles = linked(root, 'conformsTo');
  if (!profiles.some((one) => /^https:\/\/w3id.org\/ro\/wfrun\/process\/0\.5$/.test(one?.['@id'] ?? '')))
    faults.push('no profile');
  linked(root, 'author');
  const parts = new Set(linked(root, 'hasPart'));
  const mentions = new Set(linked(root, 'mentions'));

  for (const entity of graph) {
    const id = entity['@id'];
    if (entity['@type'] === 'File') {
      if (!parts.has(entity)) faults.push(`${id} is no part of the root`);
      if (id.startsWith('/') || id.startsWith('#') || /[ "<>\\^`{|}]/.test(id)) faults.push(`${id} is no path or URI`);
    }
    if (!/Action$/.test(entity['@type'])) continue;
    if (!mentions.has(entity)) faults.push(`${id} is not mentioned by the root`);
    const instruments = linked(entity, 'instrument');
    if (instruments.length !== 1 || !tools.includes(instruments[0]?.['@type'] ?? '')) faults.push(`${id} has no tool`);
    if (linked(entity, 'agent').some((agent) => agent?.['@type'] !== 'Person'))
      faults.push(`${id}: its agent is no person`);
    for (const one of linked(entity, 'object')) {
      if (one?.['@type'] !== 'File' && one?.['@type'] !== 'PropertyValue')
        faults.push(`${id}: an object is ${one?.['@type']}`);
    }
    const results = linked(entity, 'result');
    if (results.some((one) => one?.['@type'] !== 'File')) faults.push(`${id}: a result is no file`);
    if ((entity['@type'] === 'CreateAction') !== results.length > 0) faults.push(`${id} is a ${entity['@type']}`);
    if (!/^http:\/\/schema.org\/(Completed|Failed)ActionStatus$/.test(String(entity['actionStatus'])))
      faults.push(`${id} has no status`);
    if (entity['error'] !== undefined && !String(entity['actionStatus']).includes('Failed'))
      faults.push(`${id} has an error`);
  }
  return faults;
}
