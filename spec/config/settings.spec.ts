import path from 'node:path';
import { expect } from 'chai';
import sinon from 'sinon';
import { SettingsError } from '../../lib/common/errors.js';
import type { Options, Settings } from '../../lib/config/options.js';
import { readSettings } from '../../lib/config/settings.js';
import type { Sink } from '../../lib/model/sink.js';
import { rows } from './option-rows.js';

/** What both need, so that nothing else is amiss. */
const given: Options = { apiKey: 'sk_pp_key', projectName: 'specs' };

const without = (option: keyof Options): Options => ({ ...given, [option]: undefined });

const settle = (options: Options = {}, environment: Record<string, string> = {}) =>
  readSettings({ ...given, ...options }, environment);

/** What `readSettings` throws for these options. */
function refusal(options: object): SettingsError {
  try {
    readSettings({ ...given, ...options }, {});
  } catch (error) {
    if (error instanceof SettingsError) return error;
    throw error;
  }
  throw new Error('expected a SettingsError, got none');
}

const show = (value: unknown): string =>
  typeof value === 'string' && value.length > 20
    ? `a text of ${value.length} characters`
    : typeof value === 'function'
      ? 'a function'
      : value instanceof RegExp || typeof value === 'number'
        ? String(value)
        : JSON.stringify(value);

