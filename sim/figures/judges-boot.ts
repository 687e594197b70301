import type { ContainerRow, DeviceSnapshot } from '../container/snapshot.ts';
import type { EvidenceRun } from './evidence-run.ts';
import { type Finding, type Judge, outside, over, tableFinding, tripFinding } from './finding.ts';

/** Sections 3.3 and 3.4: how the device boots, its two Docker instances, what is saved. */
export const BOOT_JUDGES: Readonly<Record<string, Judge>> = {
  // The boot log would say so, but in an order that the simulator writes and nothing could change.
  'CLM-01': outside(
    'service management, the Docker service and the CLI are lines of the boot log: no process of them runs',
  ),
  'CLM-02': outside('the Docker service is there when the device is: nothing waits for it, and no image is built'),

  // Ahead of the first command of the user it runs.
  'CLM-03': over('docker', (run) => {
    const device = run.before(0, nodeOf(run))?.device;
    const [comware] = device?.instances.comware.containers ?? [];
    const event = device?.boot.find((one) => one.kind === 'comware-started');
    const row = `${comware?.name} is ${comware?.state} ahead of any command (${event?.text ?? 'nobody started it'})`;
    return [tableFinding(run, comware?.state === 'running' && event !== undefined, 'Comware instance', row)];
  }),

  'CLM-04': outside('there is no console: configuration is taken as text, and the prompt is a line of the boot log'),

  'CLM-05': over('docker', (run) => {
    const rows = userContainers(run.after('run the Guest Shell so that it shares', nodeOf(run))?.device);
    return ['start the Guest Shell', 'run one of its own'].map((step) => {
      const made = run.outcome(step);
      const name = step === 'start the Guest Shell' ? 'guestshell' : 'own';
      const row = rows.find((one) => one.name === name);
      const holds = made?.refusal === undefined && row?.state === 'running';
      return tableFinding(run, holds, `docker ps after "${step}"`, `${name} ${row?.state ?? 'is not there'}`);
    });
  }),

  'CLM-06': over('docker', (run) => {
    const instances = run.end(nodeOf(run))?.device?.instances;
    const theirs = instances?.comware.containers.map((one) => one.name) ?? [];
    const users = instances?.user.containers.map((one) => one.name) ?? [];
    const apart = theirs.every((name) => !users.includes(name));
    return [
      tableFinding(run, theirs.join() === 'comware', 'Comware instance', theirs.join(', ')),
      tableFinding(run, apart && users.length > 0, "user's instance", users.join(', ')),
    ];
  }),

  // The user's list lacks the Comware container; and yet its name can be joined (INC-14).
  'CLM-07': over('docker', (run) => {
    const output = run.outcome('list')?.command?.output ?? '';
    const names = output
      .split('\n')
      .slice(1)
      .flatMap((line) => line.trim().split(/\s+/).at(-1) ?? []);
    return [
      tableFinding(run, names.includes('shared') && !names.includes('comware'), 'docker ps -a', names.join(', ')),
      sharingFinding(run),
    ];
  }),

  'CLM-08': over('docker', (run) => [refusalFinding(run, 'rm -f comware'), ...forwardingFindings(run)]),

  // With --ip the address stays, although another container was started in between.
  'CLM-09': over('container-address', (run) => {
    const before = addressOf(run, 'both stop', 'fixed');
    const after = addressOf(run, 'at the given address', 'fixed');
    return [tableFinding(run, before !== '' && before === after, 'docker inspect fixed', `${before}, then ${after}`)];
  }),

  'CLM-10': over('container-address', (run) => {
    const before = addressOf(run, 'both stop', 'any');
    const after = addressOf(run, 'at the address that was known', 'any');
    const holds = before !== '' && after !== '' && before !== after;
    return [tableFinding(run, holds, 'docker inspect any', `${before}, then ${after}`, holds ? 'INC-30' : undefined)];
  }),

  'CLM-11': over('container-address', (run) => {
    const [known, now] = [run.trip('at the address that was known'), run.trip('at the address it has now')];
    if (known === undefined || now === undefined) return [];
    return [
      tripFinding(run, known, known.report.reply === 0, 'no answer at the address that was known'),
      tripFinding(run, now, now.report.reply !== 0, 'answered at the new address'),
    ];
  }),

  // The image has only what it was delivered with; the file is in the layer.
  'CLM-12': over('reboot', (run) => {
    const row = containerOf(run.after('a file is written', nodeOf(run))?.device, 'keeper');
    const image =
      run.device?.docker.images.get(row?.image ?? '') ?? run.device?.docker.images.get(`${row?.image}:latest`);
    const inImage = image?.files.has('/var/state') ?? true;
    const inLayer = row?.layer.includes('/var/state') ?? false;
    const text = `layer: ${row?.layer.join(', ')}; image ${row?.image}: ${[...(image?.files.keys() ?? [])].join(', ')}`;
    return [tableFinding(run, inLayer && !inImage, 'container keeper', text)];
  }),

  // A restart of the container keeps the layer; a reboot of the device does not (INC-16).
  'CLM-13': over('reboot', (run) => {
    const restarted = layerOf(run, 'reboot without saving');
    const rebooted = layerOf(run, 'a file is written again');
    const isLost = !restarted.includes('/var/state');
    return [
      tableFinding(
        run,
        isLost,
        'layer of keeper after docker restart',
        listText(restarted),
        isLost ? undefined : 'INC-16',
      ),
      tableFinding(run, !rebooted.includes('/var/state'), 'layer of keeper after a reboot', listText(rebooted)),
    ];
  }),

  'CLM-14': over('reboot', (run) => {
    const before = run.before('save with the containers', nodeOf(run))?.device;
    const after = run.after('save with the containers', nodeOf(run))?.device;
    const running = userContainers(before)
      .filter((one) => one.state === 'running')
      .map((one) => one.name);
    const isPacked = running.every((name) => after?.saved?.containers.includes(name));
    const holds =
      before?.saved === undefined && after?.saved?.path === 'flash:/third-party/dockerfs.cpio.gz' && isPacked;
    return [
      tableFinding(
        run,
        holds,
        'flash',
        `${after?.saved?.path ?? 'nothing'} with ${listText(after?.saved?.containers ?? [])}`,
      ),
    ];
  }),

  // It is a restart of the device that unpacks (INC-16).
  'CLM-15': over('reboot', (run) => {
    const events = bootOf(run, 'list');
    const archive = events.findIndex((one) => one.kind === 'archive');
    const container = events.findIndex((one) => one.kind === 'container');
    const row = `${events[archive]?.text ?? 'nothing unpacked'}, then ${events[container]?.text ?? 'nothing'}`;
    const unsaved = bootOf(run, 'a file is written again').some((one) => one.kind === 'archive');
    const holds = archive >= 0 && container > archive && !unsaved;
    return [tableFinding(run, holds, 'boot log', row, archive >= 0 ? 'INC-16' : undefined)];
  }),

  'CLM-16': over('reboot', (run) => {
    const layer = layerOf(run, 'list');
    const holds = layer.includes('/var/state') && !layer.includes('/var/later');
    return [tableFinding(run, holds, 'layer of keeper after a reboot with an archive', listText(layer))];
  }),

  'CLM-17': over('reboot', (run) =>
    [
      { name: 'keeper', always: true },
      { name: 'plain', always: false },
    ].map(({ name, always }) => {
      const row = containerOf(run.before('list', nodeOf(run))?.device, name);
      const isAlways = row?.restartPolicy.name === 'always';
      const holds = row !== undefined && isAlways === always && (row.state === 'running') === always;
      return tableFinding(
        run,
        holds,
        'docker ps -a after a reboot',
        `${name} --restart=${row?.restartPolicy.name}: ${row?.state}`,
      );
    }),
  ),

  // Every management verb, and Comware forwards on.
  'CLM-69': over('docker', (run) => [
    ...['start', 'stop', 'restart', 'kill', 'rm -f', 'pause', 'exec'].map((verb) =>
      refusalFinding(run, `${verb} comware`),
    ),
    refusalFinding(run, 'run a second comware'),
    sharingFinding(run),
    ...forwardingFindings(run),
  ]),

  'CLM-70': over('no-flash', (run) => {
    const step = run.outcome('save with the containers');
    const saved = run.end(nodeOf(run))?.device?.saved;
    return [
      tableFinding(
        run,
        step?.command?.error !== undefined && saved === undefined,
        'save',
        step?.command?.error ?? 'done',
      ),
      tableFinding(
        run,
        layerOf(run, 'list').length === 0,
        'layer of keeper after a reboot',
        listText(layerOf(run, 'list')),
      ),
    ];
  }),

  'CLM-71': over('docker', (run) => {
    const device = run.end(nodeOf(run))?.device;
    const asked = containerOf(device, 'big')?.limits;
    const { memory, cpuShares } = device?.quota ?? {};
    const row = `memory ${asked?.memory} of ${memory}, CPU shares ${asked?.cpuShares} of ${cpuShares}`;
    const isCut = memory !== undefined && asked?.memory === memory && asked.cpuShares === cpuShares;
    // --cpuset-shared was taken for CPU shares.
    const inc = asked?.cpuShares === undefined ? undefined : 'INC-22';
    return [tableFinding(run, isCut, 'docker inspect big, which asked for 4g and 1024', row, inc)];
  }),
};

