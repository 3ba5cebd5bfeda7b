/**
 * PROV-JSON (https://www.w3.org/submissions/2013/SUBM-prov-json-20130424/): kinds of records, the attributes each must have,
 * qualified names whose prefixes are declared, literals of the allowed forms; and from PROV-CONSTRAINTS that what is related
 * exists and that an entity comes into being once.
 */

type Json = { readonly [key: string]: unknown };

const elements = ['entity', 'activity', 'agent'];
/** Relations with what they must name: attribute and kind of element. */
const relations: { readonly [kind: string]: { readonly [attribute: string]: string } } = {
  used: { 'prov:activity': 'activity', 'prov:entity': 'entity' },
  wasGeneratedBy: { 'prov:entity': 'entity', 'prov:activity': 'activity' },
  wasAssociatedWith: { 'prov:activity': 'activity', 'prov:agent': 'agent' },
  wasInformedBy: { 'prov:informed': 'activity', 'prov:informant': 'activity' },
  wasInfluencedBy: { 'prov:influencee': 'activity', 'prov:influencer': 'activity' },
  wasDerivedFrom: { 'prov:generatedEntity': 'entity', 'prov:usedEntity': 'entity' },
  specializationOf: { 'prov:specificEntity': 'entity', 'prov:generalEntity': 'entity' },
};
const known = new Set([
  'prov:label',
  'prov:type',
  'prov:role',
  'prov:time',
  'prov:startTime',
  'prov:endTime',
  'prov:activity',
]);
const dateTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/;
const qualifiedName = /^([A-Za-z_][A-Za-z0-9_-]*):[A-Za-z0-9_.-]*[A-Za-z0-9_-]$/;

function valueFaults(value: unknown, prefixes: ReadonlySet<string>): string[] {
  if (Array.isArray(value)) return value.flatMap((one) => valueFaults(one, prefixes));
  if (typeof value !== 'object') return [];
  if (value === null) return ['is null'];
  const { $: text, type, ...rest } = value as Json;
  if (typeof text !== 'string' || typeof type !== 'string' || Object.keys(rest).length > 0)
    return ['is no typed literal'];
  if (type === 'prov:QUALIFIED_NAME' && !prefixes.has(qualifiedName.exec(text)?.[1] ?? '')) return [`names ${text}`];
  return [];
}

/** What is wrong with a document; empty when nothing is. */
export function provFaults(document: Json): string[] {
  const { prefix, ...groups } = document;
  const prefixes = new Set(['prov', 'xsd', ...Object.keys((prefix ?? {}) as Json)]);
  const faults: string[] = [];
  const has = (kind: string, id: unknown): boolean =>
    typeof id === 'string' && Object.hasOwn((groups[kind] ?? {}) as Json, id);
  const generated = new Set<unknown>();
  for (const [kind, records] of Object.entries(groups)) {
    const required = relations[kind];
    if (required === undefined && !elements.includes(kind)) faults.push(`unknown kind of record ${kind}`);
    for (const [id, fields] of Object.entries(records as { [id: string]: Json })) {
      const fault = (why: string): number => faults.push(`${kind} ${id}: ${why}`);
      const name = id.startsWith('_:') ? undefined : qualifiedName.exec(id);
      if (required === undefined ? !prefixes.has(name?.[1] ?? '') : name === null) fault('is no qualified name');
      for (const [attribute, element] of Object.entries(required ?? {})) {
        if (!has(element, fields[attribute])) fault(`${attribute} names no ${element}: ${String(fields[attribute])}`);
      }
      for (const [attribute, value] of Object.entries(fields)) {
        if (attribute.startsWith('prov:') && !known.has(attribute) && required?.[attribute] === undefined)
          fault(`has ${attribute}`);
        if (!prefixes.has(attribute.split(':')[0] ?? '')) fault(`${attribute} has no declared prefix`);
        if (/[tT]ime$/.test(attribute) && attribute.startsWith('prov:') && !dateTime.test(String(value)))
          fault(`${attribute} is no time`);
        for (const why of valueFaults(value, prefixes)) fault(`${attribute} ${why}`);
      }
      if (kind !== 'wasGeneratedBy') continue;
      if (generated.has(fields['prov:entity'])) fault('its entity was generated before');
      generated.add(fields['prov:entity']);
    }
  }
  return faults;
}
