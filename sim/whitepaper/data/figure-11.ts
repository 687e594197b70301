import type { Figure, FigureFlow, FigureStep } from '../figure.ts';
import { APP, ETH0, ETH1, FORWARDING, INET, KERNEL, PORT, STACK, TPA_BRIDGE } from './stations.ts';

const SIMILAR = '外界目的节点发送给第三方容器中应用的报文处理流程与此类似';

const ACROSS: readonly FigureStep[] = [
  {
    number: '2',
    quote: 'Linux 内核协议栈将报文转发给内核转发模块处理',
    text: 'the Inet stack hands over to Kernel forwarding',
    ways: [[KERNEL]],
  },
  {
    number: '3',
    quote: '内核转发模块 eth0—>TPA bridge—>eth1，将报文从第三方容器的网络命名空间发送给 Comware 协议栈',
    text: 'by eth0, the TPA bridge and eth1 to the Comware stack',
    ways: [[ETH0, TPA_BRIDGE, ETH1, STACK]],
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

const FIRST = {
  number: '1',
  quote: '第三方应用将报文发送给 Linux 内核协议栈处理',
  text: 'the application in the container sends to the Inet stack',
};

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
    text: 'by eth1, the TPA bridge and eth0 into the container',
    ways: [[ETH1, TPA_BRIDGE, ETH0]],
  },
  { number: 'c', quote: SIMILAR, text: 'the Inet stack of the container takes it', ways: [[INET]] },
];

const TO_OUTSIDE: FigureFlow = {
  id: '11',
  figure: 11,
  title: 'third-party application to a destination outside (north-south)',
  from: ['separate'],
  to: ['on-link', 'off-link'],
  request: [{ ...FIRST, ways: [[APP, INET]] }, ...ACROSS],
  reply: [...INWARD, { number: 'd', quote: SIMILAR, text: 'and gives it to the application', ways: [[APP]] }],
};

const FROM_OUTSIDE: FigureFlow = {
  id: '11-inbound',
  figure: 11,
  title: 'destination outside to third-party application',
  from: ['on-link', 'off-link'],
  to: ['separate'],
  request: INWARD,
  // An echo request is answered by the Inet stack, without an application.
  reply: [{ ...FIRST, ways: [[INET]] }, ...ACROSS],
};

export const FIGURE_11: Figure = {
  number: 11,
  section: '3.5.2',
  caption: '不共享网络空间场景下，第三方应用向目的节点发送报文流程图',
  title: 'separate namespace: third-party application to a destination outside',
  interfaces: [],
  routes: [],
  statements: [
    {
      id: 'container-address',
      kind: 'address',
      quote: '目的节点需要使用第三方容器的 IP 地址和第三方容器中的应用通信',
      text: 'destinations use the address of the container',
    },
    {
      id: 'nat-optional',
      kind: 'nat',
      quote: '管理员可以根据实际需求选择是否在 Comware 发送报文前对第三方应用的流量进行 NAT',
      text: 'NAT before Comware sends is a choice of the administrator',
    },
  ],
  flows: [TO_OUTSIDE, FROM_OUTSIDE],
};