describe('Settings', () => {
  for (const row of rows) {
    const { option, setting = option as keyof Settings, variable, byDefault } = row;

    describe(`${option}${variable === undefined ? '' : ` and ${variable}`}`, () => {
      it(`${byDefault === undefined ? 'is absent' : `is ${show(byDefault)}`} unless it is given`, () => {
        const { settings, warnings } = readSettings({}, {});
        expect(settings[setting]).to.equal(byDefault);
        expect(warnings).to.deep.equal([]);
      });

      for (const [value, settled] of row.takes) {
        it(`takes the option ${show(value)}${value === settled ? '' : ` as ${show(settled)}`}`, () => {
          expect(settle({ [option]: value }).settings[setting]).to.equal(settled);
        });
      }

      for (const value of row.refuses) {
        it(`refuses the option ${show(value)}`, () => {
          const error = refusal({ [option]: value });
          expect(error).to.include({ code: 'ERR_SETTINGS', option, name: 'SettingsError' });
          expect(error.message).to.match(new RegExp(`^${option}: expected .+, got .+`));
        });
      }

      it('treats undefined and null as not given', () => {
        const clean = readSettings({}, {}).settings[setting];
        expect(readSettings({ [option]: undefined }, {}).settings[setting]).to.equal(clean);
        expect(readSettings({ [option]: null }, {}).settings[setting]).to.equal(clean);
      });

      if (variable === undefined) return;

      for (const [read, settled] of row.reads ?? []) {
        it(`reads the variable ${show(read)} as ${show(settled)}`, () => {
          const { settings, warnings } = readSettings({}, { [variable]: read });
          expect(settings[setting]).to.equal(settled);
          expect(warnings).to.deep.equal([]);
        });
      }

      for (const read of row.passesOver ?? []) {
        it(`ignores the variable ${show(read)} with one warning`, () => {
          const { settings, warnings } = readSettings({}, { [variable]: read });
          expect(settings[setting]).to.equal(byDefault);
          expect(warnings).to.have.length(1);
          expect(warnings[0]).to.match(new RegExp(`^${variable}: expected .+, got .+; it is ignored$`));
        });
      }

      for (const read of row.stopsFor ?? []) {
        it(`P34 records nothing with the variable ${show(read)}, and says why`, () => {
          const { settings, warnings } = readSettings(without(option), { [variable]: read });
          expect(settings.wrong).to.match(new RegExp(`^${variable}: expected [^;]+, got [^;]+$`));
          expect(settings.missing).to.equal(undefined);
          expect(warnings).to.deep.equal([]);
        });
      }

      it('treats an empty variable as not set', () => {
        const { settings, warnings } = readSettings({}, { [variable]: ' ' });
        expect(settings[setting]).to.equal(byDefault);
        expect(warnings).to.deep.equal([]);
      });

      it('prefers the option to the variable', () => {
        for (const [value, settled] of row.takes) {
          for (const [read] of row.reads ?? []) {
            expect(readSettings({ [option]: value }, { [variable]: read }).settings[setting]).to.equal(settled);
          }
        }
      });

      const [wrong] = [...(row.passesOver ?? []), ...(row.stopsFor ?? [])];
      if (wrong === undefined) return;

      it('does not warn of a wrong variable if the option is given', () => {
        const [[value] = []] = row.takes;
        const { settings, warnings } = settle({ [option]: value }, { [variable]: wrong });
        expect({ warnings, wrong: settings.wrong }).to.deep.equal({ warnings: [], wrong: undefined });
      });
    });
  }

  describe('flushInterval in two units', () => {
    it('prefers milliseconds to seconds', () => {
      expect(settle({ flushInterval: 9, flushIntervalMs: 100 }).settings.flushIntervalMs).to.equal(100);
    });

    it('prefers the option in seconds to the variable', () => {
      const { settings } = settle({ flushInterval: 9 }, { PANDAPROBE_FLUSH_INTERVAL: '3' });
      expect(settings.flushIntervalMs).to.equal(9000);
    });
  });

  describe('P34 spoolDir', () => {
    afterEach(() => sinon.restore());

    it('is refused if its drive does not exist', () => {
      sinon.stub(path, 'dirname').callsFake(path.win32.dirname);
      sinon.stub(path, 'resolve').callsFake((...parts) => parts.join('/'));
      expect(refusal({ spoolDir: 'Q:\\spool\\of\\app' })).to.include({ option: 'spoolDir' });
    });

    it('is refused if the current folder was deleted', () => {
      sinon.stub(process, 'cwd').throws(Object.assign(new Error('ENOENT: uv_cwd'), { code: 'ENOENT' }));
      expect(refusal({ spoolDir: 'not-there/spool' })).to.include({ option: 'spoolDir' });
      const variable = { PANDAPROBE_SPOOL_DIR: 'not-there/spool' };
      expect(readSettings(without('spoolDir'), variable).settings.wrong).to.match(/^PANDAPROBE_SPOOL_DIR: expected/);
    });
  });

  describe('projectName', () => {
    const taken = ['a', '7', 'A b-c_d.e', "l'agent", 'x'.repeat(255), 'a  b'];
    for (const name of taken) {
      it(`takes ${show(name)}`, () => {
        expect(settle({ projectName: name }).settings.projectName).to.equal(name);
      });
    }

    const refused = [
      ' a',
      'a ',
      '-a',
      'a-',
      '.a',
      "a'",
      '_',
      'a/b',
      'a\nb',
      'a\tb',
      'ä',
      'a😀',
      'a:b',
      'x'.repeat(256),
    ];
    for (const name of refused) {
      it(`refuses ${show(name)}, as the backend would on every request`, () => {
        expect(refusal({ projectName: name })).to.include({ code: 'ERR_SETTINGS', option: 'projectName' });
      });
    }
  });

  describe('sinks', () => {
    const sink: Sink = { name: 'mine', trace() {} };

    it('are absent unless they are given', () => {
      expect(readSettings({}, {}).settings.sinks).to.equal(undefined);
    });

    it('are absent if null is given', () => {
      expect(readSettings({ sinks: null } as unknown as Options, {}).settings.sinks).to.equal(undefined);
    });

    it('are copied into a list of the settings', () => {
      const sinks = [sink];
      const { settings } = readSettings({ sinks }, {});
      sinks.push(sink);
      expect(settings.sinks).to.deep.equal([sink]);
    });

    for (const [what, sinks] of Object.entries({
      'one that is not in a list': sink,
      'a list of texts': ['console'],
      'a list with null': [null],
      'one without a trace method': [{ name: 'mine' }],
    })) {
      it(`refuse ${what}`, () => {
        const error = refusal({ sinks });
        expect(error).to.include({ code: 'ERR_SETTINGS', option: 'sinks' });
        expect(error.message).to.match(/^sinks: expected an array of sinks .+/);
      });
    }
  });

  describe('a wrong option', () => {
    const long = 'x'.repeat(400);
    const told: readonly (readonly [options: object, message: string])[] = [
      [{ batchSize: 0 }, 'batchSize: expected a whole number from 1 to 1000000, got 0'],
      [{ flushInterval: -1 }, 'flushInterval: expected a number of seconds from 0 to 86400, got -1'],
      [{ sampleRate: true }, 'sampleRate: expected a number from 0 to 1, got true'],
      [{ enabled: {} }, 'enabled: expected true or false, got object'],
      [{ live: 'on' }, `live: expected true, false or 'auto', got "on"`],
      [{ worker: 'process' }, `worker: expected 'auto', 'thread', 'inline', got "process"`],
      [{ release: long }, `release: expected a text of 1 to 255 characters, got "${long.slice(0, 300)}"`],
      [
        { endpoint: 'https://user:s3cret@host?x' },
        `endpoint: expected a whole address without query, such as https://traces.example.com or http://localhost:8000, got "https://…@host?x"`,
      ],
      [{ mask: 'secret' }, 'mask: expected a function, got string'],
    ];
    for (const [options, message] of told) {
      it(`is reported in full: ${Object.keys(options)}`, () => {
        expect(refusal(options).message).to.equal(message);
      });
    }
  });

  describe('a misspelt option', () => {
    for (const name of ['apikey', 'project', 'flush_interval', 'toString', '__proto__']) {
      it(`refuses ${name} and lists the valid ones`, () => {
        const error = refusal(JSON.parse(`{ "${name}": 1 }`));
        expect(error).to.include({ code: 'ERR_SETTINGS', option: name });
        expect(error.message).to.include('expected one of apiKey, projectName, endpoint');
        expect(error.message).to.include(`got the option ${name}`);
      });
    }

    it('knows every option of this table', () => {
      const { message } = refusal({ unknown: 1 });
      for (const { option } of rows) expect(message).to.match(new RegExp(`\\b${option}\\b`));
    });

    for (const options of [null, 'sk_pp_key', 42]) {
      it(`refuses ${JSON.stringify(options)} instead of options`, () => {
        expect(() => readSettings(options as Options, {}))
          .to.throw(SettingsError, /^expected an object of options/)
          .with.property('option', 'options');
      });
    }
  });

  describe('the key', () => {
    const key = 'sk_pp_canary_4f1d9a';
    const slips: Record<string, object> = {
      'with a space in it': { apiKey: `${key} x` },
      'in an object': { apiKey: { key } },
      'given as the endpoint': { endpoint: key },
      'given as the project name, with a slash': { projectName: `${key}/x` },
      'given as the environment, far too long': { environment: key.repeat(20) },
    };
    for (const [what, options] of Object.entries(slips)) {
      it(`stays out of the error when it is ${what}`, () => {
        const error = refusal(options);
        expect(`${error.message} ${error.stack} ${JSON.stringify(error)}`).not.to.include(key);
      });
    }

    for (const variable of ['API_KEY', 'ENDPOINT', 'PROJECT_NAME', 'EXIT_TIMEOUT', 'BATCH_SIZE', 'WORKER']) {
      it(`stays out of the warning when it is in PANDAPROBE_${variable}`, () => {
        const { settings, warnings } = readSettings({}, { [`PANDAPROBE_${variable}`]: `${key} /x` });
        const said = [...warnings, settings.wrong ?? []].flat();
        expect(said).to.have.length(1);
        expect(said[0]).not.to.include(key);
      });
    }
  });

  describe('P34 several wrong variables', () => {
    const variables = { PANDAPROBE_ENDPOINT: 'host', PANDAPROBE_API_KEY: 'a b', PANDAPROBE_SAMPLE_RATE: '10%' };

    it('are reported in one message', () => {
      const { wrong } = readSettings({ projectName: 'specs' }, variables).settings;
      const names = wrong?.split('; ').map((each) => each.slice(0, each.indexOf(':')));
      expect(names).to.have.members(Object.keys(variables));
    });

    it('do not matter if recording is switched off', () => {
      expect(readSettings({ enabled: false }, variables).settings.wrong).to.equal(undefined);
    });

    it('stop sinks of the program only if they do not concern the backend', () => {
      const { PANDAPROBE_SAMPLE_RATE: rate, ...ofBackend } = variables;
      expect(readSettings({ sinks: [] }, ofBackend).settings.wrong).to.equal(undefined);
      expect(readSettings({ sinks: [] }, { PANDAPROBE_SAMPLE_RATE: rate }).settings.wrong).to.be.a('string');
    });

    it('are reported without the password of an endpoint', () => {
      const { wrong } = settle({}, { PANDAPROBE_ENDPOINT: 'https://user:s3cret@host?x' }).settings;
      expect(wrong).to.be.a('string').that.does.not.include('s3cret').and.does.not.include('user');
    });
  });

  describe('P34 the proxy of the environment', () => {
    const wrongWith = (environment: Record<string, string>, endpoint = 'https://host') =>
      settle({ endpoint }, environment).settings.wrong;

    for (const proxy of [
      'http://proxy:3128',
      'proxy:3128',
      'https://u:p%40@proxy',
      '10.0.0.1:3128',
      'socks5://proxy:1080',
    ])
      it(`may be ${proxy}`, () => {
        expect(wrongWith({ HTTPS_PROXY: proxy })).to.equal(undefined);
      });

    for (const proxy of [
      'http//proxy:3128',
      'proxy:312800',
      '"http://proxy"',
      'ftp://proxy',
      'http://',
      'a b',
      'http://{PROXY}',
    ])
      it(`records nothing when it is ${proxy}, and does not show it`, () => {
        for (const name of ['https_proxy', 'HTTPS_PROXY', 'all_proxy', 'ALL_PROXY'])
          expect(wrongWith({ [name]: proxy })).to.match(new RegExp(`^${name}: expected .+, got something else$`));
      });

    it('does not matter if requests do not go through it', () => {
      expect(wrongWith({ HTTP_PROXY: 'a b' })).to.equal(undefined);
      expect(wrongWith({ HTTPS_PROXY: 'a b' }, 'http://host')).to.equal(undefined);
      expect(wrongWith({ https_proxy: 'proxy:1', ALL_PROXY: 'a b' })).to.equal(undefined);
      for (const name of ['NO_PROXY', 'no_proxy'])
        expect(wrongWith({ HTTPS_PROXY: 'a b', [name]: 'host' })).to.equal(undefined);
    });

    it('is reported if HTTP_PROXY is wrong, for requests without TLS', () => {
      expect(wrongWith({ HTTP_PROXY: 'a b' }, 'http://host')).to.match(/^HTTP_PROXY/);
    });

    it('is not taken from a header of a CGI request', () => {
      expect(wrongWith({ HTTPS_PROXY: 'a b', REQUEST_METHOD: 'GET' })).to.match(/^HTTPS_PROXY/);
      expect(wrongWith({ HTTP_PROXY: 'a b', REQUEST_METHOD: 'GET' }, 'http://host')).to.equal(undefined);
      expect(wrongWith({ http_proxy: 'a b', REQUEST_METHOD: 'GET' }, 'http://host')).to.match(/^http_proxy/);
    });

    it('is not set by a variable of white space', () => {
      expect(wrongWith({ HTTPS_PROXY: ' ' })).to.equal(undefined);
      expect(wrongWith({ HTTPS_PROXY: ' ', ALL_PROXY: 'a b' })).to.match(/^ALL_PROXY/);
    });
  });

  describe('the result', () => {
    it('is frozen', () => {
      expect(settle().settings).to.be.frozen;
    });

    it('names what is missing: the key, the project name, or both', () => {
      expect(readSettings({}, {}).settings.missing).to.equal('no API key and no project name');
      expect(readSettings({ projectName: 'p' }, {}).settings.missing).to.equal('no API key');
      expect(readSettings({ apiKey: 'k' }, {}).settings.missing).to.equal('no project name');
      expect(settle().settings.missing).to.equal(undefined);
    });

    it('misses neither if sinks are given, or recording is off', () => {
      expect(readSettings({ sinks: [] }, {}).settings.missing).to.equal(undefined);
      expect(readSettings({ enabled: false }, {}).settings.missing).to.equal(undefined);
    });

    it('says whether the platform is serverless', () => {
      expect(settle().settings.isServerless).to.equal(false);
      expect(settle({}, { VERCEL: '1' }).settings.isServerless).to.equal(true);
    });
  });
});
