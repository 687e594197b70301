import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDockerCommand } from '../../sim/container/docker-command.ts';
import { Lab } from '../bench.ts';
import { addresses, deviceWith, docker, dockerOf, names, stateOf } from './device.ts';

const images = {
  tftpd: { services: [{ name: 'tftpd', port: 69 }], size: '1220000' },
  '2.2.2.2/cadvisor': { local: false },
  none: {},
};

const lab = (containers: object = {}, more: object = {}): Lab =>
  new Lab(deviceWith(containers, { images, ...more }), [], 1);

function usage(line: string): string {
  const command = parseDockerCommand(line);
  return 'usage' in command ? command.usage : `understood as ${command.verb}`;
}

describe('the command line is read as the real client reads it', () => {
  it('takes flags in every spelling', () => {
    const spellings = [
      'docker run -d -it --name x --network none -m 1g --restart always -e A=1 tftpd sh -c "sleep 1"',
      'run -ditm1g --name=x --net=none --restart=always --env A=1 tftpd sh -c "sleep 1"',
      "container run --detach --interactive --tty --memory=1g --name x --net none --restart always -e=A=1 tftpd sh -c 'sleep 1'",
    ];
    const [first, ...others] = spellings.map(parseDockerCommand);
    expect(first).toMatchObject({
      verb: 'run',
      image: 'tftpd',
      command: ['sh', '-c', 'sleep 1'],
      flags: { name: 'x', network: 'none', detach: true, environment: ['A=1'], limits: { memory: 2 ** 30 } },
    });
    for (const other of others) expect(other).toEqual(first);
  });

  it('refuses what it does not know, with the words of the client (28.2)', () => {
    expect(usage('docker run --badflag x')).toBe('unknown flag: --badflag');
    expect(usage('docker run -z x')).toBe("unknown shorthand flag: 'z' in -z");
    expect(usage('docker run --name')).toBe('flag needs an argument: --name');
    expect(usage('docker run -v')).toBe("flag needs an argument: 'v' in -v");
    expect(usage('docker run -d=maybe x')).toContain('invalid argument "maybe" for "-d, --detach" flag');
    expect(usage('docker run -m 5x a')).toContain('invalid argument "5x" for "-m, --memory" flag');
    expect(usage('docker run --cpus a b')).toContain('failed to parse a as a rational number');
    expect(usage('docker run')).toBe("docker: 'docker run' requires at least 1 argument");
    expect(usage('docker stop')).toBe("docker: 'docker stop' requires at least 1 argument");
    expect(usage('docker ps x')).toBe("docker: 'docker ps' accepts no arguments");
    expect(usage('docker foo')).toContain('docker: unknown command: docker foo');
    expect(usage('docker stpo a')).toContain('did you mean "docker stop"?');
    expect(usage('docker network foo')).toBe('docker: unknown command: docker network foo');
    expect(usage('docker run --ip6 fd00::1 x')).toBe('--ip6 is not modelled');
    expect(usage('docker run --restart=sometimes x')).toContain('invalid restart policy');
    expect(usage('docker exec a')).toContain('requires at least 2 arguments');
    expect(usage('docker run "x')).toBe('unmatched quote in: docker run "x');
    expect(usage('guestshell run')).toBe('Unrecognized command: guestshell run');
  });

  it('law: any words are understood or refused, never thrown at', () => {
    const word = fc.oneof(
      fc.constantFrom('run', 'network', 'create', '--name', '-it', '--', '-', '--ip', '1.1.1.1', '"', 'a b', '-m'),
      fc.string({ maxLength: 6 }),
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 7 }), (words) => {
        const command = parseDockerCommand(words.join(' '));
        expect('usage' in command ? command.usage : command.verb).not.toBe('');
      }),
    );
  });
});

describe('docker ps', () => {
  it('lists as the real client does', () => {
    const one = lab({ a: { image: 'tftpd' } });
    one.run({ wait: '5s' });
    docker(one, 'create --name b none sh -c "sleep infinity"');
    const [a, b] = dockerOf(one).containers.map(({ id }) => id.slice(0, 12));
    expect(docker(one, 'ps -a')).toBe(
      [
        'CONTAINER ID   IMAGE     COMMAND                CREATED                  STATUS         PORTS     NAMES',
        `${b}   none      "sh -c sleep infinity"   Less than a second ago   Created                  b`,
        `${a}   tftpd     ""                     5 seconds ago            Up 5 seconds             a`,
        '',
      ]
        .join('\n')
        .replaceAll('COMMAND                C', 'COMMAND                  C')
        .replaceAll('""                     5', '""                       5'),
    );
    expect(docker(one, 'ps -q')).toBe(`${a}\n`);
    expect(docker(one, 'images')).toContain('tftpd        latest');
    expect(docker(one, 'images')).toContain('1.22MB');
    expect(docker(one, 'images')).not.toContain('cadvisor');
  });

  it('tells how a container ended', () => {
    const one = lab({ a: {}, b: {} });
    docker(one, 'stop a');
    docker(one, 'kill b');
    one.run({ wait: '90s' });
    expect(docker(one, 'ps -a')).toContain('Exited (0) About a minute ago');
    expect(docker(one, 'ps -a')).toContain('Exited (137) About a minute ago');
    expect(names(one)).toEqual([]);
  });
});

