import type { FigureStation } from '../figure.ts';

/* The boxes and interfaces of the figures. */

type Role = 'container' | 'comware' | 'host';

const box = (what: string, role: Role): FigureStation => ({ what, role, label: what });
const device = (what: string | RegExp, role: Role, label: string): FigureStation => ({ what, role, label });

/** Of a container with a namespace of its own; its application is so called in a shared one too. */
export const APP = box('Application', 'container');
export const INET = box('Inet stack', 'container');
export const KERNEL = box('Kernel forwarding', 'container');
export const ETH0 = device('eth0', 'container', 'eth0');

export const TPA_BRIDGE: FigureStation = { what: /^TPA bridge/, role: undefined, label: 'TPA bridge' };
export const DOCKER0_BRIDGE: FigureStation = { what: /^Docker0 bridge/, role: undefined, label: 'Docker0 bridge' };

/** Of Comware's namespace. */
export const ETHX = device(/^eth[1-9]\d*$/, 'comware', 'ethX');
export const ETH1 = device(/^eth[1-9]\d*$/, 'comware', 'eth1');
export const DOCKER0_LEG = device('eth0', 'comware', 'eth0');
export const VRFIF0 = device('vrfif0', 'comware', 'vrfif0');
export const COMWARE_KERNEL = box('Kernel forwarding', 'comware');
export const COMWARE_INET = box('Inet stack', 'comware');
export const STACK = box('Comware stack', 'comware');
export const FORWARDING = box('Comware forwarding', 'comware');
export const COMWARE_APP = box('Comware application', 'comware');
export const PORT = device(/^[A-Z]+\d+\/\d+\/\d+$/, 'comware', 'physical interface');

/** Of the host. */
export const HOST_APP = box('Application', 'host');
export const HOST_INET = box('Inet stack', 'host');
export const HOST_KERNEL = box('Kernel forwarding', 'host');
export const DOCKER0 = device('docker0', 'host', 'docker0');
