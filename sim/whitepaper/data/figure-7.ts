import type { Figure, FigureFlow } from '../figure.ts';
import { APP, COMWARE_APP, COMWARE_INET, COMWARE_KERNEL, ETHX, STACK } from './stations.ts';

const SIMILAR = '应用发送给第三方容器中应用的报文过程与此类似，不再赘述';

const TO_COMWARE: FigureFlow = {
  id: '7',
  figure: 7,
  title: 'third-party application to Comware application (east-west)',
  from: ['shared'],
  to: ['comware'],
  request: [
    {
      number: '1',
      quote: '第三方容器将报文发送给内核协议栈（Inet stack）',
      text: 'the container sends to the Inet stack',
      ways: [[APP, COMWARE_INET]],
    },
    {
      number: '2',
      quote: '内核协议栈将报文发送给内核转发模块（Kernel forwarding）处理',
      text: 'the Inet stack hands over to Kernel forwarding',
      ways: [[COMWARE_KERNEL]],
    },
    {
      number: '3',
      quote:
        '内核转发模块根据 Comware 下发的转发规则，将报文发送给内核协议栈或者通过 ethX 接口发送给 Comware 协议栈处理',
      text: 'by the rules that Comware downloaded it goes to the Inet stack, or by ethX to the Comware stack',
      ways: [[COMWARE_INET], [ETHX, STACK]],
    },
    {
      number: '4',
      quote: '根据应用层端口号，内核协议栈或 Comware 协议栈将报文发送给 Comware 应用',
      text: 'that stack gives it to the Comware application by the port',
      ways: [[COMWARE_APP]],
    },
  ],
  reply: [
    {
      number: 'a',
      quote: SIMILAR,
      text: 'the Comware application answers by the Inet stack, or by the Comware stack and ethX',
      ways: [
        [COMWARE_APP, COMWARE_INET],
        [COMWARE_APP, STACK, ETHX],
      ],
    },
    {
      number: 'b',
      quote: SIMILAR,
      text: 'Kernel forwarding hands it to the Inet stack, which gives it to the application',
      ways: [[COMWARE_KERNEL, COMWARE_INET, APP]],
    },
  ],
};

const ACROSS = {
  number: '-',
  quote: '直接通过内核协议栈和内核转发模块互通',
  text: 'directly by the Inet stack and Kernel forwarding',
  ways: [[APP, COMWARE_INET, COMWARE_KERNEL, COMWARE_INET, APP]],
};

const BETWEEN_CONTAINERS: FigureFlow = {
  id: '7-containers',
  figure: 7,
  title: 'container to container in the shared namespace',
  from: ['shared'],
  to: ['shared'],
  request: [ACROSS],
  reply: [ACROSS],
};

export const FIGURE_7: Figure = {
  number: 7,
  section: '3.5.1',
  caption: '共享网络命名空间场景下，第三方应用向 Comware 应用发送报文流程图',
  title: 'shared namespace: third-party application to Comware application',
  interfaces: [],
  routes: [],
  statements: [],
  flows: [TO_COMWARE, BETWEEN_CONTAINERS],
};
