import { type Command, hasOption } from '../command-line/command.js';
import { printable, type Style } from '../command-line/terminal.js';
import { endpointFindings } from '../doctor/endpoint.js';
import type { Finding } from '../doctor/finding.js';
import { packageFindings } from '../doctor/packages.js';
import { autoFindings, settingsFindings, spoolFindings } from '../doctor/settings.js';
import { exitCodes } from '../failure.js';

const marks: Readonly<Record<Finding['level'], readonly [style: Style, mark: string]>> = {
  ok: ['green', 'ok'],
  warning: ['yellow', 'warning'],
  fault: ['red', 'fault'],
};

/** `doctor`: finds out why traces would not arrive. */
export const doctor: Command = {
  name: 'doctor',
  summary: 'look for what would keep traces from arriving: settings, endpoint, versions, packages',
  options: {},
  examples: [
    ['pandaprobe-ts doctor', 'in the folder of the program, with its variables; exit code 1 with a fault'],
    ['pandaprobe-ts doctor --json', 'for a script'],
  ],
  async run(context) {
    const folder = process.cwd();
    const found = [
      ...settingsFindings(folder),
      ...(await endpointFindings()),
      ...packageFindings(folder),
      ...autoFindings(folder),
      ...spoolFindings(),
    ];
    const faults = found.filter(({ level }) => level === 'fault').length;
    const { out, paint } = context.terminal;
    if (hasOption(context, 'json')) out(JSON.stringify({ ok: faults === 0, findings: found }));
    else {
      for (const { topic, level, text } of found) {
        const [style, mark] = marks[level];
        out(`${paint(style, mark.padEnd(7))}  ${topic.padEnd(13)}  ${printable(text)}`);
      }
      out(faults === 0 ? 'Nothing keeps traces from arriving.' : `Faults that keep traces from arriving: ${faults}`);
    }
    return faults === 0 ? exitCodes.ok : exitCodes.failed;
  },
};
