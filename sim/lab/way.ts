/* The way of a packet as stations in words, `eth0@device-a/container3`, and the patterns that tests write for them. */

/** Whether the title of a place is the one that a name means: all of it, its last part, or its node. */
export function isAtPlace(title: string, name: string): boolean {
  return title === name || title.endsWith(`/${name}`) || title.startsWith(`${name}/`);
}

/** A station by its name, with or without its place; or its place alone. */
function isStation(text: string, pattern: string): boolean {
  const { what, place } = partsOf(text);
  const wanted = partsOf(pattern);
  if (wanted.place === undefined) return what === pattern || isAtPlace(place ?? '', pattern);
  return what === wanted.what && isAtPlace(place ?? '', wanted.place);
}

/** Whether all patterns are met in this order, others between them or not. */
export function isOnWay(path: readonly string[], patterns: readonly string[]): boolean {
  let at = 0;
  for (const text of path) {
    const pattern = patterns[at];
    if (pattern !== undefined && isStation(text, pattern)) at++;
  }
  return at === patterns.length;
}

/** Whether the patterns tell the whole way; each stands for one station, or for several in a row that it fits. */
export function isWholeWay(path: readonly string[], patterns: readonly string[]): boolean {
  // After each station: which patterns may have been the last one.
  let last = new Set([-1]);
  for (const text of path) {
    const next = new Set<number>();
    for (const at of last) {
      for (const one of [at, at + 1]) {
        const pattern = patterns[one];
        if (pattern !== undefined && isStation(text, pattern)) next.add(one);
      }
    }
    last = next;
  }
  return last.has(patterns.length - 1);
}

export function partsOf(text: string): { readonly what: string; readonly place: string | undefined } {
  const at = text.lastIndexOf('@');
  return at < 0 ? { what: text, place: undefined } : { what: text.slice(0, at), place: text.slice(at + 1) };
}
