import type { Figure, FigureFlow, FigureStep } from '../figure.ts';
import { APP, COMWARE_INET, COMWARE_KERNEL, ETHX, FORWARDING, PORT, STACK, VRFIF0 } from './stations.ts';

const SIMILAR = '也是通过 Comware 转发、Comware 协议栈、内核转发模块，最终通过内核协议栈将报文发送给第三方应用';

const OUTWARD: readonly FigureStep[] = [
  {
    number: '1',
    quote: '第三方应用将报文发送给 Linux 内核协议栈（Inet stack）处理',
    text: 'the application sends to the Inet stack',
    ways: [[APP, COMWARE_INET]],
  },
  {
    number: '2',
    quote: 'Linux 内核协议栈将报文转发给内核转发模块（Kernel forwarding）处理',
    text: 'the Inet stack hands over to Kernel forwarding',
    ways: [[COMWARE_KERNEL]],
  },
  {
    number: '3',
    quote: '内核转发模块匹配路由，通过 ethX 接口或者 vrfif0 接口将报文发送给 Comware 协议栈',
    text: 'Kernel forwarding matches a route and hands over by ethX or vrfif0 to the Comware stack',
    ways: [
      [ETHX, STACK],
      [VRFIF0, STACK],
    ],
  },
  {
    number: '4',
    quote: 'Comware 协议栈将报文发送给 Comware 转发模块',
    text: 'the Comware stack hands over to Comware forwarding',
    ways: [[FORWARDING]],
  },
  {
    number: '5',
    quote: 'Comware 转发模块进行查表转发，将报文从物理接口发送出去',
    text: 'Comware forwarding looks up its table and sends by a physical interface',
    ways: [[PORT]],
  },
];

const INWARD: readonly FigureStep[] = [
  {
    number: 'a',
    quote: SIMILAR,
    text: 'in by a physical interface, Comware forwarding and the Comware stack',
    ways: [[PORT, FORWARDING, STACK]],
  },
  {
    number: 'b',
    quote: SIMILAR,
    text: 'by ethX or vrfif0 to Kernel forwarding',
    ways: [
      [ETHX, COMWARE_KERNEL],
      [VRFIF0, COMWARE_KERNEL],
    ],
  },
  { number: 'c', quote: SIMILAR, text: 'the Inet stack gives it to the application', ways: [[COMWARE_INET, APP]] },
];

const TO_OUTSIDE: FigureFlow = {
  id: '8',
  figure: 8,
  title: 'third-party application to a destination outside (north-south)',
  from: ['shared'],
  to: ['on-link', 'off-link'],
  request: OUTWARD,
  reply: INWARD,
};

const FROM_OUTSIDE: FigureFlow = {
  id: '8-inbound',
  figure: 8,
  title: 'destination outside to third-party application',
  from: ['on-link', 'off-link'],
  to: ['shared'],
  request: INWARD,
  reply: OUTWARD,
};

export const FIGURE_8: Figure = {
  number: 8,
  section: '3.5.1',
  caption: '共享网络命名空间场景下，第三方应用向目的节点发送报文流程图',
  title: 'shared namespace: third-party application to a destination outside',
  interfaces: [],
  routes: [],
  statements: [],
  flows: [TO_OUTSIDE, FROM_OUTSIDE],
};
