/**
 * Building blocks of the record schemas. zod/mini is used because the full build costs every command 20 ms of start-up.
 */
import * as z from 'zod/mini';

export const hashHex = z.string().check(z.regex(/^[0-9a-f]{64}$/, 'must be 64 lower-case hexadecimal digits'));
export const nonNegativeInteger = z.int().check(z.gte(0));
export const positiveInteger = z.int().check(z.gte(1));
export const wellFormedText = z
  .string()
  .check(z.refine((text) => text.isWellFormed(), 'must not hold a lone surrogate'));
export const shortText = wellFormedText.check(z.minLength(1), z.maxLength(4096));
export const timestamp = z
  .string()
  .check(z.regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/, 'must be RFC 3339 in UTC with milliseconds'));

/** Any JSON value, as canonical JSON allows it. */
export const jsonValue = z.json();
export const jsonObject = z.record(z.string(), jsonValue);

/** The closed core list of relations, or a name of the user's own with a dot in it. */
export const relation = z
  .string()
  .check(
    z.regex(
      /^(derived_from|uses_null|uses_folds|uses_transforms|uses_config|[a-z0-9_-]+(\.[a-z0-9_-]+)+)$/,
      'must be derived_from, uses_null, uses_folds, uses_transforms, uses_config, or a name of your own with a dot in it',
    ),
  );
