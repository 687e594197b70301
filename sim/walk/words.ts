import type { HaltReason } from '../world/halt.ts';
import type { PaneName } from './state.ts';
import type { Words } from './styled.ts';

export const PANE_TITLES: Readonly<Record<PaneName, Words>> = {
  here: { en: 'decided here', zh: '此处的决定' },
  tables: { en: 'tables', zh: '表项' },
  layers: { en: 'headers', zh: '报文头' },
  packets: { en: 'packets', zh: '报文' },
};

export const TEXT = {
  step: { en: 'step', zh: '步骤' },
  playing: { en: 'playing', zh: '播放' },
  predict: { en: 'predict', zh: '预测' },
  follow: { en: 'following', zh: '跟踪' },
  filter: { en: 'filter', zh: '过滤' },
  changed: { en: 'changed', zh: '已修改' },
  reading: { en: 'reading the tape ...', zh: '正在读取……' },
  notEnded: { en: 'The run has not ended yet.', zh: '运行尚未结束。' },
  tooLong: {
    en: 'The run is too long for that here: cutaway run writes and compares it, cutaway diff tells what changes.',
    zh: '运行太长：请用 cutaway run 保存和对照，用 cutaway diff 看修改的结果。',
  },
  tooMany: {
    en: 'Too many packets belong to it to be accounted for here: cutaway explain does it.',
    zh: '属于它的报文太多，请用 cutaway explain。',
  },
  running: { en: 'running', zh: '运行中' },
  absent: { en: 'is not there at this moment', zh: '此刻不存在' },
  nothing: { en: 'Nothing was sent, or the filter lets nothing pass.', zh: '没有报文，或者都被过滤掉了。' },
  of: { en: 'of', zh: '属于' },
  noEvent: { en: 'no drop and no NAT further on', zh: '之后没有丢弃或NAT' },
  noEventBefore: { en: 'no drop and no NAT before', zh: '之前没有丢弃或NAT' },
  close: { en: 'Esc closes', zh: 'Esc 关闭' },
} as const satisfies Readonly<Record<string, Words>>;

/** Why a run was stopped before its time. */
export const HALTS: Readonly<Record<HaltReason, Words>> = {
  storm: { en: 'STORM: frames multiply', zh: '风暴：报文不断增殖' },
  events: { en: 'STOPPED: too many events', zh: '已停止：事件太多' },
  time: { en: 'STOPPED: out of time', zh: '已停止：时间用尽' },
  captures: { en: 'STOPPED: captures are full', zh: '已停止：抓包已满' },
  memory: { en: 'STOPPED: out of memory', zh: '已停止：内存不足' },
};

/** Keys with what they do, the most needed first: as many as fit stand in the last line. */
export const KEYS: readonly { readonly key: string; readonly short: Words; readonly long: Words }[] = [
  { key: '←→', short: { en: 'step', zh: '单步' }, long: { en: 'one stop back, on', zh: '后退、前进一站' } },
  {
    key: 'space',
    short: { en: 'play', zh: '播放' },
    long: { en: 'play and pause; + and - change the speed', zh: '播放、暂停；+ - 调速' },
  },
  { key: '↑↓', short: { en: 'packet', zh: '报文' }, long: { en: 'packet before, after', zh: '上一个、下一个报文' } },
  {
    key: 'tab',
    short: { en: 'pane', zh: '窗格' },
    long: { en: 'next pane (shift-tab: the one before)', zh: '下一个窗格（shift-tab 上一个）' },
  },
  {
    key: 'e',
    short: { en: 'explain', zh: '解释' },
    long: { en: 'explain: why it ended so, and what would have let it pass', zh: '解释：结局的原因，怎样修改才能通过' },
  },
  {
    key: 'n',
    short: { en: 'next drop', zh: '下个丢弃' },
    long: { en: 'next drop or NAT (N: the one before)', zh: '下一个丢弃或NAT（N 上一个）' },
  },
  { key: '?', short: { en: 'help', zh: '帮助' }, long: { en: 'this help', zh: '本帮助' } },
  {
    key: 'q',
    short: { en: 'quit', zh: '退出' },
    long: { en: 'back to the list, and from there quit', zh: '返回列表，再按退出' },
  },
  {
    key: 'p',
    short: { en: 'predict', zh: '预测' },
    long: { en: 'predict: which way, before it is shown', zh: '预测：先猜，再揭晓' },
  },
  {
    key: 'c',
    short: { en: 'compare', zh: '对照' },
    long: { en: 'compare with the figure and what the scenario expects', zh: '与白皮书的图和场景的期望对照' },
  },
  {
    key: 'x',
    short: { en: 'change', zh: '修改' },
    long: { en: 'change something and run it again', zh: '修改网络，重新运行' },
  },
  {
    key: '/',
    short: { en: 'filter', zh: '过滤' },
    long: { en: 'filter with an expression of tcpdump (empty: all)', zh: '用tcpdump表达式过滤（空：全部）' },
  },
  {
    key: 'f',
    short: { en: 'follow', zh: '跟踪' },
    long: { en: 'follow this packet and what it led to, alone', zh: '只跟踪此报文及其引起的报文' },
  },
  {
    key: '1-9',
    short: { en: 'table', zh: '表' },
    long: { en: 'open a table; [ and ] show those of another stack', zh: '打开表；[ ] 看别的协议栈的表' },
  },
  {
    key: ', .',
    short: { en: 'decision', zh: '决定' },
    long: { en: 'one decision back, on', zh: '后退、前进一个决定' },
  },
  {
    key: 'w',
    short: { en: 'write', zh: '保存' },
    long: { en: 'write captures and tables to out/', zh: '把抓包和表写到 out/' },
  },
  {
    key: 'z',
    short: { en: 'zoom', zh: '放大' },
    long: { en: 'the pane alone on the screen', zh: '窗格放大到整个屏幕' },
  },
  {
    key: 'home end',
    short: { en: 'ends', zh: '首尾' },
    long: { en: 'beginning and end of the run', zh: '开头、结尾' },
  },
  {
    key: 'PgUp PgDn',
    short: { en: 'scroll', zh: '滚动' },
    long: { en: 'scroll the pane; < and > sideways', zh: '滚动窗格；< > 左右移动' },
  },
  {
    key: 'a',
    short: { en: 'all', zh: '全部' },
    long: { en: 'show frames flooded to those they are not for too', zh: '也显示泛洪给无关者的帧' },
  },
];
