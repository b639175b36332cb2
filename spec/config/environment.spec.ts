import { expect } from 'chai';
import { isServerless, readEnvironment, transportEnvironment } from '../../lib/config/environment.js';

describe('Environment', () => {
  describe('.isServerless()', () => {
    const platforms = {
      'AWS Lambda': 'AWS_LAMBDA_FUNCTION_NAME',
      Vercel: 'VERCEL',
      Netlify: 'NETLIFY',
      'Azure Functions': 'FUNCTIONS_WORKER_RUNTIME',
      'Google Cloud Functions': 'FUNCTION_TARGET',
    };
    for (const [platform, variable] of Object.entries(platforms)) {
      it(`knows ${platform} by ${variable}`, () => {
        expect(isServerless({ [variable]: 'x' })).to.equal(true);
      });
    }

    it('returns false otherwise', () => {
      expect(isServerless({})).to.equal(false);
      expect(isServerless({ VERCEL: '', KUBERNETES_SERVICE_HOST: '10.0.0.1' })).to.equal(false);
    });
  });

  describe('.transportEnvironment()', () => {
    it('holds the variables for proxies and certificates that are set, and no others', () => {
      const set = { HTTPS_PROXY: 'http://proxy', SSL_CERT_DIR: '/certs' };
      const found = transportEnvironment({ ...set, https_proxy: '', NO_PROXY: undefined, PATH: '/bin' });
      expect({ ...found }).to.deep.equal(set);
    });
  });

  describe('.readEnvironment()', () => {
    afterEach(() => {
      delete process.env.PANDAPROBE_SPEC;
    });

    it('treats a variable that may not be read as not set', () => {
      const { env } = process;
      process.env = new Proxy(env, {
        getOwnPropertyDescriptor: () => {
          throw new Error('NotCapable');
        },
      });
      try {
        expect(readEnvironment().PATH).to.equal(undefined);
      } finally {
        process.env = env;
      }
    });

    it('returns the variables of the process at the time of the call', () => {
      process.env.PANDAPROBE_SPEC = 'here';
      expect(readEnvironment().PANDAPROBE_SPEC).to.equal('here');
    });
  });
});
