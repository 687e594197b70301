/** An element of a document that a test reads. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  /** Its own text, without that of its children. */
  readonly text: string;
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** Reads XML of the plain kind: a declaration, elements, attributes, text. Throws for whatever is not well-formed. */
export function parseXml(document: string): XmlElement {
  const body = document.replace(/^<\?xml version="1\.0" encoding="UTF-8"\?>\n/, '');
  if (body === document) throw new Error('no XML declaration');
  const root = { name: '', attributes: {}, children: [] as XmlElement[], text: '' };
  const open: { name: string; attributes: Record<string, string>; children: XmlElement[]; text: string }[] = [root];
  let at = 0;
  while (at < body.length) {
    const top = open.at(-1) ?? root;
    const rest = body.slice(at);
    const [whole = '', close, name = '', attributes = '', empty] =
      /^<(\/)?([A-Za-z][\w-]*)((?:\s+[\w-]+="[^"<]*")*)\s*(\/)?>/.exec(rest) ?? [];
    if (whole === '') {
      const text = /^[^<]+/.exec(rest)?.[0];
      if (text === undefined) throw new Error(`not well-formed at: ${rest.slice(0, 40)}`);
      top.text += decoded(text);
      at += text.length;
      continue;
    }
    at += whole.length;
    if (close !== undefined) {
      if (top.name !== name) throw new Error(`</${name}> closes <${top.name}>`);
      open.pop();
      continue;
    }
    const element = { name, attributes: attributesOf(attributes), children: [], text: '' };
    top.children.push(element);
    if (empty === undefined) open.push(element);
  }
  const [only, ...more] = root.children;
  if (open.length !== 1 || only === undefined || more.length > 0 || root.text.trim() !== '') {
    throw new Error('not one element');
  }
  return only;
}

function attributesOf(text: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [, key = '', value = ''] of text.matchAll(/([\w-]+)="([^"]*)"/g)) {
    if (key in found) throw new Error(`${key} is given twice`);
    found[key] = decoded(value);
  }
  return found;
}

function decoded(text: string): string {
  return text.replace(/&(?:#(\d+)|(\w+));|&/g, (whole, number: string | undefined, name: string | undefined) => {
    const entity = number === undefined ? ENTITIES[name ?? ''] : String.fromCodePoint(Number(number));
    if (entity === undefined) throw new Error(`no such entity: ${whole}`);
    return entity;
  });
}