function nodeOf(run: EvidenceRun): string {
  return run.device?.name ?? '';
}

/** What the boot ahead of a step logged. */
function bootOf(run: EvidenceRun, step: string): DeviceSnapshot['boot'] {
  return run.before(step, nodeOf(run))?.device?.boot ?? [];
}

function userContainers(device: DeviceSnapshot | undefined): readonly ContainerRow[] {
  return device?.instances.user.containers ?? [];
}

function containerOf(device: DeviceSnapshot | undefined, name: string): ContainerRow | undefined {
  return userContainers(device).find((one) => one.name === name);
}

function addressOf(run: EvidenceRun, step: string, name: string): string {
  return containerOf(run.before(step, nodeOf(run))?.device, name)?.endpoint?.address ?? '';
}

function layerOf(run: EvidenceRun, step: string): readonly string[] {
  return containerOf(run.before(step, nodeOf(run))?.device, 'keeper')?.layer ?? [];
}

function listText(list: readonly string[]): string {
  return list.length === 0 ? 'nothing' : list.join(', ');
}

function refusalFinding(run: EvidenceRun, step: string): Finding {
  const error = run.outcome(step)?.command?.error;
  return tableFinding(run, error !== undefined, `docker ${step}`, error ?? 'it was done');
}

/** The name of the Comware container can be joined, although it is in the other instance (INC-14). */
function sharingFinding(run: EvidenceRun): Finding {
  const joined = run.outcome('run one that shares')?.refusal === undefined;
  const text = joined ? 'done, although docker ps -a has no comware' : 'refused';
  return tableFinding(run, joined, 'docker run --network container:comware', text, joined ? 'INC-14' : undefined);
}

/** After all that was tried, Comware still forwards. */
function forwardingFindings(run: EvidenceRun): Finding[] {
  const trip = run.trip('through Comware afterwards');
  if (trip === undefined) return [];
  const byComware = trip.request.some((one) => one.what === 'Comware forwarding');
  return [tripFinding(run, trip, byComware && trip.report.reply !== 0, 'Comware still forwards')];
}