describe('refusals of the daemon', () => {
  it('are those of Docker', () => {
    const one = lab({ a: {} });
    const { id } = dockerOf(one).container('a') ?? {};
    const daemon = 'error: Error response from daemon: ';
    expect(docker(one, 'stop nobody')).toBe(`${daemon}No such container: nobody`);
    expect(docker(one, 'start x y')).toContain('Error: failed to start containers: x, y');
    expect(docker(one, 'run -d --name a tftpd')).toContain(
      `docker: Error response from daemon: Conflict. The container name "/a" is already in use by container "${id}".`,
    );
    expect(docker(one, 'create --name a tftpd')).toContain(`${daemon}Conflict.`);
    expect(docker(one, 'run -d nope')).toMatch(/^error: Unable to find image 'nope:latest' locally\ndocker: Error/);
    expect(docker(one, 'rm a')).toContain(`cannot remove container "a": container is running`);
    expect(docker(one, 'run --name "a/b" tftpd')).toContain('Invalid container name (a/b)');
    expect(docker(one, 'run --network zz tftpd')).toContain('network zz not found');
    expect(docker(one, 'run --network host --ip 1.2.3.4 tftpd')).toContain('supported on user defined networks only');
    expect(docker(one, 'run --rm --restart always tftpd')).toContain('cannot specify both --restart and --rm');
    expect(docker(one, 'run -p 80:80 --network container:a tftpd')).toContain('conflicting options: port publishing');
    expect(docker(one, 'run -p 80:80 tftpd')).toContain('nat server');
    expect(docker(one, 'pause a')).toBe('error: docker pause is not modelled');
    expect(docker(one, 'pause x')).toBe(`${daemon}No such container: x`);
    docker(one, 'stop a');
    expect(docker(one, 'kill a')).toContain(`container ${id} is not running`);
    expect(docker(one, 'exec a ip route')).toContain(`container ${id} is not running`);
  });

  it('do what can be done, and refuse the rest', () => {
    const one = lab({ a: {}, b: {} });
    expect(dockerOf(one).containers).toHaveLength(2);
    const { command } = one.run({ docker: { on: 'dev', run: 'stop a nobody b' } }).outcomes[0] ?? {};
    expect(command).toMatchObject({ output: 'a\nb\n', error: 'Error response from daemon: No such container: nobody' });
  });
});

describe('a container made by docker run', () => {
  it('runs the services of its image, has a name without being given one, and is found by its identity', () => {
    const one = lab();
    const id = docker(one, 'run -d tftpd').trim();
    const container = dockerOf(one).container(id.slice(0, 8));
    expect(container?.options.name).toMatch(/^[a-z]+_[a-z]+$/);
    expect(one.udp('dev/comware', '10.66.0.1:69').path.at(-1)).toBe(`Application@dev/${container?.options.name}`);
    expect(docker(one, `stop ${id.slice(0, 12)}`)).toBe(`${id.slice(0, 12)}\n`);
  });

  it('keeps the address of --ip, and is gone with --rm when it stops', () => {
    const one = lab({ a: {} });
    docker(one, 'run -d --rm --name fixed --ip 10.66.0.6 tftpd');
    docker(one, 'restart fixed');
    expect(addresses(one)).toEqual(['a 10.66.0.1', 'fixed 10.66.0.6']);
    docker(one, 'stop fixed');
    expect(addresses(one)).toEqual(['a 10.66.0.1']);
    expect(docker(one, 'run -d --name fixed tftpd')).not.toContain('error');
  });

  it('takes its settings, and commands by docker exec', () => {
    const one = lab();
    docker(one, 'run -d --name r --sysctl net.ipv4.ip_forward=1 --sysctl net.ipv6.conf.all.disable_ipv6=0 tftpd');
    expect(one.stack('r').net.sysctls.list()).toContainEqual({ key: 'net.ipv4.ip_forward', value: 1 });
    expect(docker(one, 'exec r ip route del default')).toBe('');
    expect(one.show('r', 'route')).toBe('10.66.0.0/29 dev eth0 proto kernel scope link src 10.66.0.1\n');
    expect(docker(one, 'exec r ip route del default')).toContain('No such process');
    expect(docker(one, 'run -d --name bad --sysctl net.ipv4.nonsense=1 tftpd')).toContain('sysctl net.ipv4.nonsense');
    expect(stateOf(one, 'bad')).toBe('created 0');
    expect(one.world.find('bad')).toBeUndefined();
  });

  it('is a line of exec too, on the device and in its topology', () => {
    const one = lab({}, { exec: ['docker run -d --name first tftpd'] });
    one.run({ exec: { on: 'dev', commands: ['docker run -d --name second none', 'guestshell start'] } });
    expect(names(one)).toEqual(['guestshell', 'second', 'first']);
    expect(one.run({ exec: { on: 'dev', commands: ['docker stop x'] } }).outcomes[0]?.refusal).toContain('No such');
    expect(one.run({ exec: { on: 'first', commands: ['docker ps'] } }).outcomes[0]?.refusal).toContain('no docker');
    one.run({ reboot: { on: 'dev' } });
    expect(names(one, true)).toEqual(['guestshell', 'second', 'first']);
  });
});

