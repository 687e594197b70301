import type { HeaderChange } from '../../explain/changes.ts';
import type { Layer } from '../../explain/layers.ts';
import { textWidth } from '../../show/table.ts';
import { fitBlock, type Language, type Line, line, type Size, span } from '../styled.ts';
import type { View } from '../view.ts';
import { TEXT } from '../words.ts';

const WORDS = {
  unseen: { en: 'No device has seen it here yet.', zh: '还没有接口看到这个报文。' },
  in: { en: 'in', zh: '入' },
  out: { en: 'out', zh: '出' },
  born: { en: 'born here', zh: '在此产生' },
  ended: { en: 'ends here', zh: '在此终止' },
  gone: { en: 'taken off', zh: '剥去' },
  put: { en: 'put on', zh: '封装' },
} as const;

/** The headers of the packet in this namespace: as it came in, and what was changed before it left. */
export function layersPane({ hop, details, state }: View, language: Language, size: Size): Line[] {
  if (details === undefined) return fitBlock([line(TEXT.reading[language], 'quiet')], size);
  const headers = hop?.headersOut ?? hop?.headersIn;
  if (hop === undefined || headers === undefined) return fitBlock([line(WORDS.unseen[language], 'quiet')], size);
  const way: Line = [
    span(`${hop.place} `, 'title'),
    span(`${WORDS.in[language]} ${hop.deviceIn || WORDS.born[language]} → `),
    span(`${WORDS.out[language]} ${hop.deviceOut || WORDS.ended[language]}`),
  ];
  const lost = hop.changes.filter(({ field, after }) => field === '' && after === '');
  const lines = [
    way,
    ...lost.map((change): Line => [span('~ ', 'changed'), span(`${change.layer}: ${WORDS.gone[language]}`, 'changed')]),
    ...headers.flatMap((layer) => layerLines(layer, hop.changes, language, size.width)),
  ];
  const down = Math.max(0, Math.min(state.pane === 'layers' ? state.scroll : 0, lines.length - size.height));
  return fitBlock(lines.slice(down), size);
}

function layerLines(layer: Layer, changes: readonly HeaderChange[], language: Language, width: number): Line[] {
  const own = changes.filter((change) => change.layer === layer.protocol && change.quoted === layer.quoted);
  const isNew = own.some(({ field, before }) => field === '' && before === '');
  const title: Line = [
    span(isNew ? '+ ' : '  ', 'changed'),
    span(layer.quoted ? `(${layer.protocol})` : layer.protocol, 'strong'),
    ...(isNew ? [span(` ${WORDS.put[language]}`, 'changed')] : []),
  ];
  const fields = Object.entries(layer.fields).map(([name, value]): Line => {
    const change = own.find(({ field }) => field === name);
    const label = name.replaceAll('_', ' ');
    if (change === undefined) return [span(`    ${label} `, 'quiet'), span(String(value))];
    const [before, after] = [change.before || '-', change.after || '-'];
    return [span(`  ~ ${label} `, 'changed'), span(before), span(' → ', 'changed'), span(after, 'changed')];
  });
  return [title, ...packed(fields, width)];
}

/** Short fields share a line: what was changed has its own. */
function packed(fields: readonly Line[], width: number): Line[] {
  const lines: Line[] = [];
  let room = 0;
  for (const field of fields) {
    const isChange = field[0]?.tone === 'changed';
    const text = field.map((one) => one.text).join('');
    const own = textWidth(text) - 2;
    const last = lines.at(-1);
    if (last !== undefined && !isChange && own <= room) {
      const [label, value] = field;
      if (label !== undefined && value !== undefined) {
        lines[lines.length - 1] = [...last, span(`  ${label.text.trimStart()}`, label.tone), value];
      }
      room -= own;
    } else {
      lines.push(field);
      room = isChange ? 0 : width - textWidth(text);
    }
  }
  return lines;
}
