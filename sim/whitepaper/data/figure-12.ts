import type { Figure } from '../figure.ts';

export const FIGURE_12: Figure = {
  number: 12,
  section: '3.5.3',
  caption: 'Comware 为宿主机提供网络支持原理图',
  title: "Comware's network support for applications on the host",
  interfaces: [
    {
      of: 'host',
      name: 'docker0',
      address: '127.1.1.1',
      quote: '创建 docker0 接口并设置其 IP 地址为 127.1.1.1',
      text: 'docker0, on the side of the host, has 127.1.1.1',
    },
    {
      of: 'kernel',
      name: 'eth0',
      address: '127.1.1.2',
      quote: '创建 eth0 接口并设置其 IP 地址为 127.1.1.2',
      text: 'eth0, on the side of Comware, has 127.1.1.2',
    },
  ],
  routes: [
    {
      of: 'host',
      destination: 'default',
      gateway: '127.1.1.2',
      device: 'eth0',
      quote:
        '一条缺省路由，规则为发往除 Comware 之外目的节点的报文，下一跳为 127.1.1.2，需要将报文通过 eth0 交给 Comware 处理',
      text: 'the host has a default route with next hop 127.1.1.2 out of eth0',
    },
    {
      of: 'host',
      destination: undefined,
      device: 'docker0',
      quote: '一条直连路由，规则为发往 Comware 应用的报文，出接口为 docker0',
      text: "the host has a connected route to Comware's applications out of docker0",
    },
  ],
  statements: [
    {
      id: 'host-namespace',
      kind: 'namespace',
      quote: 'Docker、Kubelet 应用与 Comware 不共享网络空间',
      text: 'the host does not share the network namespace of Comware',
    },
    {
      id: 'docker0-bridge',
      kind: 'bridge',
      quote: '在宿主机的 Linux 内核创建缺省网桥 Docker0 bridge，用于连接宿主机的网络命名空间和 Comware 的网络命名空间',
      text: 'the Docker0 bridge ties the namespaces of the host and of Comware together',
    },
  ],
  flows: [],
};
