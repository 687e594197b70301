import type { DeviceSnapshot, DockerView } from '../container/snapshot.ts';
import type { SimTime } from '../core/time.ts';
import { showDockerInspect, showNetworkInspect } from './docker-inspect.ts';
import { showDockerIds, showDockerImages, showDockerNetworks, showDockerPs } from './docker-list.ts';

/** The text that a docker command prints of the state of the user's instance. */
export function showDocker(device: DeviceSnapshot, now: SimTime, question: DockerView): string {
  switch (question.kind) {
    case 'ps':
      return question.quiet ? showDockerIds(device, question.all) : showDockerPs(device, now, question.all);
    case 'images':
      return showDockerImages(device);
    case 'networks':
      return showDockerNetworks(device);
    case 'inspect':
      return showDockerInspect(device, question.names);
    case 'network inspect':
      return showNetworkInspect(device, question.names);
  }
}
