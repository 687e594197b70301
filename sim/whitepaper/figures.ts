/*
 * Figures 9, 10 and 11 of the H3C white paper "容器技术白皮书" (6W100), section 3.5.2, as data: what each numbered step
 * says. The pictures themselves are not in the text. Nothing in the simulator reads this but compare.ts, after a run.
 */

/** A box or an interface that a step names, in the words of the figure. */
export interface FigureStation {
  /** What the run calls it: a component, a bridge's title, or a device's name; a pattern for eth1 and physical ports. */
  readonly what: string | RegExp;
  /** Whose it is; undefined for the bridge between two. */
  readonly role: 'container' | 'comware' | undefined;
  /** How the figure calls it. */
  readonly label: string;
}

export interface FigureStep {
  /** Its number in the text, or a letter where the reverse is only said to be "similar". */
  readonly number: string;
  /** The sentence of the paper. */
  readonly quote: string;
  readonly text: string;
  /** One way through, or several of which the packet takes one ("if supported ... else ..."). */
  readonly ways: readonly (readonly FigureStation[])[];
  /** The step applies only when the step before took this way (counted from 0). */
  readonly onlyAfterWay?: number;
  /** Contradictions of the paper that touch this step. */
  readonly notes?: readonly string[];
}

export interface FigureFlow {
  readonly id: string;
  readonly figure: number;
  readonly title: string;
  readonly request: readonly FigureStep[];
  readonly reply: readonly FigureStep[];
}

const box = (what: string, role: 'container' | 'comware'): FigureStation => ({ what, role, label: what });
const device = (what: string | RegExp, role: 'container' | 'comware', label: string): FigureStation => ({
  what,
  role,
  label,
});

const APP = box('Application', 'container');
const INET = box('Inet stack', 'container');
const KERNEL = box('Kernel forwarding', 'container');
const ETH0 = device('eth0', 'container', 'eth0');
const BRIDGE: FigureStation = { what: /^TPA bridge/, role: undefined, label: 'TPA bridge' };
const ETH1 = device(/^eth[1-9]\d*$/, 'comware', 'eth1');
const COMWARE_KERNEL = box('Kernel forwarding', 'comware');
const COMWARE_INET = box('Inet stack', 'comware');
const VRFIF0 = device('vrfif0', 'comware', 'vrfif0');
const STACK = box('Comware stack', 'comware');
const FORWARDING = box('Comware forwarding', 'comware');
const COMWARE_APP = box('Comware application', 'comware');
const PORT = device(/^[A-Z]+\d+\/\d+\/\d+$/, 'comware', 'physical interface');

const INC18 = 'INC-18: figure 10 shows vrfif0 and figure 11 does not; a kernel takes vrfif0 for both';
const INC19 = "INC-19: the application is Comware's own in both branches; each is marked stack: comware or kernel";

const FIRST_TWO: readonly FigureStep[] = [
  {
    number: '1',
    quote: '第三方容器内的应用将报文发送给 Linux 内核协议栈',
    text: 'the application in the container sends to the Inet stack',
    ways: [[APP, INET]],
  },
  {
    number: '2',
    quote: '内核协议栈将报文发送给内核转发模块处理',
    text: 'the Inet stack hands over to Kernel forwarding',
    ways: [[KERNEL]],
  },
];

const FIGURE_10: FigureFlow = {
  id: '10',
  figure: 10,
  title: 'third-party application to Comware application (east-west)',
  request: [
    ...FIRST_TWO,
    {
      number: '3',
      quote: 'Comware 容器匹配内核路由，将报文通过 vrfif0 接口发送给 Comware 协议栈',
      text: "by eth0, the TPA bridge and eth1 to Comware's namespace, whose kernel routes to vrfif0 and the Comware stack",
      ways: [[ETH0, BRIDGE, ETH1, COMWARE_KERNEL, VRFIF0, STACK]],
    },
    {
      number: '4',
      quote: '协议栈如果支持处理该应用的报文，则报文发送给 Comware 应用',
      text: 'the Comware stack gives it to the application if it supports it, else to the Inet stack',
      ways: [[COMWARE_APP], [COMWARE_INET]],
      notes: [INC19],
    },
    {
      number: '5',
      quote: '内核协议栈将报文发送给 Comware 应用',
      text: 'the Inet stack gives it to the Comware application',
      ways: [[COMWARE_APP]],
      onlyAfterWay: 1,
    },
  ],
  reply: [
    {
      number: 'a',
      quote: '对于 Comware 应用发送给第三方容器中应用的报文处理流程与此类似',
      text: 'the Comware application answers by the Comware stack and vrfif0, or by the Inet stack',
      ways: [
        [COMWARE_APP, STACK, VRFIF0],
        [COMWARE_APP, COMWARE_INET],
      ],
    },
    {
      number: 'b',
      quote: '对于 Comware 应用发送给第三方容器中应用的报文处理流程与此类似',
      text: "Comware's kernel routes to eth1, the TPA bridge and the container's eth0",
      ways: [[COMWARE_KERNEL, ETH1, BRIDGE, ETH0]],
    },
    {
      number: 'c',
      quote: '对于 Comware 应用发送给第三方容器中应用的报文处理流程与此类似',
      text: 'the Inet stack of the container gives it to the application',
      ways: [[INET, APP]],
    },
  ],
};

