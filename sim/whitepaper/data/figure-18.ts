import type { Figure } from '../figure.ts';

export const FIGURE_18: Figure = {
  number: 18,
  section: '4.3',
  caption: '不共享网络命名空间且进行 NAT 场景下，容器化部署第三方应用组网图',
  title: 'cAdvisor with a namespace of its own, behind NAT',
  interfaces: [],
  routes: [],
  statements: [
    {
      id: 'pull',
      kind: 'flow',
      quote: '从镜像仓库（IP 地址为 2.2.2.2）拉取镜像文件',
      text: 'the image is pulled from the registry at 2.2.2.2',
    },
    {
      id: 'device-address',
      kind: 'address',
      quote: '设备的 IP 地址为 10.10.10.10',
      text: "the device's address is 10.10.10.10",
    },
    {
      id: 'cadvisor-private-address',
      kind: 'address',
      quote: 'cAdvisor 使用私网地址 192.168.10.2/24',
      text: 'cAdvisor has the private address 192.168.10.2/24',
    },
    {
      id: 'cadvisor-nat',
      kind: 'nat',
      quote: '可实现在 Host 上可以通过固定 IP 地址 135.1.1.6 访问 cAdvisor',
      text: 'Host reaches cAdvisor at the fixed address 135.1.1.6, by NAT',
    },
    {
      id: 'cadvisor-page',
      kind: 'flow',
      quote: '并能从 cAdvisor 提供的 Web 页面中监控设备资源的使用情况',
      text: "Host sees the device's resources on cAdvisor's web page",
    },
  ],
  flows: [],
};
