import type { Figure, FigureFlow, FigureStep } from '../figure.ts';
import {
  APP,
  COMWARE_APP,
  COMWARE_INET,
  COMWARE_KERNEL,
  ETH0,
  ETH1,
  INET,
  KERNEL,
  STACK,
  TPA_BRIDGE,
  VRFIF0,
} from './stations.ts';

const SIMILAR = '对于 Comware 应用发送给第三方容器中应用的报文处理流程与此类似';

const TO_COMWARE: FigureFlow = {
  id: '10',
  figure: 10,
  title: 'third-party application to Comware application (east-west)',
  from: ['separate'],
  to: ['comware'],
  request: [
    {
      number: '1',
      quote: '第三方容器内的应用将报文发送给 Linux 内核协议栈',
      text: 'the application in the container sends to the Inet stack',
      ways: [[APP, INET]],
    },
    {
      number: '2',
      quote: '内核协议栈将报文发送给内核转发模块处理',
      text: 'the Inet stack hands over to Kernel forwarding',
      ways: [[KERNEL]],
    },
    {
      number: '3',
      quote:
        '内核转发模块经过 eth0—>TPA bridge—>eth1，将报文从第三方容器的网络命名空间发送给 Comware 容器，Comware 容器匹配内核路由，将报文通过 vrfif0 接口发送给 Comware 协议栈',
      text: "by eth0, the TPA bridge and eth1 to Comware's namespace, whose kernel routes to vrfif0 and the Comware stack",
      ways: [[ETH0, TPA_BRIDGE, ETH1, COMWARE_KERNEL, VRFIF0, STACK]],
    },
    {
      number: '4',
      quote:
        'Comware 协议栈如果支持处理该应用的报文，则报文发送给 Comware 应用；Comware 协议栈如果不支持处理该应用的报文，则报文发送给 Linux 内核协议栈',
      text: 'the Comware stack gives it to the application if it supports it, else to the Inet stack',
      ways: [[COMWARE_APP], [COMWARE_INET]],
    },
    {
      number: '5',
      quote: '内核协议栈将报文发送给 Comware 应用',
      text: 'the Inet stack gives it to the Comware application',
      ways: [[COMWARE_APP]],
      onlyAfterWay: 1,
    },
  ],
  reply: [
    {
      number: 'a',
      quote: SIMILAR,
      text: 'the Comware application answers by the Comware stack and vrfif0, or by the Inet stack',
      ways: [
        [COMWARE_APP, STACK, VRFIF0],
        [COMWARE_APP, COMWARE_INET],
      ],
    },
    {
      number: 'b',
      quote: SIMILAR,
      text: "Comware's kernel routes to eth1, the TPA bridge and the container's eth0",
      ways: [[COMWARE_KERNEL, ETH1, TPA_BRIDGE, ETH0]],
    },
    {
      number: 'c',
      quote: SIMILAR,
      text: 'the Inet stack of the container gives it to the application',
      ways: [[INET, APP]],
    },
  ],
};

const ACROSS: readonly FigureStep[] = [
  {
    number: '-',
    quote: '不同容器中的第三方应用处于相同网段，可以通过 TPA bridge 和 eth0 直接互通',
    text: 'directly by eth0, the TPA bridge and the other eth0',
    ways: [[ETH0, TPA_BRIDGE, ETH0]],
  },
];

const BETWEEN_CONTAINERS: FigureFlow = {
  id: '10-containers',
  figure: 10,
  title: 'container to container on one device',
  from: ['separate'],
  to: ['separate'],
  request: ACROSS,
  reply: ACROSS,
};

export const FIGURE_10: Figure = {
  number: 10,
  section: '3.5.2',
  caption: '不共享网络空间场景下，第三方应用向 Comware 应用发送报文流程图',
  title: 'separate namespace: third-party application to Comware application',
  interfaces: [],
  routes: [],
  statements: [],
  flows: [TO_COMWARE, BETWEEN_CONTAINERS],
};