describe('limits', () => {
  const quota = { memory: '512m', cpus: 1.5, cpu_shares: 512, cpuset: '0-1' };
  const limitsOf = (flags: string, more: object = { quota }): object => {
    const one = lab({}, more);
    docker(one, `run -d --name x ${flags} tftpd`);
    const [{ HostConfig }] = JSON.parse(docker(one, 'inspect x'));
    const { Memory, NanoCpus, CpuShares, CpusetCpus } = HostConfig;
    return { Memory, NanoCpus, CpuShares, CpusetCpus };
  };
  const MiB = 2 ** 20;

  it('above the factory quota are clamped to it, and inspect shows what is in force (CLM-71)', () => {
    const most = { Memory: 512 * MiB, NanoCpus: 1.5e9, CpuShares: 512, CpusetCpus: '0-1' };
    expect(limitsOf('-m 1G --cpus 4 --cpu-shares 1024 --cpuset-cpus 0-3')).toEqual({ ...most, CpusetCpus: '0,1' });
    expect(limitsOf('')).toEqual(most);
    expect(limitsOf('--memory 64m --cpus=.5')).toEqual({ ...most, Memory: 64 * MiB, NanoCpus: 5e8 });
  });

  it('below it stay as they are, in every spelling (INC-22)', () => {
    const small = { Memory: 64 * MiB, NanoCpus: 2e8, CpuShares: 100, CpusetCpus: '1' };
    for (const cpu of ['--cpus 0.2', '--cpu-period=100000 --cpu-quota=20000']) {
      for (const shares of ['--cpu-shares 100', '--cpuset-shared 100', '-c 100']) {
        expect(limitsOf(`--memory=64m ${cpu} ${shares} --cpuset-cpus 1`)).toEqual(small);
      }
    }
    expect(limitsOf('-m 1g', {})).toEqual({ Memory: 1024 * MiB, NanoCpus: 0, CpuShares: 0, CpusetCpus: '' });
  });
});

describe('docker inspect', () => {
  it('tells network and policy with the keys of the real one', () => {
    const one = lab();
    docker(one, 'run -d --name x --ip 10.66.0.2 --restart on-failure:3 -e A=1 -v /a:/b tftpd -v');
    expect(JSON.parse(docker(one, 'inspect x'))).toMatchObject([
      {
        Name: '/x',
        State: { Status: 'running', Running: true, ExitCode: 0 },
        HostConfig: {
          NetworkMode: 'default',
          RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 3 },
          Binds: ['/a:/b'],
        },
        Config: { Env: ['A=1'], Cmd: ['-v'], Image: 'tftpd' },
        NetworkSettings: {
          Networks: {
            'Virtual-Eth-Group0': {
              IPAMConfig: { IPv4Address: '10.66.0.2' },
              Gateway: '10.66.0.3',
              IPAddress: '10.66.0.2',
              IPPrefixLen: 29,
              MacAddress: '02:42:0a:42:00:02',
            },
          },
        },
      },
    ]);
    docker(one, 'run -d --name y --network container:comware tftpd');
    expect(JSON.parse(docker(one, 'inspect y'))[0].NetworkSettings.Networks).toEqual({});
    docker(one, 'stop x');
    expect(JSON.parse(docker(one, 'inspect x'))[0].NetworkSettings.IPAddress).toBe('');
  });
});
