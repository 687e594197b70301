import type { Figure, FigureFlow } from '../figure.ts';
import {
  COMWARE_APP,
  COMWARE_INET,
  COMWARE_KERNEL,
  DOCKER0,
  DOCKER0_BRIDGE,
  DOCKER0_LEG,
  HOST_APP,
  HOST_INET,
  HOST_KERNEL,
  STACK,
} from './stations.ts';

const SIMILAR = '对于 Comware 应用发送给第三方容器中应用的报文处理流程与此类似，不再赘述';

const TO_COMWARE: FigureFlow = {
  id: '13',
  figure: 13,
  title: 'host application to Comware application (east-west)',
  from: ['host'],
  to: ['comware'],
  request: [
    {
      number: '1',
      quote: '宿主机内的应用将报文发送给 Linux 内核协议栈',
      text: 'the application on the host sends to the Inet stack',
      ways: [[HOST_APP, HOST_INET]],
    },
    {
      number: '2',
      quote: '内核协议栈将报文发送给内核转发模块',
      text: 'the Inet stack hands over to Kernel forwarding',
      ways: [[HOST_KERNEL]],
    },
    {
      number: '3',
      quote: '内核转发模块经过 docker0—>Docker0 bridge—>eth0，将报文从宿主机的网络命名空间发送给 Comware 协议栈',
      text: 'by docker0, the Docker0 bridge and eth0 to the Comware stack',
      ways: [[DOCKER0, DOCKER0_BRIDGE, DOCKER0_LEG, STACK]],
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
      text: 'the Comware application answers by the Comware stack, or by the Inet stack',
      ways: [
        [COMWARE_APP, STACK],
        [COMWARE_APP, COMWARE_INET],
      ],
    },
    {
      number: 'b',
      quote: SIMILAR,
      text: "Comware's kernel sends by eth0, the Docker0 bridge and docker0",
      ways: [[COMWARE_KERNEL, DOCKER0_LEG, DOCKER0_BRIDGE, DOCKER0]],
    },
    {
      number: 'c',
      quote: SIMILAR,
      text: 'the Inet stack gives it to the application in the third-party container',
      literally: 'container',
      ways: [[HOST_INET, HOST_APP]],
    },
  ],
};

export const FIGURE_13: Figure = {
  number: 13,
  section: '3.5.3',
  caption: '宿主机向 Comware 应用发送报文流程图',
  title: 'host application to Comware application',
  interfaces: [],
  routes: [],
  statements: [],
  flows: [TO_COMWARE],
};
