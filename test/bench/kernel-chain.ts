import { spawnSync } from 'node:child_process';

/* The row of the chain in network namespaces of this machine's kernel, joined by veth pairs. Needs root. */

const PREFIX = 'cutaway-bench-';

/** The namespaces while they are there. Whoever makes them takes them away, whatever happens. */
export class KernelChain {
  readonly #names: readonly string[];
  readonly #links: number;

  constructor(routers: number) {
    this.#names = Array.from({ length: routers + 2 }, (_, index) => `${PREFIX}${process.pid}-${index}`);
    this.#links = routers + 1;
  }

  get source(): string {
    return this.#names[0] ?? '';
  }

  get sink(): string {
    return this.#names.at(-1) ?? '';
  }

  get sinkAddress(): string {
    return `10.1.${this.#links - 1}.2`;
  }

  get links(): number {
    return this.#links;
  }

  make(): void {
    removeOrphans();
    const lines = this.#names.map((name) => `netns add ${name}`);
    for (let link = 0; link < this.#links; link++) {
      const [near, far] = [this.#names[link], this.#names[link + 1]];
      lines.push(`link add eth1 netns ${near} type veth peer name eth0 netns ${far}`);
    }
    ip(['-batch', '-'], lines);
    for (const [index, name] of this.#names.entries()) {
      ip(['-n', name, '-batch', '-'], this.#inside(index));
      const isRouter = index > 0 && index < this.#links;
      if (isRouter) ip(['netns', 'exec', name, 'sysctl', '-qw', 'net.ipv4.ip_forward=1']);
    }
  }

  remove(): void {
    for (const name of netnsNames()) if (this.#names.includes(name)) spawnSync('ip', ['netns', 'del', name]);
  }

  /** As in chain.ts: link i is 10.1.i.0/24, its near end .1 and its far end .2. */
  #inside(index: number): string[] {
    const links = Array.from({ length: this.#links }, (_, link) => link);
    const interfaces = ['link set lo up'];
    if (index > 0) interfaces.push(`addr add 10.1.${index - 1}.2/24 dev eth0`, 'link set eth0 up');
    if (index < this.#links) interfaces.push(`addr add 10.1.${index}.1/24 dev eth1`, 'link set eth1 up');
    if (index === 0) return [...interfaces, 'route add default via 10.1.0.2'];
    if (index === this.#links) return [...interfaces, `route add default via 10.1.${index - 1}.1`];
    const back = links.filter((link) => link + 1 < index);
    const on = links.filter((link) => link > index);
    return [
      ...interfaces,
      ...back.map((link) => `route add 10.1.${link}.0/24 via 10.1.${index - 1}.1`),
      ...on.map((link) => `route add 10.1.${link}.0/24 via 10.1.${index}.2`),
    ];
  }
}

/** Why namespaces cannot be had here; undefined where they can. */
export function whyNoNamespaces(): string | undefined {
  if (process.platform !== 'linux') return 'this is no Linux';
  if (process.getuid?.() !== 0) return 'only root may make network namespaces';
  if (spawnSync('ip', ['-V']).status !== 0) return 'there is no ip: apt-get install iproute2';
  const probe = `${PREFIX}${process.pid}-probe`;
  const { status, stderr } = spawnSync('ip', ['netns', 'add', probe], { encoding: 'utf8' });
  spawnSync('ip', ['netns', 'del', probe]);
  return status === 0 ? undefined : `network namespaces cannot be made here: ${stderr.trim()}`;
}

/** Takes away what a run has left that was killed before it could. */
function removeOrphans(): void {
  for (const name of netnsNames()) {
    const [, pid] = new RegExp(`^${PREFIX}(\\d+)-`).exec(name) ?? [];
    if (pid !== undefined && !isAlive(Number(pid))) spawnSync('ip', ['netns', 'del', name]);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function netnsNames(): string[] {
  const { stdout } = spawnSync('ip', ['netns', 'list'], { encoding: 'utf8' });
  return (stdout ?? '').split('\n').flatMap((line) => line.split(' ')[0] || []);
}

function ip(words: readonly string[], lines: readonly string[] = []): void {
  const { status, stderr } = spawnSync('ip', words, { input: `${lines.join('\n')}\n`, encoding: 'utf8' });
  if (status !== 0) throw new Error(`ip ${words.join(' ')}: ${stderr.trim()}`);
}
