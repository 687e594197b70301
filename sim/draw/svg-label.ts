import { type Label, round } from './drawing.ts';
import { escapeXml } from './escape.ts';

/** A line of text as an element of SVG; `look` is a class of its own. */
export function labelText({ text, x, y, anchor, size, bold, quiet }: Label, look = ''): string {
  const kind = [...(quiet ? ['quiet'] : []), ...(look === '' ? [] : [look])].join(' ');
  const attributes = [
    ...(kind === '' ? [] : [`class="${kind}"`]),
    `x="${round(x)}" y="${round(y)}" font-size="${size}"`,
    ...(anchor === 'middle' ? ['text-anchor="middle"'] : []),
    ...(bold ? ['font-weight="600"'] : []),
  ];
  return `<text ${attributes.join(' ')}>${escapeXml(text)}</text>`;
}
