import type { Claim } from '../claim.ts';

/** Chapter 4: typical deployments. */
export const DEPLOYMENTS_CLAIMS: readonly Claim[] = [
  {
    id: 'CLM-72',
    section: '4.1',
    level: 'packet',
    figure: 16,
    text: 'Comware is a TFTP client and no TFTP server.',
    quote: '系统支持 TFTP client 功能，但不支持作为 TFTP server',
  },
  {
    id: 'CLM-73',
    section: '4.1',
    level: 'packet',
    figure: 16,
    text: "A TFTP server in a container may share the device's address 192.168.1.64.",
    quote: 'TFTP server 可以和设备共用 IP 地址 192.168.1.64',
  },
  {
    id: 'CLM-74',
    section: '4.1',
    level: 'packet',
    figure: 16,
    text: 'Devices A, B and C all reach the TFTP server at 192.168.1.64 and upload their configuration to device A.',
    quote: '将各自的配置文件上传到 Device A',
  },
  {
    id: 'CLM-75',
    section: '4.2',
    level: 'packet',
    figure: 17,
    text: 'cAdvisor serves at the fixed public address 135.1.1.6, in a namespace of its own and without NAT.',
    quote: '定制成不共享网络命名空间且不进行 NAT 地址转换',
  },
  {
    id: 'CLM-76',
    section: '4.2',
    level: 'packet',
    figure: 17,
    text: "The device's address 10.10.10.10 is not exposed to its users.",
    quote: '为了不暴露设备的 IP 地址（10.10.10.10）',
  },
  {
    id: 'CLM-77',
    section: '4.3',
    level: 'packet',
    figure: 18,
    text: 'The image is pulled from a registry at 2.2.2.2.',
    quote: '从镜像仓库（IP 地址为 2.2.2.2）拉取镜像文件',
  },
  {
    id: 'CLM-78',
    section: '4.3',
    level: 'packet',
    figure: 18,
    text: 'Host reaches cAdvisor at 192.168.10.2 through the fixed address 135.1.1.6.',
    quote: '可实现在 Host 上可以通过固定 IP 地址 135.1.1.6 访问 cAdvisor',
  },
  {
    id: 'CLM-79',
    section: '4.3',
    level: 'packet',
    figure: 18,
    text: "Host sees the device's resources on cAdvisor's web page.",
    quote: '并能从 cAdvisor 提供的 Web 页面中监控设备资源的使用情况',
  },
];
