import type { Figure } from '../figure.ts';

export const FIGURE_16: Figure = {
  number: 16,
  section: '4.1',
  caption: '共享网络命名空间场景下容器化部署第三方应用组网图',
  title: 'a TFTP server in a container that shares the namespace',
  interfaces: [],
  routes: [],
  statements: [
    {
      id: 'tftp-address',
      kind: 'address',
      quote: 'TFTP server 可以和设备共用 IP 地址 192.168.1.64',
      text: 'the TFTP server and device A share 192.168.1.64',
    },
    {
      id: 'tftp-command',
      kind: 'command',
      quote:
        '执行“docker run --name tftpd --network container:comware tftpd”命令，可运行一个 TFTP server 容器，使得该容器和 Comware 共享命名空间',
      text: 'this command runs a TFTP server that shares the namespace of Comware',
    },
    {
      id: 'tftp-upload-b',
      kind: 'flow',
      quote:
        'Device A、Device B 和 Device C 均能通过地址 192.168.1.64 访问 TFTP server，将各自的配置文件上传到 Device A',
      text: 'device B uploads its configuration to 192.168.1.64',
    },
    {
      id: 'tftp-upload-c',
      kind: 'flow',
      quote:
        'Device A、Device B 和 Device C 均能通过地址 192.168.1.64 访问 TFTP server，将各自的配置文件上传到 Device A',
      text: 'device C uploads its configuration to 192.168.1.64',
    },
    {
      id: 'tftp-upload-a',
      kind: 'flow',
      quote:
        'Device A、Device B 和 Device C 均能通过地址 192.168.1.64 访问 TFTP server，将各自的配置文件上传到 Device A',
      text: 'device A uploads its configuration to its own address 192.168.1.64',
    },
  ],
  flows: [],
};
