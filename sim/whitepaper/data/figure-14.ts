import type { Figure, FigureFlow } from '../figure.ts';
import {
  DOCKER0,
  DOCKER0_BRIDGE,
  DOCKER0_LEG,
  FORWARDING,
  HOST_APP,
  HOST_INET,
  HOST_KERNEL,
  PORT,
  STACK,
} from './stations.ts';

const SIMILAR = '外界目的节点发送给第三方容器中应用的报文处理流程与此类似，不再赘述';

const TO_OUTSIDE: FigureFlow = {
  id: '14',
  figure: 14,
  title: 'host application to a destination outside (north-south)',
  from: ['host'],
  to: ['on-link', 'off-link'],
  request: [
    {
      number: '1',
      quote: '宿主机中应用将报文发送给 Linux 内核协议栈处理',
      text: 'the application on the host sends to the Inet stack',
      ways: [[HOST_APP, HOST_INET]],
    },
    {
      number: '2',
      quote: 'Linux 内核协议栈将报文转发给内核转发模块处理',
      text: 'the Inet stack hands over to Kernel forwarding',
      ways: [[HOST_KERNEL]],
    },
    {
      number: '3',
      quote: '经过 docker0—>Docker0 bridge—>eth0，将报文从宿主机的网络命名空间发送给 Comware 协议栈',
      text: 'by docker0, the Docker0 bridge and eth0 to the Comware stack',
      ways: [[DOCKER0, DOCKER0_BRIDGE, DOCKER0_LEG, STACK]],
    },
    {
      number: '4',
      quote: 'Comware 协议栈将报文发送给 Comware 转发模块',
      text: 'the Comware stack hands over to Comware forwarding',
      ways: [[FORWARDING]],
    },
    {
      number: '5',
      quote: 'Comware 转发模块进行查表转发，最终将报文从物理接口发送出去',
      text: 'Comware forwarding looks up its table and sends by a physical interface',
      ways: [[PORT]],
    },
  ],
  reply: [
    {
      number: 'a',
      quote: SIMILAR,
      text: 'in by a physical interface, Comware forwarding and the Comware stack',
      ways: [[PORT, FORWARDING, STACK]],
    },
    {
      number: 'b',
      quote: SIMILAR,
      text: 'by eth0, the Docker0 bridge and docker0 to the host',
      ways: [[DOCKER0_LEG, DOCKER0_BRIDGE, DOCKER0]],
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

export const FIGURE_14: Figure = {
  number: 14,
  section: '3.5.3',
  caption: '宿主机向目的节点发送报文流程图',
  title: 'host application to a destination outside',
  interfaces: [],
  routes: [],
  statements: [
    {
      id: 'host-snat',
      kind: 'nat',
      quote: '内核转发模块对报文进行 NAT 转换，将报文的源地址转换为 Comware 的 Loopback0 接口的 IP 地址',
      text: "3: the host's Kernel forwarding turns the source into the address of Comware's Loopback0, ahead of docker0",
    },
    {
      id: 'loopback-address',
      kind: 'address',
      quote: '目的节点需要使用 Comware Loopback0 接口的 IP 地址和宿主机通信',
      text: "destinations use the address of Comware's Loopback0 to talk to the host",
    },
  ],
  flows: [TO_OUTSIDE],
};
