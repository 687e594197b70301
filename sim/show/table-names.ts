/** Tables that can be asked for by name. */
export const TABLE_NAMES = [
  'route',
  'route -n',
  'route all',
  'rule',
  'neigh',
  'fdb',
  'addr',
  'socket',
  'iptables',
  'iptables -L',
  'conntrack',
  'counters',
  'nat',
  'nat-session',
  'acl',
  'docker',
  'docker-network',
  'docker-image',
  'boot',
  'link',
  'bridge-link',
  'sysctl',
  'fib',
  'configuration',
] as const;

export type TableName = (typeof TABLE_NAMES)[number];
