#!/usr/bin/env node
import { loadScenario } from '../../sim/app/sources.ts';

const loaded = loadScenario(process.argv[2] ?? '');
process.stdout.write(
  'problems' in loaded ? `${loaded.problems.length} problems\n` : `${loaded.source.scenario.name}\n`,
);