const BETWEEN_CONTAINERS: readonly FigureStep[] = [
  {
    number: '-',
    quote: '可以通过 TPA bridge 和 eth0 直接互通',
    text: 'directly by eth0, the TPA bridge and the other eth0',
    ways: [[ETH0, BRIDGE, ETH0]],
  },
];

const CONTAINERS: FigureFlow = {
  id: '10-containers',
  figure: 10,
  title: 'container to container on one device',
  request: BETWEEN_CONTAINERS,
  reply: BETWEEN_CONTAINERS,
};

const OUTWARD: readonly FigureStep[] = [
  { ...(FIRST_TWO[0] as FigureStep), quote: '第三方应用将报文发送给 Linux 内核协议栈处理' },
  { ...(FIRST_TWO[1] as FigureStep), quote: 'Linux 内核协议栈将报文转发给内核转发模块处理' },
  {
    number: '3',
    quote: '将报文从第三方容器的网络命名空间发送给 Comware 协议栈',
    text: 'by eth0, the TPA bridge and eth1 to the Comware stack',
    ways: [[ETH0, BRIDGE, ETH1, STACK]],
    notes: [INC18],
  },
  {
    number: '4',
    quote: 'Comware 协议栈将报文发送给 Comware 转发模块',
    text: 'the Comware stack hands over to Comware forwarding',
    ways: [[FORWARDING]],
  },
  {
    number: '5',
    quote: 'Comware 转发模块进行查表转发，将报文从物理接口发送出去',
    text: 'Comware forwarding looks up its table and sends by a physical interface',
    ways: [[PORT]],
  },
];

const SIMILAR = '外界目的节点发送给第三方容器中应用的报文处理流程与此类似';

const INWARD: readonly FigureStep[] = [
  {
    number: 'a',
    quote: SIMILAR,
    text: 'in by a physical interface, Comware forwarding and the Comware stack',
    ways: [[PORT, FORWARDING, STACK]],
  },
  {
    number: 'b',
    quote: SIMILAR,
    text: 'by eth1, the TPA bridge and eth0 into the container',
    ways: [[ETH1, BRIDGE, ETH0]],
    notes: [INC18],
  },
  { number: 'c', quote: SIMILAR, text: 'the Inet stack of the container takes it', ways: [[INET]] },
];

const FIGURE_11: FigureFlow = {
  id: '11',
  figure: 11,
  title: 'third-party application to a destination outside (north-south)',
  request: OUTWARD,
  reply: [...INWARD, { number: 'd', quote: SIMILAR, text: 'and gives it to the application', ways: [[APP]] }],
};

const FIGURE_11_INBOUND: FigureFlow = {
  id: '11-inbound',
  figure: 11,
  title: 'destination outside to third-party application',
  request: INWARD,
  reply: OUTWARD.map((step) => (step.number === '1' ? { ...step, ways: [[INET]] } : step)),
};

export const FIGURE_FLOWS: readonly FigureFlow[] = [FIGURE_10, CONTAINERS, FIGURE_11, FIGURE_11_INBOUND];

/** A statement of figure 9 about a table of the run. */
export interface FigureFact {
  readonly number: string;
  readonly quote: string;
  readonly text: string;
  /** Stack whose table it speaks of: a container, or the Comware device. */
  readonly of: 'container3' | 'comware';
  readonly show: 'route' | 'addr';
  /** Words that one line of the table must begin with. */
  readonly line: string;
}

/** Figure 9: what the separate namespace of Third-party container3 looks like. */
export const FIGURE_9: readonly FigureFact[] = [
  {
    number: '1',
    quote: '下一跳为 1.1.1.200，需要将报文通过 eth0 交给 Comware 处理',
    text: 'container3 has a default route with next hop 1.1.1.200 out of eth0',
    of: 'container3',
    show: 'route',
    line: 'default via 1.1.1.200 dev eth0',
  },
  {
    number: '2',
    quote: '规则为发往 1.1.1.0/24 网段的报文，出接口为 eth0',
    text: 'container3 has a direct route to 1.1.1.0/24 out of eth0',
    of: 'container3',
    show: 'route',
    line: '1.1.1.0/24 dev eth0',
  },
  {
    number: '3',
    quote: '例如图中的 1.1.1.1/24、1.1.1.2/24 和 1.1.1.3/24',
    text: 'container3 has address 1.1.1.3/24',
    of: 'container3',
    show: 'addr',
    line: 'inet 1.1.1.3/24',
  },
  {
    number: '4',
    quote: '并为该接口配置 IP 地址 1.1.1.200/24',
    text: "Virtual-Eth-Group0's address 1.1.1.200/24 is on eth1 of Comware's namespace",
    of: 'comware',
    show: 'addr',
    line: 'inet 1.1.1.200/24',
  },
];
