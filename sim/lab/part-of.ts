/** Of a value as much as is to be compared, at every depth; any value may be an asymmetric matcher instead. */
export type Partly<T> = { readonly [key in keyof T]?: T[key] extends object ? T[key] | object : T[key] | object };

/**
 * Whether `wanted` is found in `found`: of an object its own keys, of a list all items in their order. What has a method
 * asymmetricMatch() judges for itself, as expect.stringMatching() does.
 */
export function isPartOf(wanted: unknown, found: unknown): boolean {
  if (!isObject(wanted)) return Object.is(wanted, found);
  if ('asymmetricMatch' in wanted && typeof wanted.asymmetricMatch === 'function') {
    return wanted.asymmetricMatch(found) === true;
  }
  if (!isObject(found)) return false;
  if (Array.isArray(wanted)) {
    return (
      Array.isArray(found) && wanted.length === found.length && wanted.every((one, at) => isPartOf(one, found[at]))
    );
  }
  return Object.entries(wanted).every(([key, value]) => isPartOf(value, found[key]));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
