/**
 * OpenLineage 2-0-2 and the facets that cairn emits, as a check written from the specification
 * (https://openlineage.io/spec/2-0-2/OpenLineage.json and https://openlineage.io/spec/facets/…): required fields, types and formats, and what the
 * text of the specification asks for besides. No package on npm carries the schemas; openlineage.test.ts also runs the
 * published ones where a checkout of them is named.
 */
import * as z from 'zod/mini';

const uri = z.string().check(z.refine((text) => /^[A-Za-z][A-Za-z0-9+.-]*:[^\s<>"{}|\\^`]*$/.test(text), 'not a URI'));
const dateTime = z
  .string()
  .check(z.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/, 'not a date-time'));
const uuid = z.string().check(z.regex(/^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/));

const baseFacet = { _producer: uri, _schemaURL: uri };

/** A facet of the specification: its fields, and the one version it is checked for. */
function facet(name: string, version: string, fields: z.core.$ZodLooseShape): z.ZodMiniType {
  const url = `https://openlineage.io/spec/facets/${version}/${name}.json#/$defs/${name}`;
  return z.looseObject({ ...baseFacet, _schemaURL: z.literal(url), ...fields });
}

const facets: { readonly [place: string]: { readonly [key: string]: z.ZodMiniType } } = {
  run: {
    processing_engine: facet('ProcessingEngineRunFacet', '1-1-1', {
      version: z.string(),
      name: z.optional(z.string()),
    }),
    errorMessage: facet('ErrorMessageRunFacet', '1-0-1', { message: z.string(), programmingLanguage: z.string() }),
  },
  job: {
    jobType: facet('JobTypeJobFacet', '2-0-4', {
      processingType: z.enum(['BATCH', 'STREAMING', 'SERVICE']),
      integration: z.string(),
      jobType: z.optional(z.string()),
    }),
    documentation: facet('DocumentationJobFacet', '1-1-0', {
      description: z.string(),
      contentType: z.optional(z.string()),
    }),
    sourceCodeLocation: facet('SourceCodeLocationJobFacet', '1-1-0', {
      type: z.string(),
      url: uri,
      repoUrl: z.optional(z.string()),
      version: z.optional(z.string()),
    }),
  },
  dataset: {
    version: facet('DatasetVersionDatasetFacet', '1-0-1', { datasetVersion: z.string() }),
    datasetType: facet('DatasetTypeDatasetFacet', '1-0-1', { datasetType: z.string() }),
  },
  input: {},
  output: {
    outputStatistics: facet('OutputStatisticsOutputDatasetFacet', '1-0-2', {
      rowCount: z.optional(z.int()),
      size: z.optional(z.int()),
      fileCount: z.optional(z.int()),
    }),
  },
};

/** Facets by key: those of the specification by their own rules, any other must carry a prefix and the base fields. */
function facetsOf(place: string): z.ZodMiniType {
  const known = facets[place] ?? {};
  return z.record(z.string(), z.looseObject(baseFacet)).check(
    z.check((context) => {
      for (const [key, value] of Object.entries(context.value)) {
        const schema = known[key];
        if (schema === undefined && !/^[a-z]+_[a-z]/.test(key)) {
          context.issues.push({ code: 'custom', message: `facet ${key} has no prefix`, input: value, path: [key] });
        }
        const result = schema?.safeParse(value);
        for (const issue of result?.error?.issues ?? []) {
          context.issues.push({ code: 'custom', message: issue.message, input: value, path: [key, ...issue.path] });
        }
      }
    }),
  );
}

const dataset = { namespace: z.string(), name: z.string().check(z.minLength(1)), facets: facetsOf('dataset') };

const runEvent = z.strictObject({
  eventTime: dateTime,
  producer: uri,
  schemaURL: z.literal('https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent'),
  eventType: z.enum(['START', 'RUNNING', 'COMPLETE', 'ABORT', 'FAIL', 'OTHER']),
  run: z.strictObject({ runId: uuid, facets: facetsOf('run') }),
  job: z.strictObject({ namespace: z.string(), name: z.string().check(z.minLength(1)), facets: facetsOf('job') }),
  inputs: z.array(z.strictObject({ ...dataset, inputFacets: facetsOf('input') })),
  outputs: z.array(z.strictObject({ ...dataset, outputFacets: facetsOf('output') })),
});

/** What is wrong with a stream of events; empty when nothing is. */
export function openLineageFaults(events: readonly unknown[]): string[] {
  const faults: string[] = [];
  const states = new Map<string, string[]>();
  events.forEach((event, index) => {
    const result = runEvent.safeParse(event);
    if (!result.success) {
      faults.push(...result.error.issues.map((issue) => `event ${index}: ${issue.path.join('.')}: ${issue.message}`));
      return;
    }
    const { run, eventType } = result.data;
    states.set(run.runId, [...(states.get(run.runId) ?? []), eventType]);
  });
  // "It is required to issue 1 START event and 1 of [ COMPLETE, ABORT, FAIL ] event per run."
  for (const [runId, types] of states) {
    const isWhole = types[0] === 'START' && types.length === 2 && /^(COMPLETE|ABORT|FAIL)$/.test(types[1] ?? '');
    if (!isWhole) faults.push(`run ${runId}: its events are ${types.join(', ')}`);
  }
  return faults;
}
