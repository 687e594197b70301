import type { Figure } from '../figure.ts';

export const FIGURE_17: Figure = {
  number: 17,
  section: '4.2',
  caption: '不共享网络命名空间且不进行 NAT 场景下，容器化部署第三方应用组网图',
  title: 'cAdvisor with a namespace of its own, without NAT',
  interfaces: [],
  routes: [],
  statements: [
    {
      id: 'device-address',
      kind: 'address',
      quote: '为了不暴露设备的 IP 地址（10.10.10.10）',
      text: "the device's address is 10.10.10.10, and users do not get to see it",
    },
    {
      id: 'cadvisor-fixed-address',
      kind: 'address',
      quote: 'cAdvisor 使用固定公网 IP 地址 135.1.1.6',
      text: 'cAdvisor has the fixed address 135.1.1.6',
    },
    {
      id: 'cadvisor-without-nat',
      kind: 'nat',
      quote: '管理员在创建容器时，定制成不共享网络命名空间且不进行 NAT 地址转换',
      text: 'it has a namespace of its own, and no NAT',
    },
  ],
  flows: [],
};
