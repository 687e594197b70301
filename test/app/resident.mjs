import { parentPort, workerData } from 'node:worker_threads';

/* The command line, loaded once: a thread that does what one line after the other asks for. See resident.ts. */

const { commandLine } = await import(workerData.program);

parentPort.on('message', async ({ words, environment, done, answer }) => {
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr']) {
    process[name].write = (text) => {
      said[name] += text;
      return true;
    };
  }
  for (const name of Object.keys(process.env)) delete process.env[name];
  Object.assign(process.env, environment);
  process.exitCode = undefined;
  try {
    await commandLine(words);
  } catch (error) {
    process.exitCode = 70;
    said.stderr += `the program let this escape: ${error?.stack ?? error}\n`;
  }
  answer.postMessage({ status: process.exitCode ?? 0, ...said });
  process.exitCode = undefined;
  Atomics.store(done, 0, 1);
  Atomics.notify(done, 0);
});
