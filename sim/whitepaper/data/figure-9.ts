import type { Figure, FigureInterface } from '../figure.ts';

const container = (number: 1 | 2 | 3): FigureInterface => ({
  of: `container${number}`,
  name: 'eth0',
  address: `1.1.1.${number}/24`,
  quote: '例如图中的 1.1.1.1/24、1.1.1.2/24 和 1.1.1.3/24',
  text: `container${number} has eth0 with 1.1.1.${number}/24`,
});

export const FIGURE_9: Figure = {
  number: 9,
  section: '3.5.2',
  caption: '第三方容器与 Comware 不共享网络命名空间时网络互通原理图',
  title: 'third-party containers with network namespaces of their own',
  interfaces: [
    {
      of: 'comware',
      name: 'Virtual-Eth-Group0',
      address: '1.1.1.200/24',
      quote: '用户在设备上创建 Virtual-Eth-Group0 接口，并为该接口配置 IP 地址 1.1.1.200/24',
      text: 'Virtual-Eth-Group0 has 1.1.1.200/24',
    },
    {
      of: 'kernel',
      name: 'eth1',
      address: undefined,
      pairsWith: 'Virtual-Eth-Group0',
      quote: '系统会自动创建一个 TPA bridge 和虚拟网口 eth1',
      text: "eth1 is its leg in the kernel of Comware's namespace",
    },
    container(1),
    container(2),
    container(3),
  ],
  routes: [
    {
      of: 'container3',
      destination: 'default',
      gateway: '1.1.1.200',
      device: 'eth0',
      quote:
        '一条缺省路由，规则为发往非 1.1.1.0/24 网段的报文，下一跳为 1.1.1.200，需要将报文通过 eth0 交给 Comware 处理',
      text: 'container3 has a default route with next hop 1.1.1.200 out of eth0',
    },
    {
      of: 'container3',
      destination: '1.1.1.0/24',
      device: 'eth0',
      quote: '一条直连路由，规则为发往 1.1.1.0/24 网段的报文，出接口为 eth0',
      text: 'container3 has a connected route to 1.1.1.0/24 out of eth0',
    },
  ],
  statements: [
    {
      id: 'tpa-bridge',
      kind: 'bridge',
      quote:
        '用户创建 Virtual-Eth-Group0 接口时，Comware 会同时创建一个 TPA (Third-party Application, 第三方应用) bridge',
      text: 'with Virtual-Eth-Group0 comes a TPA bridge, which ties the containers to Comware',
    },
    {
      id: 'two-routes',
      kind: 'namespace',
      quote: '在 Third-party container3 上查看 Third-party container3 的路由表，可以看到两条路由',
      text: 'container3 has two routes',
    },
  ],
  flows: [],
};
