import { FIGURES } from '../whitepaper/figures.ts';
import { fitLine, type Language, type Line, line, type Size, span, type Words } from './styled.ts';

/** Something that can be walked, in the list that one begins with. */
export interface Entry {
  readonly key: string;
  readonly name: string;
  readonly title: string;
  /** The figure of the paper that it replays. */
  readonly figure: number | undefined;
  /** The heading it stands under, where it replays none. */
  readonly group: Words;
}

/** `answered`, `unanswered`: of what expects nothing, whether every request got its answer. */
export type EntryVerdict =
  | 'waiting'
  | 'running'
  | 'passed'
  | 'failed'
  | 'answered'
  | 'unanswered'
  | 'storm'
  | 'halted'
  | 'no file';

const CHAPTERS: readonly (Words & { readonly section: string })[] = [
  { section: '3.5.1', en: "Containers that share Comware's namespace", zh: '共享网络命名空间' },
  { section: '3.5.2', en: 'Containers with a namespace of their own', zh: '不共享网络命名空间' },
  { section: '3.5.3', en: 'Applications on the host', zh: '宿主机上的应用' },
  { section: '4', en: 'Deployments', zh: '典型组网' },
];

const VERDICTS: Readonly<Record<EntryVerdict, Words>> = {
  waiting: { en: '·', zh: '·' },
  running: { en: '… running', zh: '… 运行中' },
  passed: { en: '✓ passed', zh: '✓ 通过' },
  failed: { en: '✗ failed', zh: '✗ 不通过' },
  answered: { en: '✓ answered', zh: '✓ 有应答' },
  unanswered: { en: '✗ no answer', zh: '✗ 无应答' },
  storm: { en: '✗ storm', zh: '✗ 风暴' },
  halted: { en: '✗ stopped', zh: '✗ 已停止' },
  'no file': { en: '✗ invalid', zh: '✗ 无效' },
};

const TEXT = {
  title: { en: 'Cutaway: watch a packet cross the device', zh: 'Cutaway：看一个报文穿过设备' },
  keys: {
    en: '↑↓ choose   Enter open   type to filter   Esc clear, then quit',
    zh: '↑↓ 选择   Enter 打开   输入文字过滤   Esc 清除，再按退出',
  },
  figure: { en: 'figure', zh: '图' },
  filter: { en: 'filter', zh: '过滤' },
  none: { en: 'nothing matches', zh: '没有匹配' },
  ran: { en: 'run', zh: '已运行' },
} as const;

/** Those whose name, title, figure or chapter has every word of a text. */
export function matching(entries: readonly Entry[], text: string): Entry[] {
  const words = text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  return entries.filter((entry) => {
    const where = `${entry.name} ${entry.title} ${figureText(entry, 'en')} ${figureText(entry, 'zh')} ${groupOf(entry, 'en')} ${groupOf(entry, 'zh')}`;
    return words.every((word) => where.toLowerCase().includes(word));
  });
}

/** The list of what can be walked, by chapter, as it fills the terminal. */
export function startScreen(
  entries: readonly Entry[],
  verdicts: ReadonlyMap<string, EntryVerdict>,
  { chosen, text, fault }: { readonly chosen: number; readonly text: string; readonly fault: string },
  language: Language,
  { width, height }: Size,
): Line[] {
  const done = entries.filter(({ key }) => !['waiting', 'running'].includes(verdicts.get(key) ?? 'waiting')).length;
  const title = fitLine(
    [span(TEXT.title[language], 'title'), span(`   ${TEXT.ran[language]} ${done}/${entries.length}`, 'quiet')],
    width,
  );
  const shown = matching(entries, text);
  const rows: { readonly line: Line; readonly entry: number | undefined }[] = [];
  let group: string | undefined;
  for (const [index, entry] of shown.entries()) {
    const own = groupOf(entry, language);
    if (own !== group) rows.push({ line: [], entry: undefined }, { line: line(own, 'strong'), entry: undefined });
    group = own;
    rows.push({
      line: entryLine(entry, verdicts.get(entry.key) ?? 'waiting', index === chosen, language),
      entry: index,
    });
  }
  if (shown.length === 0) rows.push({ line: line(`  ${TEXT.none[language]}`, 'quiet'), entry: undefined });
  const room = Math.max(1, height - 3);
  const at = rows.findIndex(({ entry }) => entry === chosen);
  const top = Math.max(0, Math.min(at - Math.floor(room / 2), rows.length - room));
  const body = Array.from({ length: room }, (_, row) => fitLine(rows[top + row]?.line ?? [], width));
  const asked = text === '' ? [] : [span(`${TEXT.filter[language]}: `, 'strong'), span(`${text}▏`, 'lit')];
  const said = fault === '' ? asked : [span(`✗ ${fault}`, 'bad')];
  return [title, ...body, fitLine(said, width), fitLine(line(TEXT.keys[language], 'quiet'), width)].slice(0, height);
}

function entryLine(entry: Entry, verdict: EntryVerdict, isChosen: boolean, language: Language): Line {
  const tone =
    verdict === 'passed' || verdict === 'answered'
      ? 'good'
      : verdict === 'waiting' || verdict === 'running'
        ? 'quiet'
        : 'bad';
  return [
    span(isChosen ? '▶ ' : '  ', 'key'),
    ...fitLine(line(VERDICTS[verdict][language], tone), 12),
    ...fitLine(line(figureText(entry, language), 'strong'), 10),
    ...fitLine(line(entry.name, isChosen ? 'lit' : 'plain'), 15),
    span(' '),
    span(titleOf(entry, language), isChosen ? 'lit' : 'plain'),
  ];
}

function figureText({ figure }: Entry, language: Language): string {
  return figure === undefined ? '' : `${TEXT.figure[language]} ${figure}`;
}

/** In Chinese the caption of the figure itself. */
function titleOf({ figure, title }: Entry, language: Language): string {
  const caption = FIGURES.find(({ number }) => number === figure)?.caption;
  return language === 'zh' && caption !== undefined ? caption : title;
}

function groupOf({ figure, group }: Entry, language: Language): string {
  const section = FIGURES.find(({ number }) => number === figure)?.section;
  const chapter = section === undefined ? undefined : CHAPTERS.find((one) => section.startsWith(one.section));
  return chapter === undefined ? group[language] : `${chapter.section}  ${chapter[language]}`;
}
