import type { Figure, FigureFlow } from '../figure.ts';
import { APP, COMWARE_INET, COMWARE_KERNEL, ETHX, FORWARDING, PORT, STACK, VRFIF0 } from './stations.ts';

const ON_LINK: FigureFlow = {
  id: '6-on-link',
  figure: 6,
  title: "third-party application to a destination on Comware's own link",
  from: ['shared'],
  to: ['on-link'],
  request: [
    {
      number: '-',
      quote: 'Linux 内核转发报文时会查找这些路由，并且通过 eth 接口将报文发送给 Comware',
      text: 'the kernel finds the connected route and hands the packet to Comware by the eth interface',
      ways: [[APP, COMWARE_INET, COMWARE_KERNEL, ETHX, STACK, FORWARDING, PORT]],
    },
  ],
  reply: [
    {
      number: '-',
      quote: 'Comware 也会通过 eth 接口将报文发送给第三方容器中的应用',
      text: 'Comware hands packets to the application by the eth interface too',
      ways: [[PORT, FORWARDING, STACK, ETHX, COMWARE_KERNEL, COMWARE_INET, APP]],
    },
  ],
};

const OFF_LINK: FigureFlow = {
  id: '6-off-link',
  figure: 6,
  title: 'third-party application to a destination on another network',
  from: ['shared'],
  to: ['off-link'],
  request: [
    {
      number: '-',
      quote: '内核转发模块会使用该缺省路由，并且通过 vrfif0 口将报文发送给 Comware，Comware 再发送给目的节点',
      text: 'Kernel forwarding takes the default route, hands the packet to Comware by vrfif0, and Comware sends it on',
      ways: [[APP, COMWARE_INET, COMWARE_KERNEL, VRFIF0, STACK, FORWARDING, PORT]],
    },
  ],
  reply: [
    {
      number: '-',
      quote: '目的节点将报文发送给 Comware，Comware 通过 vrfif0 口将报文发送给第三方容器中的应用',
      text: 'Comware hands what the destination sends to the application by vrfif0',
      ways: [[PORT, FORWARDING, STACK, VRFIF0, COMWARE_KERNEL, COMWARE_INET, APP]],
    },
  ],
};

export const FIGURE_6: Figure = {
  number: 6,
  section: '3.5.1',
  caption: '第三方容器与 Comware 共享网络命名空间时网络互通原理意图',
  title: "a third-party container that shares Comware's network namespace",
  interfaces: [
    {
      of: 'comware',
      name: 'GE1/0/1',
      address: '2.2.2.1/24',
      quote: '为 GE1/0/1 配置 IP 地址 2.2.2.1/24',
      text: 'GE1/0/1 has 2.2.2.1/24',
    },
    {
      of: 'comware',
      name: 'GE1/0/2',
      address: '3.3.3.1/24',
      quote: '给 GE1/0/2 配置 IP 地址 3.3.3.1/24',
      text: 'GE1/0/2 has 3.3.3.1/24',
    },
    {
      of: 'comware',
      name: 'LoopBack0',
      address: '10.10.3.3/24',
      quote: '给 Loopback 0 接口配置 IP 地址 10.10.3.3/24',
      text: 'LoopBack0 has 10.10.3.3/24',
    },
    {
      of: 'container',
      name: 'eth1',
      address: '2.2.2.1/24',
      pairsWith: 'GE1/0/1',
      quote: '将该 eth 接口的 IP 地址设置为该三层接口的 IP 地址',
      text: 'eth1 stands for GE1/0/1 and has its address',
    },
    {
      of: 'container',
      name: 'eth2',
      address: '3.3.3.1/24',
      pairsWith: 'GE1/0/2',
      quote: '将该 eth 接口的 IP 地址设置为该三层接口的 IP 地址',
      text: 'eth2 stands for GE1/0/2 and has its address',
    },
    {
      of: 'container',
      name: 'Loop0',
      address: undefined,
      pairsWith: 'LoopBack0',
      quote: '出接口为 Loop0',
      text: 'Loop0 stands for LoopBack0',
    },
    {
      of: 'container',
      name: 'vrfif0',
      address: 'none',
      quote: 'Comware 会在内核创建一个虚接口 vrfif0，用来做容器的缺省出接口',
      text: 'vrfif0 is a virtual interface of the kernel, by which the container sends by default',
    },
    {
      of: 'container',
      name: 'InLoop0',
      address: undefined,
      quote: '需要将报文通过 InLoop0 交给本机处理',
      text: 'InLoop0 leads to this device itself',
    },
  ],
  routes: [
    {
      of: 'container',
      destination: 'default',
      device: 'vrfif0',
      source: '10.10.3.3',
      quote: '一条缺省路由，规则为发往非直连网段的报文，源地址为 10.10.3.3，需要将报文通过 vrfif0 交给 Comware 处理',
      text: 'a default route out of vrfif0, source 10.10.3.3',
    },
    {
      of: 'container',
      destination: '10.10.0.0/24',
      device: 'Loop0',
      quote: '一条对应 Loopback 0 接口的直连路由，规则为发往 10.10.0.0/24 网段的报文，出接口为 Loop0',
      text: 'a connected route to 10.10.0.0/24 out of Loop0',
    },
    {
      of: 'container',
      destination: '2.2.2.0/24',
      device: 'eth1',
      quote: '一条对应 GE1/0/1 接口的直连路由，规则为发往 2.2.2.0/24 网段的报文，需要将报文通过 eth1 交给 Comware 处理',
      text: 'a connected route to 2.2.2.0/24 out of eth1',
    },
    {
      of: 'container',
      destination: '3.3.3.0/24',
      device: 'eth2',
      quote: '一条对应 GE1/0/2 接口的直连路由，规则为发往 3.3.3.0/24 网段的报文，需要将报文通过 eth2 交给 Comware 处理',
      text: 'a connected route to 3.3.3.0/24 out of eth2',
    },
    {
      of: 'container',
      destination: '127.0.0.0/8',
      device: 'InLoop0',
      quote: '一条本机路由，规则为发往 127.0.0.0/8 网段的报文，需要将报文通过 InLoop0 交给本机处理',
      text: 'a route to 127.0.0.0/8 out of InLoop0, to this device itself',
    },
  ],
  statements: [
    {
      id: 'shares-namespace',
      kind: 'namespace',
      quote: '使用 Comware 的网络参数，包括接口、IP 地址、路由表、端口号等',
      text: "the container uses Comware's interfaces, addresses, routes and ports",
    },
  ],
  flows: [ON_LINK, OFF_LINK],
};
